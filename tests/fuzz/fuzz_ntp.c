// SPDX-License-Identifier: BSD-3-Clause
// Reaches: ntp_request_read extensions_read authentication_read ntp_reply_write
// An NTP message alone. The first two bytes are the source port.
#include <string.h>

#include "core/ntp.h"
#include "fuzz.h"

static void reply_judge(uint8_t *message, enum verdict v, uint16_t port)
{
	static const struct ntp_answer answer = {.stratum = 1, .precision = -26};
	uint8_t transmit[8];
	memcpy(transmit, message + 40, sizeof(transmit));
	ntp_reply_write(message, v, &answer, (struct ntp_time){1}, (struct ntp_time){2});
	promise(memcmp(message + 24, transmit, sizeof(transmit)) == 0);
	promise(!verdict_is_answer(ntp_request_read(message, NTP_LENGTH, port)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (length < 3)
		return 0;
	uint16_t port = (uint16_t)(bytes[0] << 8 | bytes[1]);
	uint8_t *message = malloc(length - 2);
	promise(message != NULL);
	memcpy(message, bytes + 2, length - 2);
	enum verdict v = ntp_request_read(message, length - 2, port);
	promise(v < VERDICT_COUNT);
	if (verdict_is_answer(v)) {
		promise(length - 2 >= NTP_LENGTH && (length - 2) % 4 == 0);
		reply_judge(message, v, port);
	}
	free(message);
	return 0;
}
