// SPDX-License-Identifier: BSD-3-Clause
// Sources: frame service
// Seconds: 20
#include "checksum_stub.h"
#include "proof.h"

#include "core/ntp.h"

int main(void)
{
	size_t length = nondet_size();
	struct proof_room room;
	uint8_t *data = proof_bytes(&room, length);
	struct service s = proof_service();
	// What frame_open and ntp_request_read promise of a frame that is to be answered.
	size_t ip = nondet_size();
	assume(ip == 14 || ip == 18 || ip == 22);
	struct frame f = nondet_frame();
	size_t ntp = ip + (f.is_ip6 ? 48 : 28);
	assume(ntp + NTP_LENGTH <= length);
	f.ip = data + ip;
	f.ntp = data + ntp;
	size_t watched = nondet_size();
	assume(watched < length);
	uint8_t before = data[watched];
	size_t reply = frame_reply(&s, data, &f, nondet_uint64());
	claim(reply == ntp + NTP_LENGTH && reply <= length);
	// Tags and the message itself stay as they are, and nothing behind the reply is touched.
	bool is_tag = watched >= 12 && watched < ip;
	if (is_tag || watched >= ntp)
		claim(data[watched] == before);
#ifdef CANARY
	claim(data[watched] == before);
#endif
	return 0;
}
