// SPDX-License-Identifier: BSD-3-Clause
// The counter of a server: all its threads read the same one. Any thread.
#pragma once

#include <stdint.h>

#include "config/config.h"
#include "core/ntp_time.h"

// How a counter is read.
struct counter_hooks {
	struct cycles (*control)(
		void *context); // in order with what stands before; context is not used
	uint64_t (*worker)(void);
};

// The hooks of COUNTER_TSC or COUNTER_KERNEL. Static storage.
const struct counter_hooks *counter_hooks(enum counter c);
