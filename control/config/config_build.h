// SPDX-License-Identifier: BSD-3-Clause
// From the shape libcyaml loads to the configuration, with the checks that need more than one
// value: nothing named twice, no more of one kind than fits. Main thread only.
#pragma once

#include "config/config.h"
#include "config/config_tree.h"
#include "config/config_report.h"
#include "config/config_schema.h"

// Fills *c, which is zero, from raw; o tells the lines. -EINVAL with the sentence in r.
int config_build(struct config *c, const struct raw_config *raw, const struct config_tree *o,
	const struct config_report *r);
