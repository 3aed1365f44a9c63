// SPDX-License-Identifier: BSD-3-Clause
// Sources: columns/columns_ip4 interleave
// Unwind: 120
// Seconds: 15
#define FRAME          90
#define COLUMNS_SEEK   columns_ip4_seek
#define COLUMNS_JUDGE  columns_ip4_judge
#define COLUMNS_ODD    columns_ip4_odd
#define COLUMNS_ANSWER columns_ip4_answer
#include "columns_proof.h"
