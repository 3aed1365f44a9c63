// SPDX-License-Identifier: BSD-3-Clause
// Sources: columns/columns_ip6 interleave
// Unwind: 120
// Seconds: 15
#define FRAME          110
#define COLUMNS_SEEK   columns_ip6_seek
#define COLUMNS_JUDGE  columns_ip6_judge
#define COLUMNS_ODD    columns_ip6_odd
#define COLUMNS_ANSWER columns_ip6_answer
#include "columns_proof.h"
