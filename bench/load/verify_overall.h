// SPDX-License-Identifier: BSD-3-Clause
// The rules that no single reply shows: judged at the end of a session, over all that came. Each fills in
// verdict and sentence, or leaves both as they are where nothing was asked. Pure; one thread.
#pragma once

#include "verify_session.h"

// Whether the bits below the precision differ (H7e).
void verify_overall_noise(const struct verify_session *s, struct verify_finding *f);

// Whether root dispersion stays, from the first reply to the last (H13).
void verify_overall_growth(const struct verify_session *s, struct verify_finding *f);

// Whether broadcasts came (H20b).
void verify_overall_broadcast(const struct verify_session *s, struct verify_finding *f);

// Whether receive timestamps are one reply's alone (I5).
void verify_overall_unique(const struct verify_session *s, struct verify_finding *f);
