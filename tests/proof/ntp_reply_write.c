// SPDX-License-Identifier: BSD-3-Clause
// Sources: ntp snapshot ntp_time checksum smear
// Seconds: 20
#include "proof.h"

#include "core/ntp.h"

int main(void)
{
	struct proof_room room;
	uint8_t *message = proof_bytes(&room, NTP_LENGTH);
	uint8_t request[NTP_LENGTH];
	memcpy(request, message, sizeof(request));
	struct clock_view view = nondet_clock_view();
	assume(view.leap <= LEAP_UNKNOWN);
	struct cycles now = {nondet_uint64()};
	struct ntp_answer a;
	ntp_answer_prepare(&view, now, nondet_uint64(), &a);
	enum verdict v = (enum verdict)nondet_uint8();
	assume(verdict_is_answer(v));
	ntp_reply_write(message, v, &a, (struct ntp_time){nondet_uint64()},
		(struct ntp_time){nondet_uint64()});
	claim(memcmp(message + 24, request + 40, 8) == 0);
	claim((message[0] & 0x38) == (request[0] & 0x38));
	claim((message[0] & 7) == NTP_MODE_SERVER ||
		(message[0] & 7) == NTP_MODE_SYMMETRIC_PASSIVE);
	claim(message[2] == request[2]);
	claim(message[0] >> 6 == a.leap && message[1] == a.stratum);
	// A server that is not synchronised says so in both places.
	if (message[0] >> 6 == LEAP_UNKNOWN)
		claim(message[1] == 0);
	// A reply is never answered: no loop of two servers.
	claim(!verdict_is_answer(ntp_request_read(message, NTP_LENGTH, nondet_uint16())));
#ifdef CANARY
	claim(message[0] >> 6 != LEAP_UNKNOWN);
#endif
	return 0;
}
