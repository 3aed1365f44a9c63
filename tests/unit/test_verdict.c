// SPDX-License-Identifier: BSD-3-Clause
// Every verdict is produced here by at least one packet. The table is generated from verdict.h: a
// new verdict without a recipe does not compile.
#include "core/verdict.h"

#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/desk.h"
#include "harness/reply_check.h"
#include "harness/table.h"

typedef void recipe(struct frame_spec *s);

static void make_answer_v1_mode0(struct frame_spec *s)
{
	frame_spec_ntp(s, 1, 0, 48);
}

static void make_answer_v1(struct frame_spec *s)
{
	frame_spec_ntp(s, 1, 3, 48);
}

static void make_answer_v2(struct frame_spec *s)
{
	frame_spec_ntp(s, 2, 3, 48);
}

static void make_answer_v3(struct frame_spec *s)
{
	frame_spec_ntp(s, 3, 3, 48);
}

static void make_answer_v4(struct frame_spec *s)
{
	frame_spec_ntp(s, 4, 3, 48);
}

static void make_answer_symmetric(struct frame_spec *s)
{
	frame_spec_ntp(s, 4, 1, 48);
}

static void make_ether_short(struct frame_spec *s)
{
	s->cut = 13;
}

static void make_ether_destination(struct frame_spec *s)
{
	s->destination[5] ^= 1;
}

static void make_ether_source(struct frame_spec *s)
{
	s->source[0] |= 1;
}

static void make_ether_vlan(struct frame_spec *s)
{
	s->vlan_count = 3;
	for (unsigned i = 0; i < 3; i++)
		s->vlan_type[i] = 0x8100;
}

static void make_ether_type(struct frame_spec *s)
{
	s->ether_type = 0x0806;
}

static void make_ip4_short(struct frame_spec *s)
{
	s->cut = 14 + 19;
}

static void make_ip4_version(struct frame_spec *s)
{
	s->version = 6;
}

static void make_ip4_options(struct frame_spec *s)
{
	s->ihl = 6;
	s->extra_length = 4;
	s->extra[0] = 1;
}

static void make_ip4_length(struct frame_spec *s)
{
	s->ip_length = 77;
}

static void make_ip4_fragment(struct frame_spec *s)
{
	s->fragment = 0x2000;
}

static void make_ip4_checksum(struct frame_spec *s)
{
	s->ip_sum = SUM_WRONG;
}

static void make_ip6_short(struct frame_spec *s)
{
	frame_spec_ip6(s);
	s->cut = 14 + 39;
}

static void make_ip6_version(struct frame_spec *s)
{
	frame_spec_ip6(s);
	s->version = 4;
}

static void make_ip6_length(struct frame_spec *s)
{
	frame_spec_ip6(s);
	s->ip_length = 57;
}

static void make_ip6_extension(struct frame_spec *s)
{
	frame_spec_ip6(s);
	s->protocol = 0;
}

static void make_ip_protocol(struct frame_spec *s)
{
	s->protocol = 6;
}

static void make_ip_destination(struct frame_spec *s)
{
	s->ip_destination[3] = 9;
}

static void make_ip_source(struct frame_spec *s)
{
	memcpy(s->ip_source, s->ip_destination, 4);
}

static void make_udp_length(struct frame_spec *s)
{
	s->udp_length = 57;
}

static void make_udp_destination(struct frame_spec *s)
{
	s->destination_port = 124;
}

static void make_udp_source(struct frame_spec *s)
{
	s->source_port = 0;
}

static void make_udp_no_checksum(struct frame_spec *s)
{
	frame_spec_ip6(s);
	s->udp_sum = SUM_ZERO;
}

static void make_udp_checksum(struct frame_spec *s)
{
	s->udp_sum = SUM_WRONG;
}

static void make_ntp_short(struct frame_spec *s)
{
	frame_spec_ntp(s, 4, 3, 44);
}

static void make_ntp_length(struct frame_spec *s)
{
	frame_spec_ntp(s, 4, 3, 49);
}

static void make_ntp_version(struct frame_spec *s)
{
	frame_spec_ntp(s, 7, 3, 48);
}

static void make_ntp_version5(struct frame_spec *s)
{
	frame_spec_ntp(s, 5, 3, 48);
}

static void make_ntp_mode_reserved(struct frame_spec *s)
{
	frame_spec_ntp(s, 4, 0, 48);
}

static void make_ntp_mode_reply(struct frame_spec *s)
{
	frame_spec_ntp(s, 4, 4, 48);
}

static void make_ntp_mode_control(struct frame_spec *s)
{
	frame_spec_ntp(s, 2, 6, 48);
}

static void make_ntp_extension(struct frame_spec *s)
{
	frame_spec_extension(s, 0x0104, 28);
	s->payload[51] = 32;
}

static void make_ntp_crypto_nak(struct frame_spec *s)
{
	frame_spec_append(s, 0, 4);
}

static void make_ntp_mac(struct frame_spec *s)
{
	frame_spec_append(s, 1, 20);
}

// With a key that the desk has: see is_produced.
static void make_ntp_mac_wrong(struct frame_spec *s)
{
	frame_spec_append(s, 2, 20);
}

static void make_ntp_ms_sntp(struct frame_spec *s)
{
	frame_spec_ntp(s, 3, 3, 48);
	frame_spec_append(s, 5, 4);
	frame_spec_append(s, 0, 16);
}

static void make_ntp_nts(struct frame_spec *s)
{
	frame_spec_extension(s, 0x0104, 36);
	frame_spec_extension(s, 0x0204, 104);
	frame_spec_extension(s, 0x0404, 40);
}

// Made by the worker, which alone sees segments and the port: its own test must name them.
#define make_multi_segment NULL
#define make_late_poll     NULL
#define make_tx_full       NULL

struct row {
	enum verdict verdict;
	const char *symbol;
	recipe *make;
};

static const struct row rows[] = {
#define X(symbol, text, sentence) {V_##symbol, "V_" #symbol, make_##text},
	VERDICT_LIST(X)
#undef X
};

static const enum verdict worker_makes[] = {V_MULTI_SEGMENT, V_LATE_POLL, V_TX_FULL};

static bool is_worker_made(enum verdict v)
{
	for (size_t i = 0; i < TABLE_LENGTH(worker_makes); i++) {
		if (worker_makes[i] == v)
			return true;
	}
	return false;
}

static void is_produced(void **state)
{
	const struct row *row = *state;
	static struct desk d;
	static struct frame_spec s;
	static struct keys keys = {.count = 1, .id = {0x02020202}, .key = {{.id = 0x02020202}}};
	static struct key_counters counters;
	key_prepare(&keys.key[0], KEY_MD5, (struct span){keys.key[0].digest.state, 0});
	desk_open(&d);
	d.fast_path.auth.keys = d.slow_path.auth.keys = &keys;
	d.fast_path.auth.counters = d.slow_path.auth.counters = &counters;
	frame_spec_ip4(&s);
	row->make(&s);
	assert_string_equal(verdict_text(desk_ask_spec(&d, &s)), verdict_text(row->verdict));
	assert_int_equal(d.reply_length > 0, verdict_is_answer(row->verdict));
	if (d.reply_length > 0)
		reply_check(&d);
	desk_close(&d);
}

static bool file_has(const char *path, const char *word)
{
	static char text[1 << 16];
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	size_t n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = '\0';
	return strstr(text, word) != NULL;
}

// The exemption is three verdicts long, and what it exempts is tested where it is made.
static void is_named_by_the_workers_test(void **state)
{
	const struct row *row = *state;
	const char *root = getenv("SOURCE_ROOT");
	char pattern[4096];
	glob_t found = {0};
	bool is_named = false;
	assert_non_null(root);
	assert_true(is_worker_made(row->verdict));
	snprintf(pattern, sizeof(pattern), "%s/tests/{loop/,unit/test_worker}*.c", root);
	if (glob(pattern, GLOB_BRACE, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			is_named |= file_has(found.gl_pathv[i], row->symbol);
	}
	globfree(&found);
	if (!is_named)
		fail_msg("no %s names %s", pattern, row->symbol);
}

static void texts_are_metric_names(void **state)
{
	(void)state;
	for (int v = 0; v < VERDICT_COUNT; v++) {
		const char *text = verdict_text((enum verdict)v);
		assert_true(text[0] != '\0');
		for (const char *c = text; *c != '\0'; c++)
			assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) ||
				    *c == '_');
		assert_true(strlen(verdict_sentence((enum verdict)v)) >= strlen("crypto-NAK"));
		for (int other = 0; other < v; other++)
			assert_string_not_equal(text, verdict_text((enum verdict)other));
	}
}

static void no_verdict_is_unknown(void **state)
{
	(void)state;
	assert_string_equal(verdict_text(VERDICT_COUNT), "unknown");
	assert_string_equal(verdict_text((enum verdict) - 1), "unknown");
	assert_non_null(verdict_sentence(VERDICT_COUNT));
}

static void the_six_answers_come_first(void **state)
{
	(void)state;
	unsigned answers = 0;
	for (int v = 0; v < VERDICT_COUNT; v++) {
		bool says_so = strncmp(verdict_text((enum verdict)v), "answer_", 7) == 0;
		assert_int_equal(verdict_is_answer((enum verdict)v), says_so);
		answers += says_so;
	}
	assert_int_equal(answers, 6);
	assert_false(verdict_is_answer(VERDICT_COUNT));
}

int main(void)
{
	static struct table t;
	static char name[VERDICT_COUNT][80];
	TABLE_ADD(&t, texts_are_metric_names);
	TABLE_ADD(&t, no_verdict_is_unknown);
	TABLE_ADD(&t, the_six_answers_come_first);
	for (size_t i = 0; i < TABLE_LENGTH(rows); i++) {
		bool exempt = is_worker_made(rows[i].verdict);
		snprintf(name[i], sizeof(name[i]), "%s_%s", verdict_text(rows[i].verdict),
			exempt ? "is_named_by_the_workers_test" : "is_produced");
		table_add(
			&t, name[i], exempt ? is_named_by_the_workers_test : is_produced, &rows[i]);
	}
	return table_run("verdict", &t);
}
