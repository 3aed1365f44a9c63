// SPDX-License-Identifier: BSD-3-Clause
// Sources: smear
// Seconds: 60
#include "proof.h"

#include "core/smear.h"

// Linear smear, any moment, both signs: whole at the ends, within the leap between them, and from
// one unit (0.23 ns) to the next never more than one unit and never back. The cosine's series has
// more products than can be decided; test_smear.c goes through it.
int main(void)
{
	int64_t since = nondet_int64();
	int8_t step = nondet_uint8() % 2 == 0 ? 1 : -1;
	int64_t length = ntp_time_from_seconds(SMEAR_LENGTH_S + step);
	assume(since >= -4 && since <= length + 4);
	int64_t now = step * smear_lag(SMEAR_LINEAR, step, since);
	int64_t next = step * smear_lag(SMEAR_LINEAR, step, since + 1);
	claim(now >= 0 && now <= (int64_t)1 << 32);
	claim(since > 0 || now == 0);
	claim(since < length || now == (int64_t)1 << 32);
	claim(next == now || next == now + 1);
#ifdef CANARY
	claim(next == now);
#endif
	return 0;
}
