// SPDX-License-Identifier: BSD-3-Clause
// The references there are, all asked once a second, and the one of them that is followed.
//
// A change is logged with its reason and counted in the status segment. One thread; no DPDK.
#pragma once

#include "reference/reference_select.h"
#include "config/config.h"
#include "status/statseg.h"
#include "reference/provider.h"
#include "reference/reference_check.h"

struct reference_set {
	const struct config *config;
	struct provider provider[CONFIG_REFERENCES];
	struct reference_select select;
	struct reference_check check;
};

// Those of config, which must outlive it, with who knows TAI - UTC.
void reference_set_open(
	struct reference_set *s, const struct config *config, const struct phc_tai *tai);

// Asks all that are not being asked. kernel: its clock state at now; now: since 1970; passed: since
// the start.
void reference_set_ask(
	struct reference_set *s, struct kernel_clock kernel, struct nanos now, struct nanos passed);

// Looks after the questions, and asks one that is to be followed anew. True: *ret_word is what a
// poll of the followed one came to, which may be another than before. now and passed as above.
bool reference_set_look(struct reference_set *s, struct nanos now, struct nanos passed,
	struct reference_word *ret_word);

// Holds the followed one's last word against the kernel's clock state.
void reference_set_check(struct reference_set *s, struct kernel_clock kernel);

// The configuration of the one that is followed.
const struct config_reference *reference_set_followed(const struct reference_set *s);

// Writes into the status segment who there is: what never changes, once, and what was said, after
// each poll.
void reference_set_introduce(const struct config *config, struct statseg_head *head);
void reference_set_publish(
	const struct reference_set *s, struct nanos passed, struct statseg_head *head);

// Gives up what is being asked; fine on a zeroed one.
void reference_set_close(struct reference_set *s);
