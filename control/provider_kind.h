// SPDX-License-Identifier: BSD-3-Clause
// What a provider is made of: one constant of functions for each source. They wait for nothing. What is
// known at once has no ask and no end.
#pragma once

#include "provider.h"

struct provider_kind {
	const char *name; // the source, as the configuration names it
	// Puts p->ask, whose moment is set and whose fd is -1: 0, or -1 and p->ask.why.
	int (*ask)(struct provider *p);
	// Reads what is there. PROVIDER_FAIL with p->ask.why; PROVIDER_TOLD with *ret_reference.
	enum provider_step (*look)(struct provider *p, struct reference *ret_reference);
	// Closes and frees what _ask and _look made; always called, also after they failed.
	void (*end)(struct provider *p);
};

extern const struct provider_kind provider_chrony;
extern const struct provider_kind provider_ntpd_rs;
extern const struct provider_kind provider_ntpd;
extern const struct provider_kind provider_kernel;
extern const struct provider_kind provider_fixed;
extern const struct provider_kind provider_phc;
