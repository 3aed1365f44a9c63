// SPDX-License-Identifier: BSD-3-Clause
// One round of a worker: every queue polled once, what came answered.
#pragma once

#include "worker/worker.h"

// Polls every queue of w that is not shut once and answers what came. Returns the packets received.
// No system call where the kernel does not send within one, no allocation, no lock. Worker's
// thread.
unsigned worker_poll(struct worker *w);
