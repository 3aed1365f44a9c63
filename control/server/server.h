// SPDX-License-Identifier: BSD-3-Clause
// The server from start to end: everything that is brought up in order, the control loop, and
// everything taken down again in the opposite order. Main thread.
#pragma once

#include "config/config.h"

// How long a stopping server goes on answering, so that who removes it from service in the meantime
// loses no request.
#define SERVER_DRAIN_MS 500

// Runs the server until it is told to stop. 0, or a negative errno after one sentence in the log,
// which is the last line then.
int server_run(const struct config *c);
