// SPDX-License-Identifier: BSD-3-Clause
// Reaches: ntp_request_read extensions_read authentication_read ntp_reply_write auth_add auth_check
// auth_sign An NTP message alone, with or without a code. The first two bytes are the source port.
#include <string.h>

#include "core/auth/auth.h"
#include "core/ntp.h"
#include "fuzz.h"
#include "fuzz_keys.h"

// What the keys say of a message: the number of right codes, 0 or 1.
static unsigned code_judge(struct auth *a, struct packet *p, uint8_t *message, size_t length)
{
	static struct key_counters counters;
	*p = (struct packet){.verdict = V_NTP_MAC};
	p->frame.ntp = message;
	p->frame.ntp_length = (uint16_t)length;
	a->keys = fuzz_keys();
	a->counters = &counters;
	auth_begin(a);
	auth_add(a, 0, p);
	return auth_check(a, p);
}

// The code of a reply is over what stands there.
static void signature_judge(uint8_t *message, size_t length)
{
	static struct auth a;
	struct packet p;
	promise(code_judge(&a, &p, message, length) == 1);
	message[NTP_LENGTH - 1] ^= 1;
	promise(code_judge(&a, &p, message, length) == 0);
	promise(p.verdict == V_NTP_MAC_WRONG);
}

static void reply_judge(uint8_t *message, enum verdict v, uint16_t port)
{
	static const struct ntp_answer answer = {.stratum = 1, .precision = -26};
	uint8_t transmit[8];
	memcpy(transmit, message + 40, sizeof(transmit));
	ntp_reply_write(message, v, &answer, (struct ntp_time){1}, (struct ntp_time){2});
	promise(memcmp(message + 24, transmit, sizeof(transmit)) == 0);
	promise(!verdict_is_answer(ntp_request_read(message, NTP_LENGTH, port)));
}

static void authenticated_judge(uint8_t *message, size_t length, uint16_t port)
{
	static struct auth a;
	struct packet p;
	promise(length <= UINT16_MAX);
	if (code_judge(&a, &p, message, length) == 0) {
		promise(p.verdict == V_NTP_MAC || p.verdict == V_NTP_MAC_WRONG);
		promise(!auth_is_member(&a, 0));
		return;
	}
	promise(auth_is_member(&a, 0) == verdict_is_answer(p.verdict));
	size_t code = a.job[0].code_length;
	reply_judge(message, p.verdict, port);
	auth_sign(&a);
	signature_judge(message, NTP_LENGTH + code);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	if (length < 3 || length > 9002)
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
	if (v == V_NTP_MAC)
		authenticated_judge(message, length - 2, port);
	free(message);
	return 0;
}
