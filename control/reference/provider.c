// SPDX-License-Identifier: BSD-3-Clause
#include "reference/provider.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "core/ntp.h"
#include "common/log.h"

static const struct provider_ops *const kinds[] = {
	[REFERENCE_KERNEL] = &provider_kernel,
	[REFERENCE_FIXED] = &provider_fixed,
	[REFERENCE_NTPD_RS] = &provider_ntpd_rs,
	[REFERENCE_NTPD] = &provider_ntpd,
	[REFERENCE_PHC] = &provider_phc,
	[REFERENCE_CHRONY] = &provider_chrony,
};

void provider_open(struct provider *p, const struct config_reference *c)
{
	*p = (struct provider){
		.config = c,
		.kind = kinds[c->source],
		.ask = {.fd = -1},
		.ntpd_rs = {.path = c->socket},
		.ntpd = {.port = NTP_PORT},
	};
	uint16_t *first = &p->ntpd.sequence;
	// Nobody but root answers from port 123: without luck any number does.
	if (getrandom(first, sizeof(*first), GRND_NONBLOCK) != (ssize_t)sizeof(*first))
		*first = 1;
}

void provider_request(
	struct provider *p, struct kernel_clock kernel, struct nanos now, struct nanos passed)
{
	provider_close(p);
	p->asked = passed;
	p->ask = (struct ask){.fd = -1, .now = now, .kernel = kernel};
	if (p->kind->ask != NULL)
		(void)p->kind->ask(p);
}

bool provider_is_pending(const struct provider *p)
{
	return p->ask.now.n != 0;
}

// Each reason once, and once that it is over.
static void failure_tell(struct provider *p, enum provider_step step)
{
	const char *name = p->kind->name;
	const char *role = p->config->place == 0 ? "reference" : "fallback reference";
	char why[sizeof(p->told)];
	snprintf(why, sizeof(why), "%s", step == PROVIDER_FAIL ? p->ask.why : "");
	if (step == PROVIDER_TOLD && p->has_failed)
		log_info("%s %s: it answers", role, name);
	if (step == PROVIDER_FAIL && strcmp(why, p->told) != 0)
		log_warning("%s %s: no answer: %s", role, name, why);
	p->has_failed = step == PROVIDER_FAIL;
	memcpy(p->told, why, sizeof(why));
}

enum provider_step provider_poll(
	struct provider *p, struct nanos passed, struct reference *ret_reference)
{
	struct reference r = {.answered = false, .source = p->config->source};
	if (!provider_is_pending(p))
		return PROVIDER_WAIT;
	enum provider_step step = p->ask.why == NULL ? p->kind->look(p, &r) : PROVIDER_FAIL;
	if (step == PROVIDER_WAIT && passed.n - p->asked.n >= PROVIDER_TIMEOUT_NS) {
		p->ask.why = "nothing whole within 250 ms";
		step = PROVIDER_FAIL;
	}
	if (step == PROVIDER_WAIT)
		return step;
	failure_tell(p, step);
	provider_close(p);
	*ret_reference = r;
	return step;
}

void provider_close(struct provider *p)
{
	if (!provider_is_pending(p))
		return;
	if (p->kind->end != NULL)
		p->kind->end(p);
	p->ask.now.n = 0;
}
