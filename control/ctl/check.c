// SPDX-License-Identifier: BSD-3-Clause
#include "check.h"

#include "config.h"

static const char *plural(unsigned n)
{
	return n == 1 ? "" : "s";
}

static void summary_print(FILE *out, const char *file, const struct config *c)
{
	unsigned addresses = 0;
	for (unsigned i = 0; i < c->port_count; i++)
		addresses += c->port[i].address_count;
	fprintf(out, "%s: ok: %u port%s, %u address%s, ", file, c->port_count,
		plural(c->port_count), addresses, addresses == 1 ? "" : "es");
	if (c->workers_auto)
		fprintf(out, "workers on all allowed cores, ");
	else
		fprintf(out, "%u worker%s, ", c->worker_count, plural(c->worker_count));
	fprintf(out, "reference %s at stratum %u\n", reference_source_text(c->reference.source),
		c->reference.stratum);
}

bool check_file(const char *file, FILE *out, FILE *err)
{
	struct config *c;
	char message[1024];
	if (config_load(file, &c, message, sizeof(message)) < 0) {
		fprintf(err, "%s\n", message);
		return false;
	}
	summary_print(out, file, c);
	config_free(c);
	return true;
}
