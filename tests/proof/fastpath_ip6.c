// SPDX-License-Identifier: BSD-3-Clause
// Sources: fastpath/fastpath_ip6 interleave
// Unwind: 120
// Seconds: 15
#define FRAME             110
#define FASTPATH_SEEK     fastpath_ip6_seek
#define FASTPATH_JUDGE    fastpath_ip6_judge
#define FASTPATH_MISMATCH fastpath_ip6_mismatch
#define FASTPATH_ANSWER   fastpath_ip6_answer
#include "fastpath_proof.h"
