// SPDX-License-Identifier: BSD-3-Clause
// The one way in for a configuration. Main thread.
#pragma once

#include "common/diagnostic.h"
#include "config/config.h"

// Reads and checks the file. On success *ret_config is a new configuration, freed with config_free.
// Otherwise a negative errno, *ret_config untouched, and d holds the one sentence.
int config_load(const char *path, struct config **ret_config, struct diagnostic *d);

// Frees c; NULL is fine.
void config_free(struct config *c);
