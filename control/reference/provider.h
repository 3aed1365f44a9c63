// SPDX-License-Identifier: BSD-3-Clause
// Asking the configured reference without ever waiting for it: a question is put in one turn of the
// control loop and looked after in the following ones.
//
// What is no good - silence, half an answer, one that cannot be used - is an answer that did not
// come; its reason is logged when it changes. One thread; no DPDK.
#pragma once

#include "config/config.h"
#include "core/ntp_time.h"
#include "reference/kernel_clock.h"
#include "reference/mode6.h"
#include "reference/ntpd_rs.h"
#include "reference/phc.h"
#include "reference/phc_device.h"
#include "reference/reference.h"

// An answer must be whole by then.
#define PROVIDER_TIMEOUT_NS 250000000LL

enum provider_step {
	PROVIDER_WAIT, // nothing is being asked, or the answer is not whole yet
	PROVIDER_TOLD, // there is an answer
	PROVIDER_FAIL, // it did not come, or is no good
};

// A question on its way to a daemon, and what was kept of earlier ones.
struct ask {
	int fd;                     // -1: none
	struct nanos now;           // since 1970: when it was put
	struct kernel_clock kernel; // then
	const char *why;            // of the failure; static, or good until the next question
};

struct ask_ntpd_rs {
	const char *path;
	uint8_t header[NTPD_RS_HEADER];
	size_t gotten;  // header included
	size_t length;  // of the document, once the header is whole
	char *document; // NULL: none yet
	struct ntpd_rs_memory memory;
};

struct ask_chrony {
	uint32_t sequence;
	char own_path[CONFIG_SOCKET]; // "": none is bound
};

struct ask_ntpd {
	uint16_t port; // on 127.0.0.1
	uint16_t sequence;
	struct mode6 answer;
};

struct provider;

// What a provider is made of: one constant of functions for each source. They wait for nothing.
// What is known at once has no ask and no end.
struct provider_ops {
	const char *name; // the source, as the configuration names it
	// Puts p->ask, whose moment is set and whose fd is -1: 0, or -1 and p->ask.why.
	int (*ask)(struct provider *p);
	// Reads what is there. PROVIDER_FAIL with p->ask.why; PROVIDER_TOLD with *ret_reference.
	enum provider_step (*look)(struct provider *p, struct reference *ret_reference);
	// Closes and frees what _ask and _look made; always called, also after they failed.
	void (*end)(struct provider *p);
};

struct provider {
	const struct config_reference *config;
	const struct provider_ops *kind;
	struct ask ask;
	struct nanos asked; // passed then
	struct ask_ntpd_rs ntpd_rs;
	struct ask_ntpd ntpd;
	struct ask_chrony chrony;
	struct phc phc;
	struct phc_device phc_device;
	struct phc_source phc_source; // read == NULL: the device itself
	struct phc_tai tai;           // of nobody, until who opened it says otherwise
	bool has_failed;              // the last question did
	char told[160];               // why, as it was logged
};

// A provider of what c says, which must outlive it.
void provider_open(struct provider *p, const struct config_reference *c);

// Puts a question at `now` (since 1970), when the kernel's clock state is `kernel` and `passed` is
// what has passed by a clock that nobody sets; an older one is given up.
void provider_request(
	struct provider *p, struct kernel_clock kernel, struct nanos now, struct nanos passed);

// Whether a question is on its way.
bool provider_is_pending(const struct provider *p);

// Looks after the question: PROVIDER_TOLD and PROVIDER_FAIL end it and fill *ret_reference, which
// then says so in `answered`. `passed` as of provider_request.
enum provider_step provider_poll(
	struct provider *p, struct nanos passed, struct reference *ret_reference);

// Gives up what is being asked; fine on a closed one.
void provider_close(struct provider *p);

// The kinds, one for each source.
extern const struct provider_ops provider_chrony;
extern const struct provider_ops provider_ntpd_rs;
extern const struct provider_ops provider_ntpd;
extern const struct provider_ops provider_kernel;
extern const struct provider_ops provider_fixed;
extern const struct provider_ops provider_phc;
