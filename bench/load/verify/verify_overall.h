// SPDX-License-Identifier: BSD-3-Clause
// The rules that no single reply shows: judged at the end of a session, over all that came. Each
// fills in verdict and sentence, or leaves both as they are where nothing was asked. Pure; one
// thread.
#pragma once

#include "verify/verify_finding.h"
#include "verify/verify_pairs.h"

// Whether the bits below the precision differ, in replies to plain requests (H7e).
void verify_overall_noise(const struct verify_volley *plain, struct verify_finding *f);

// Whether root dispersion stays, from the first plain request to the last (H13).
void verify_overall_growth(const struct verify_exchange *first, const struct verify_exchange *last,
	struct verify_finding *f);

// Whether any broadcasts came (H20b).
void verify_overall_broadcast(unsigned broadcasts, struct verify_finding *f);

// Whether receive timestamps are one reply's alone (I5).
void verify_overall_unique(const struct verify_stamps *t, struct verify_finding *f);
