// SPDX-License-Identifier: BSD-3-Clause
// Mistakes in the text: YAML that is none, YAML that no configuration needs, files that are none,
// and lists and values without end.
#include "config/config_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mistake.h"

#define TEXT_SIZE (2u << 20)

static const struct mistake mistakes[] = {
	{"a_nul_escape", PORT "run_dir: \"/run/\\0ntpwire\"\n",
		":4: run_dir: contains a NUL character; remove it"},
	{"nothing_but_comments", "# nothing\n",
		": holds no settings; the least is one port with its addresses: " PORTS_EXAMPLE},
	{"a_list_as_the_file", "- ports\n",
		":1: must be a group of settings (name: value); write e.g. ttl: 64"},
	{"a_word_as_the_file", "ports\n",
		":1: must be a group of settings (name: value); write e.g. ttl: 64"},
	{"an_open_bracket", PORT "workers: [1, 2\n",
		":5: is not YAML: did not find expected ',' or ']' (column 1)" SYNTAX_REMEDY},
	{"an_open_quote", PORT "run_dir: \"/run/ntpwire\n",
		":5: is not YAML: found unexpected end of stream (column 1)" SYNTAX_REMEDY},
	{"a_missing_colon", PORT "ttl 64\n",
		":5: is not YAML: could not find expected ':' (column 1)" SYNTAX_REMEDY},
	{"a_colon_too_many", PORT "run_dir: /run: x\n",
		":4: is not YAML: mapping values are not allowed in this context (column "
		"14)" SYNTAX_REMEDY},
	{"bad_indentation", "ports:\n  - device: net_null0\n   addresses: [10.0.0.10/24]\n",
		":3: is not YAML: did not find expected '-' indicator (column 4)" SYNTAX_REMEDY},
	{"a_tab_as_indentation", "ports:\n\t- device: net_null0\n",
		":2: a tab stands where YAML wants spaces; indent with spaces"},
	{"a_tab_before_a_key", PORT "\tttl: 64\n",
		":4: a tab stands where YAML wants spaces; indent with spaces"},
	{"an_anchor", "ports: &all\n  - device: net_null0\n",
		":1: ports: anchors (&name) and aliases (*name) are not for this file; write the "
		"value out"},
	{"an_alias", PORT "run_dir: *all\n",
		":4: run_dir: anchors (&name) and aliases (*name) are not for this file; write "
		"the value out"},
	{"a_bomb_of_aliases",
		"a: &a [x,x,x,x,x,x,x,x,x]\n"
		"b: &b [*a,*a,*a,*a,*a,*a]\n"
		"c: &c [*b,*b,*b,*b,*b]\n",
		":1: a: anchors (&name) and aliases (*name) are not for this file; write the "
		"value out"},
	{"a_tag", PORT "ttl: !!int 64\n",
		":4: ttl: tags (!name) are not for this file; write the value alone"},
	{"a_second_document", PORT "---\nttl: 64\n",
		":4: a second document begins here; keep all settings in one, without a line of "
		"---"},
	{"a_list_as_a_key", PORT "[ttl]: 64\n",
		":4: a key is a plain word, not a list or a mapping; check the brackets here"},
	{"a_mapping_as_a_key", PORT "{ttl: 1}: 64\n",
		":4: a key is a plain word, not a list or a mapping; check the brackets here"},
	{"a_key_of_two_lines", PORT "\"run\\ndir\": /run\n",
		":4: a key is a plain word, which \"run\\x0adir\" is not; check quotes and "
		"brackets here"},
	{"a_key_with_a_terminal's_escape", PORT "\"\\e[2Jttl\": 64\n",
		":4: a key is a plain word, which \"\\x1b[2Jttl\" is not; check quotes and "
		"brackets here"},
	{"a_byte_that_is_no_utf8", PORT "run_dir: /run/\377\n",
		":4: a character here is not UTF-8 text (invalid leading UTF-8 octet); retype "
		"the line"},
};

// A text that is made up of a repeated part. Static storage.
struct growing {
	char at[TEXT_SIZE];
	size_t length;
};

static struct growing *growing_begin(const char *text)
{
	static struct growing g;
	g.length = (size_t)snprintf(g.at, sizeof(g.at), "%s", text);
	return &g;
}

// Adds before, a number and after for each number of [first, end).
static void growing_add(struct growing *g, const char *before, const char *after, unsigned end)
{
	for (unsigned i = 1; i <= end; i++)
		g->length += (size_t)snprintf(
			g->at + g->length, sizeof(g->at) - g->length, "%s%u%s", before, i, after);
}

static void growing_is_refused(const struct growing *g, const char *sentence)
{
	text_is_refused(g->at, g->length, sentence);
}

static void seventeen_ports(void **state)
{
	(void)state;
	struct growing *g = growing_begin("ports:\n");
	growing_add(g, "  - { device: net_null", ", addresses: [10.0.0.10/24] }\n", 17);
	growing_is_refused(
		g, ":1: ports: 17 in the list, but there can be at most 16; remove the rest");
}

static void sixty_five_addresses_of_a_family(void **state)
{
	(void)state;
	struct growing *g = growing_begin("ports:\n  - device: net_null0\n    addresses:\n");
	growing_add(g, "      - 10.0.0.", "/8\n", 65);
	growing_is_refused(g,
		":68: ports[0].addresses[64]: is one more IPv4 address than the 64 that a port "
		"can have; remove it");
}

static void a_hundred_and_twenty_nine_addresses(void **state)
{
	(void)state;
	struct growing *g = growing_begin("ports:\n  - device: net_null0\n    addresses:\n");
	growing_add(g, "      - 10.0.0.", "/8\n", 129);
	growing_is_refused(g,
		":3: ports[0].addresses: 129 in the list, but there can be at most 128; remove "
		"the rest");
}

static void a_hundred_and_twenty_eight_workers(void **state)
{
	(void)state;
	struct growing *g = growing_begin(PORT "workers:\n");
	growing_add(g, "  - ", "\n", 128);
	growing_is_refused(
		g, ":4: workers: 128 in the list, but there can be at most 127; remove the rest");
}

static void thirty_three_eal_arguments(void **state)
{
	(void)state;
	struct growing *g = growing_begin(PORT "eal:\n");
	growing_add(g, "  - --x", "\n", 33);
	growing_is_refused(
		g, ":4: eal: 33 in the list, but there can be at most 32; remove the rest");
}

static void a_device_of_256_characters(void **state)
{
	(void)state;
	struct growing *g = growing_begin("ports:\n  - device: net_");
	growing_add(g, "", "", 116); // 9 + 2 * 90 + 3 * 17 digits
	growing_add(g, "", "", 9);
	growing_add(g, "", "", 3);
	growing_is_refused(
		g, ":2: ports[0].device: 256 characters, but at most 255 are possible; shorten it");
}

static void a_run_dir_of_225_characters(void **state)
{
	(void)state;
	struct growing *g = growing_begin(PORT "run_dir: /run");
	growing_add(g, "", "", 109); // 9 + 2 * 90 + 3 * 10 digits
	growing_add(g, "", "", 2);
	growing_is_refused(g,
		":4: run_dir: \"/run123456789101112131415161718192021222324252627282930313233343"
		"536373...\" is too long: at most 224 characters; write e.g. /run/ntpwire");
}

static void forty_lists_in_each_other(void **state)
{
	(void)state;
	struct growing *g = growing_begin("ports: ");
	for (unsigned i = 0; i < 40; i++)
		g->at[g->length++] = '[';
	growing_is_refused(g,
		":1: nested more than 8 deep, which no setting is; check indentation and brackets "
		"here");
}

static void nine_thousand_values(void **state)
{
	(void)state;
	struct growing *g = growing_begin("ports: [");
	growing_add(g, "", ",", 9000);
	growing_is_refused(g,
		":1: more than 8192 values, which is more than all settings together can have; is "
		"this the right file?");
}

static void an_empty_file(void **state)
{
	(void)state;
	text_is_refused(
		"", 0, ": is empty; the least is one port with its addresses: " PORTS_EXAMPLE);
}

static void a_nul_byte(void **state)
{
	(void)state;
	static const char text[] = PORT "run_dir: /run\0/ntpwire\n";
	text_is_refused(text, sizeof(text) - 1,
		":4: holds a NUL byte, so it is not text; write it as UTF-8 or ASCII");
}

static void a_file_over_a_mebibyte(void **state)
{
	(void)state;
	struct growing *g = growing_begin(PORT);
	memset(g->at + g->length, '#', TEXT_SIZE - g->length);
	file_is_refused(scratch_write("bad.yaml", g->at, (1u << 20) + 1), -EFBIG,
		": is 1048577 bytes long, but a configuration has at most 1048576; is this the "
		"right file?");
}

static void a_comment_of_a_mebibyte_is_no_mistake(void **state)
{
	(void)state;
	struct config *c;
	struct diagnostic diagnostic;
	struct growing *g = growing_begin(PORT);
	memset(g->at + g->length, '#', TEXT_SIZE - g->length);
	assert_int_equal(
		config_load(scratch_write("good.yaml", g->at, 1u << 20), &c, &diagnostic), 0);
	config_free(c);
}

static void a_missing_file(void **state)
{
	(void)state;
	file_is_refused(scratch_path("none.yaml"), -ENOENT,
		": cannot be read: No such file or directory; write one (see ntpwire.yaml(5)), or "
		"name another file");
}

static void a_directory(void **state)
{
	(void)state;
	file_is_refused(
		scratch_path(""), -EISDIR, ": is a directory; name the configuration file in it");
}

static void a_device_file(void **state)
{
	(void)state;
	file_is_refused(
		"/dev/zero", -EINVAL, ": is not a regular file; name the configuration file");
}

// Opening it for reading would wait for a writer for ever.
static void a_named_pipe(void **state)
{
	(void)state;
	const char *path = scratch_path("pipe");
	assert_int_equal(mkfifo(path, 0600), 0);
	file_is_refused(path, -EINVAL, ": is not a regular file; name the configuration file");
}

// Only who is not root can be kept from reading.
static void an_unreadable_file(void **state)
{
	(void)state;
	const char *path = scratch_write("secret.yaml", PORT, strlen(PORT));
	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(chmod(scratch_path(""), 0755), 0);
	uid_t was = geteuid();
	if (was == 0)
		assert_int_equal(seteuid(65534), 0);
	file_is_refused(path, -EACCES,
		": cannot be read: Permission denied; make it readable for the user who starts "
		"this program");
	if (was == 0)
		assert_int_equal(seteuid(was), 0);
}

static void a_path_that_is_too_long(void **state)
{
	(void)state;
	static char path[300];
	memset(path, 'x', sizeof(path) - 1);
	file_is_refused(
		path, -ENAMETOOLONG, ": is too long a path: at most 255 characters; move the file");
}

int main(void)
{
	static struct table t;
	mistakes_add(&t, mistakes, TABLE_LENGTH(mistakes));
	TABLE_ADD(&t, seventeen_ports);
	TABLE_ADD(&t, sixty_five_addresses_of_a_family);
	TABLE_ADD(&t, a_hundred_and_twenty_nine_addresses);
	TABLE_ADD(&t, a_hundred_and_twenty_eight_workers);
	TABLE_ADD(&t, thirty_three_eal_arguments);
	TABLE_ADD(&t, a_device_of_256_characters);
	TABLE_ADD(&t, a_run_dir_of_225_characters);
	TABLE_ADD(&t, forty_lists_in_each_other);
	TABLE_ADD(&t, nine_thousand_values);
	TABLE_ADD(&t, an_empty_file);
	TABLE_ADD(&t, a_nul_byte);
	TABLE_ADD(&t, a_file_over_a_mebibyte);
	TABLE_ADD(&t, a_comment_of_a_mebibyte_is_no_mistake);
	TABLE_ADD(&t, a_missing_file);
	TABLE_ADD(&t, a_directory);
	TABLE_ADD(&t, a_device_file);
	TABLE_ADD(&t, a_named_pipe);
	TABLE_ADD(&t, an_unreadable_file);
	TABLE_ADD(&t, a_path_that_is_too_long);
	return table_run_between("config_text", &t, scratch_begin, scratch_end);
}
