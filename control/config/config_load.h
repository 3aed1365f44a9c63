// SPDX-License-Identifier: BSD-3-Clause
// The one way in for a configuration. Main thread.
#pragma once

#include "config/config.h"

// Reads and checks the file. On success *ret_config is a new configuration, freed with config_free.
// Otherwise a negative errno, *ret_config untouched, and message (of message_size bytes) holds the
// one sentence, without a newline.
int config_load(const char *path, struct config **ret_config, char *message, size_t message_size);

// Frees c; NULL is fine.
void config_free(struct config *c);
