// SPDX-License-Identifier: BSD-3-Clause
// Sources: ntp snapshot ntp_time checksum smear
// Seconds: 20
#include "proof.h"

#include "core/ntp.h"

int main(void)
{
	size_t length = nondet_size();
	struct proof_room room;
	uint8_t *message = proof_bytes(&room, length);
	uint16_t port = nondet_uint16();
	enum verdict v = ntp_request_read(message, length, port);
	claim(v < VERDICT_COUNT);
	if (!verdict_is_answer(v))
		return 0;
	unsigned version = message[0] >> 3 & 7;
	unsigned mode = message[0] & 7;
	claim(length >= NTP_LENGTH && length % 4 == 0);
	claim(version >= 1 && version <= 4);
	claim(mode == NTP_MODE_CLIENT || mode == NTP_MODE_SYMMETRIC_ACTIVE ||
		(mode == NTP_MODE_RESERVED && version == 1 && port != NTP_PORT));
	claim(version == 4 || length == NTP_LENGTH);
#ifdef CANARY
	claim(length == NTP_LENGTH);
#endif
	return 0;
}
