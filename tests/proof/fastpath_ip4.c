// SPDX-License-Identifier: BSD-3-Clause
// Sources: fastpath/fastpath_ip4 interleave
// Unwind: 120
// Seconds: 15
#define FRAME             90
#define FASTPATH_SEEK     fastpath_ip4_seek
#define FASTPATH_JUDGE    fastpath_ip4_judge
#define FASTPATH_MISMATCH fastpath_ip4_mismatch
#define FASTPATH_ANSWER   fastpath_ip4_answer
#include "fastpath_proof.h"
