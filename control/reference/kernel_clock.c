// SPDX-License-Identifier: BSD-3-Clause
#include "reference/kernel_clock.h"

struct kernel_clock kernel_clock_read(void)
{
	struct timex t = {.modes = 0};
	int state = adjtimex(&t);
	if (state < 0)
		return (struct kernel_clock){.state = -1};
	return (struct kernel_clock){state, t.status, t.maxerror, t.offset, t.tai};
}
