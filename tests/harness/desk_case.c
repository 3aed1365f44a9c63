// SPDX-License-Identifier: BSD-3-Clause
#include "harness/desk_case.h"

#include "harness/reply_check.h"

struct desk desk;

int desk_set_up(void **state)
{
	(void)state;
	desk_open(&desk);
	return 0;
}

int desk_tear_down(void **state)
{
	(void)state;
	desk_close(&desk);
	return 0;
}

void desk_reset(void)
{
	desk_close(&desk);
	desk_open(&desk);
}

struct frame_spec desk_good(uint64_t n)
{
	struct frame_spec s;
	if (n & 1)
		frame_spec_ip6(&s);
	else
		frame_spec_ip4(&s);
	return s;
}

void desk_expect(const struct frame_spec *s, enum verdict want, const char *what, unsigned n)
{
	enum verdict got = desk_ask_spec(&desk, s);
	if (got != want)
		fail_msg("%s %u: %s, not %s", what, n, verdict_text(got), verdict_text(want));
	if (desk.reply_length > 0)
		reply_check(&desk);
}
