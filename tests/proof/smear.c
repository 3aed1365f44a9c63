// SPDX-License-Identifier: BSD-3-Clause
// Sources: smear
// Seconds: 20
#include "proof.h"

#include "core/smear.h"

// Linear smear, any moment, both signs: nothing until the begin, the whole leap from the end on,
// and never outside the leap between them. That it is even, and the cosine, whose series has more
// products than can be decided, test_smear.c goes through.
int main(void)
{
	int64_t since = nondet_int64();
	int8_t step = nondet_uint8() % 2 == 0 ? 1 : -1;
	int64_t length = ntp_time_from_seconds(SMEAR_LENGTH_S + step);
	int64_t lag = step * smear_lag(SMEAR_LINEAR, step, since);
	claim(lag >= 0 && lag <= (int64_t)1 << 32);
	claim(since > 0 || lag == 0);
	claim(since < length || lag == (int64_t)1 << 32);
#ifdef CANARY
	claim(lag < (int64_t)1 << 32);
#endif
	return 0;
}
