// SPDX-License-Identifier: BSD-3-Clause
// Whether an outline is what the schema wants, value by value in the order of the file: the first
// mistake becomes the sentence. What passes here libcyaml loads. Main thread only.
#pragma once

#include "config/config_tree.h"
#include "config/config_report.h"
#include "config/config_schema.h"

// 0, or a negative errno with the sentence in r.
int config_check(const struct config_tree *o, const cyaml_schema_value_t *file,
	const struct config_report *r);
