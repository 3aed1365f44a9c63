// SPDX-License-Identifier: BSD-3-Clause
#include "ctl/check.h"

#include "config/config.h"
#include "config/config_load.h"
#include "keys/keys_file.h"

static const char *plural(unsigned n)
{
	return n == 1 ? "" : "s";
}

// What a daemon tells is known only once it is asked.
static void check_references_print(FILE *out, const struct config *c)
{
	char text[REFERENCE_TEXT];
	fprintf(out, "reference %s", reference_text(&c->reference[0], text));
	for (unsigned i = 1; i < c->reference_count; i++)
		fprintf(out, ", else %s", reference_text(&c->reference[i], text));
	fprintf(out, "\n");
}

static void check_summary_print(FILE *out, const char *file, const struct config *c)
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
	check_references_print(out, c);
}

// The keys file, too, as a server would read it.
static bool keys_check(const struct config *c, FILE *err)
{
	struct diagnostic d;
	struct keys *keys;
	bool is_exposed;
	if (c->keys[0] == '\0')
		return true;
	if (keys_file_load(c->keys, &keys, &is_exposed, &d) < 0) {
		fprintf(err, "%s\n", d.sentence);
		return false;
	}
	if (is_exposed)
		fprintf(err, "%s: others than its owner and group may read the keys; chmod o= it\n",
			c->keys);
	keys_file_free(keys);
	return true;
}

bool check_file(const char *file, FILE *out, FILE *err)
{
	struct config *c;
	struct diagnostic d;
	if (config_load(file, &c, &d) < 0) {
		fprintf(err, "%s\n", d.sentence);
		return false;
	}
	if (c->warning.sentence[0] != '\0')
		fprintf(err, "%s\n", c->warning.sentence);
	bool is_good = keys_check(c, err);
	if (is_good)
		check_summary_print(out, file, c);
	config_free(c);
	return is_good;
}
