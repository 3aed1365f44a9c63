// SPDX-License-Identifier: BSD-3-Clause
// The keys in force, and how a new file takes their place while workers answer: nothing is lost,
// and a bad file changes nothing. Main thread; no DPDK.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/diagnostic.h"
#include "config/config.h"
#include "core/auth/keys.h"
#include "status/statseg.h"

struct keyring {
	const char *path;        // "": there are no keys
	struct statseg *statseg; // where keys are shown; NULL: nowhere
	struct keys *current;    // given to the workers
	struct keys *retired;    // the one before, until all of them took the current one
	struct key_handover *post[CONFIG_WORKERS];
	unsigned post_count;
	bool is_asked; // to read the file again
};

// Reads path for the first time, if it is not "". -errno with one sentence in d. A file that
// others may read is a warning in the log.
int keyring_open(struct keyring *k, const char *path, struct diagnostic *d);

// Gives the keys to a worker that does not run yet, and from now on every new table.
void keyring_join(struct keyring *k, struct key_handover *post);

// Shows the keys on the status segment from now on.
void keyring_show(struct keyring *k, struct statseg *statseg);

// Asks for the file to be read again.
void keyring_ask(struct keyring *k);

// Once a tick: frees what no worker uses any more, and reads the file if that was asked for. A bad
// file is one sentence in the log, and the current keys stay in force.
void keyring_tick(struct keyring *k);

// Wipes and frees all, once no worker runs.
void keyring_close(struct keyring *k);
