// SPDX-License-Identifier: BSD-3-Clause
#include "provider.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "core/ntp.h"
#include "log.h"

#define NS_PER_S 1000000000LL

void provider_open(struct provider *p, const struct config_reference *c)
{
	*p = (struct provider){
		.config = c,
		.ask = {.fd = -1},
		.ntpd_rs = {.path = c->socket},
		.ntpd = {.port = NTP_PORT},
	};
	uint16_t *first = &p->ntpd.sequence;
	// Nobody but root answers from port 123: without luck any number does.
	if (getrandom(first, sizeof(*first), GRND_NONBLOCK) != (ssize_t)sizeof(*first))
		*first = 1;
}

static struct nanos monotonic(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (struct nanos){t.tv_sec * NS_PER_S + t.tv_nsec};
}

void provider_ask(struct provider *p, struct nanos now)
{
	provider_close(p);
	p->asked = monotonic();
	p->ask = (struct ask){.fd = -1, .now = now};
	if (p->config->source == REFERENCE_CHRONY)
		(void)provider_chrony_ask(&p->ask, &p->chrony, p->config);
	else if (p->config->source == REFERENCE_NTPD_RS)
		(void)provider_ntpd_rs_ask(&p->ask, &p->ntpd_rs);
	else if (p->config->source == REFERENCE_NTPD)
		(void)provider_ntpd_ask(&p->ask, &p->ntpd);
}

bool provider_is_asking(const struct provider *p)
{
	return p->ask.now.n != 0;
}

static enum provider_step answer_look(struct provider *p, struct reference *ret_reference)
{
	if (p->ask.why != NULL)
		return PROVIDER_FAIL;
	if (p->config->source == REFERENCE_CHRONY)
		return provider_chrony_look(&p->ask, &p->chrony, ret_reference);
	if (p->config->source == REFERENCE_NTPD_RS)
		return provider_ntpd_rs_look(&p->ask, &p->ntpd_rs, ret_reference);
	return provider_ntpd_look(&p->ask, &p->ntpd, ret_reference);
}

// Each reason once, and once that it is over.
static void failure_tell(struct provider *p, enum provider_step step)
{
	const char *name = reference_source_text(p->config->source);
	char why[sizeof(p->told)];
	snprintf(why, sizeof(why), "%s", step == PROVIDER_FAIL ? p->ask.why : "");
	if (step == PROVIDER_TOLD && p->has_failed)
		log_info("reference %s: it answers", name);
	if (step == PROVIDER_FAIL && strcmp(why, p->told) != 0)
		log_warning("reference %s: no answer: %s", name, why);
	p->has_failed = step == PROVIDER_FAIL;
	memcpy(p->told, why, sizeof(why));
}

// What the program itself knows at once.
static enum provider_step own_look(struct provider *p, struct reference *ret_reference)
{
	*ret_reference = reference_read(p->config, p->ask.now);
	p->ask.now.n = 0;
	return PROVIDER_TOLD;
}

enum provider_step provider_look(struct provider *p, struct reference *ret_reference)
{
	struct reference r = {.answered = false, .source = p->config->source};
	if (!provider_is_asking(p))
		return PROVIDER_WAIT;
	if (p->config->source == REFERENCE_KERNEL || p->config->source == REFERENCE_FIXED)
		return own_look(p, ret_reference);
	enum provider_step step = answer_look(p, &r);
	if (step == PROVIDER_WAIT && monotonic().n - p->asked.n >= PROVIDER_TIMEOUT_NS) {
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
	if (!provider_is_asking(p))
		return;
	provider_chrony_end(&p->ask, &p->chrony);
	provider_ntpd_rs_end(&p->ask, &p->ntpd_rs);
	provider_ntpd_end(&p->ask);
	p->ask.now.n = 0;
}
