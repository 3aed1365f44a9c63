// SPDX-License-Identifier: BSD-3-Clause
// What the program itself knows at once: the kernel's word, the configuration's, and a card's
// clock.
#include "reference/phc.h"
#include "reference/phc_device.h"
#include "reference/provider.h"
#include "reference/reference.h"

static enum provider_step kernel_take(struct provider *p, struct reference *ret_reference)
{
	*ret_reference = reference_from_kernel(p->config, p->ask.kernel, p->ask.now);
	return PROVIDER_TOLD;
}

static enum provider_step fixed_take(struct provider *p, struct reference *ret_reference)
{
	*ret_reference = reference_from_config(p->config, p->ask.now);
	return PROVIDER_TOLD;
}

const struct provider_ops provider_kernel = {.name = "kernel", .look = kernel_take};
const struct provider_ops provider_fixed = {.name = "fixed", .look = fixed_take};

// A PTP hardware clock: read at once, in microseconds.
static enum provider_step phc_take(struct provider *p, struct reference *ret_reference)
{
	const struct phc_source source =
		p->phc_source.read != NULL ? p->phc_source : phc_device_source(&p->phc_device);
	if (phc_look(&p->phc, &source, p->config, &p->tai, ret_reference) == 0)
		return PROVIDER_TOLD;
	p->ask.why = p->phc.why.sentence;
	return PROVIDER_FAIL;
}

const struct provider_ops provider_phc = {.name = "phc", .look = phc_take};
