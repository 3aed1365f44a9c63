// SPDX-License-Identifier: BSD-3-Clause
// Sources: frame service
// Seconds: 140
#include "checksum_stub.h"
#include "proof.h"

int main(void)
{
	size_t length = nondet_size();
	struct proof_room room;
	uint8_t *data = proof_bytes(&room, length);
	struct service s = proof_service();
	struct frame f;
	enum verdict v = frame_open(&s, data, length, proof_report(), &f);
	claim(v < VERDICT_COUNT);
	if (!verdict_is_answer(v))
		return 0;
	size_t ip = (size_t)(f.ip - data);
	size_t ntp = (size_t)(f.ntp - data);
	claim(ip == 14 || ip == 18 || ip == 22);
	claim(ntp == ip + (f.is_ip6 ? 48 : 28));
	claim(ntp + f.ntp_length <= length);
	claim(f.source_port != 0);
#ifdef CANARY
	claim(ntp + f.ntp_length < length);
#endif
	return 0;
}
