// SPDX-License-Identifier: BSD-3-Clause
// The session against the core in this process, and against servers that are wrong in one thing
// each.
#include "verify/verify_session.h"

#include <stdlib.h>
#include <string.h>

#include "harness/desk.h"
#include "harness/guard.h"
#include "harness/random.h"
#include "harness/slow_checksum.h"
#include "harness/table.h"
#include "options/values.h"
#include "traffic/key.h"

enum base { AT_NOWHERE, AT_ETHER, AT_IP, AT_UDP, AT_NTP };

enum how { SET, FLIP, COPY, COPY_REQUEST };

// Bytes of a right reply made wrong.
struct spoil {
	enum base base;
	uint8_t offset;
	uint8_t count;
	enum how how;
	uint8_t value; // COPY: from this offset of the message
};

#define SPOILS 5

// What a server that knows interleaved mode has wrong in it.
enum pair_fault {
	PAIR_RIGHT,
	PAIR_ORIGIN_NEITHER,
	PAIR_RECEIVE_EARLIER,
	PAIR_TRANSMIT_IS_RECEIVE, // of the earlier reply
	PAIR_TRANSMIT_OWN,
	PAIR_MODES_MIXED, // an earlier reply's transmit timestamp with the origin of basic mode
	PAIR_TOLD_TWICE,
	PAIR_TOLD_UNASKED,   // though receive and transmit timestamp are the same
	PAIR_COARSE,         // receive timestamps of a clock that stands for 2 ms
	PAIR_TRANSMIT_TAKEN, // is the receive timestamp of the same reply
	PAIR_SILENT,
};

// A server that is wrong in one thing, and the rule that says so.
struct wrong {
	const char *rule;
	const char *too; // a rule that cannot be kept then either
	struct spoil spoil[SPOILS];
	unsigned grow; // bytes behind the message
	enum pair_fault pair;
	bool keeps_sums;
	bool is_late; // right in the beginning
	bool is_twice;
	bool is_broadcasting;
	bool has_vlan;
	bool is_silent;  // to the rule's cases
	bool answers;    // the rule's cases, as if they were plain requests
	bool may_spread; // to other rules
};

static const struct wrong wrongs[] = {
	{.rule = "H2b", .spoil = {{AT_NTP, 0, 1, FLIP, 0x08}}},
	{.rule = "H2c", .spoil = {{AT_NTP, 0, 1, FLIP, 0x08}}},
	{.rule = "H3a", .spoil = {{AT_NTP, 0, 1, FLIP, 0x01}}},
	{.rule = "H3b", .spoil = {{AT_NTP, 0, 1, FLIP, 0x03}}},
	{.rule = "H4a", .spoil = {{AT_NTP, 0, 1, FLIP, 0x01}}},
	{.rule = "H4b", .spoil = {{AT_NTP, 0, 1, FLIP, 0x01}}},
	{.rule = "H6", .spoil = {{AT_NTP, 31, 1, FLIP, 0x01}}},
	{.rule = "H7a", .spoil = {{AT_NTP, 40, 8, SET, 0}}},
	{.rule = "H7a", .spoil = {{AT_NTP, 32, 8, SET, 0}}},
	{.rule = "H7b", .spoil = {{AT_NTP, 35, 1, SET, 0xff}}},
	{.rule = "H7c", .spoil = {{AT_NTP, 32, 8, COPY, 40}}},
	{.rule = "H7d", .spoil = {{AT_NTP, 40, 8, COPY, 24}}, .may_spread = true},
	{.rule = "H7e", .spoil = {{AT_NTP, 38, 2, SET, 0}, {AT_NTP, 46, 2, SET, 0xff}}},
	{.rule = "H8", .spoil = {{AT_NTP, 1, 1, SET, 16}}},
	{.rule = "H9a", .spoil = {{AT_NTP, 0, 1, FLIP, 0xc0}}},
	{.rule = "H9a", .spoil = {{AT_NTP, 1, 1, SET, 0}, {AT_NTP, 12, 4, SET, 0}}},
	{.rule = "H9b",
		.spoil = {{AT_NTP, 0, 1, FLIP, 0xc0}, {AT_NTP, 1, 1, SET, 0},
			{AT_NTP, 12, 4, SET, 0}}},
	{.rule = "H10", .spoil = {{AT_NTP, 0, 1, FLIP, 0x40}}},
	{.rule = "H11", .spoil = {{AT_NTP, 2, 1, SET, 3}}},
	{.rule = "H12", .spoil = {{AT_NTP, 3, 1, SET, 0xe0}}},
	{.rule = "H12", .spoil = {{AT_NTP, 3, 1, SET, 0}}},
	{.rule = "H13", .spoil = {{AT_NTP, 8, 4, SET, 0}}, .is_late = true},
	{.rule = "H14", .spoil = {{AT_NTP, 12, 4, SET, 0}}},
	{.rule = "H14", .spoil = {{AT_NTP, 1, 1, SET, 1}, {AT_NTP, 12, 4, SET, 0x07}}},
	{.rule = "H15a", .spoil = {{AT_NTP, 18, 1, SET, 0x60}}},
	{.rule = "H15a", .spoil = {{AT_NTP, 16, 8, SET, 0}}},
	{.rule = "H15b", .spoil = {{AT_NTP, 17, 1, SET, 0x90}}},
	{.rule = "H16a", .too = "H16b", .spoil = {{AT_NTP, 9, 1, SET, 0x20}}},
	{.rule = "H16b", .spoil = {{AT_NTP, 9, 1, SET, 0x02}}},
	{.rule = "H17",
		.spoil = {{AT_NTP, 0, 1, FLIP, 0xc0}, {AT_NTP, 1, 1, SET, 0},
			{AT_NTP, 12, 4, SET, 'B'}, {AT_NTP, 16, 8, SET, 0},
			{AT_NTP, 9, 1, SET, 0x02}}},
	{.rule = "H18a", .grow = 4},
	{.rule = "H18b", .is_twice = true},
	{.rule = "H19a", .spoil = {{AT_UDP, 1, 1, FLIP, 0x01}}},
	{.rule = "H19a", .spoil = {{AT_IP, 15, 1, FLIP, 0x01}}},
	{.rule = "H19a", .spoil = {{AT_IP, 19, 1, FLIP, 0x01}}},
	{.rule = "H19b", .spoil = {{AT_ETHER, 15, 1, FLIP, 0x01}}, .has_vlan = true},
	{.rule = "H20b", .is_broadcasting = true},
	{.rule = "I1a", .spoil = {{AT_NTP, 24, 8, COPY_REQUEST, 32}}},
	{.rule = "I1b", .pair = PAIR_TOLD_UNASKED},
	{.rule = "I2a", .pair = PAIR_ORIGIN_NEITHER},
	{.rule = "I2b", .too = "I5", .pair = PAIR_RECEIVE_EARLIER},
	{.rule = "I2c", .pair = PAIR_TRANSMIT_IS_RECEIVE},
	{.rule = "I2c", .pair = PAIR_TRANSMIT_OWN},
	{.rule = "I3", .pair = PAIR_MODES_MIXED},
	{.rule = "I3", .pair = PAIR_SILENT},
	{.rule = "I4", .pair = PAIR_TOLD_TWICE},
	{.rule = "I5", .too = "I4", .pair = PAIR_COARSE},
	{.rule = "I5", .pair = PAIR_TRANSMIT_TAKEN},
	{.rule = "L1g", .too = "H18a", .grow = 4},
	{.rule = "L1h", .spoil = {{AT_IP, 3, 1, FLIP, 0x08}}},
	{.rule = "L1i", .spoil = {{AT_IP, 10, 1, FLIP, 0x01}}, .keeps_sums = true},
	{.rule = "L2e", .spoil = {{AT_UDP, 6, 1, FLIP, 0x01}}, .keeps_sums = true},
	{.rule = "L2e", .spoil = {{AT_UDP, 6, 2, SET, 0}}, .keeps_sums = true},
	{.rule = "L4a", .spoil = {{AT_IP, 8, 1, SET, 5}}},
	{.rule = "L4b", .spoil = {{AT_IP, 1, 1, SET, 1}}},
	{.rule = "L5", .spoil = {{AT_ETHER, 11, 1, FLIP, 0x01}}},
	{.rule = "L5", .spoil = {{AT_ETHER, 5, 1, FLIP, 0x01}}},
	{.rule = "L7", .spoil = {{AT_ETHER, 15, 1, FLIP, 0x01}}},
	{.rule = "E3", .grow = 4},
	{.rule = "E6b", .spoil = {{AT_NTP, 51, 1, FLIP, 0x01}}},
	{.rule = "E6b", .spoil = {{AT_NTP, 52, 1, FLIP, 0x80}}},
	{.rule = "E6b", .spoil = {{AT_NTP, 67, 1, FLIP, 0x01}}},
};

// Between two questions, so that times go on. In NTP units.
#define STEP   (1u << 20)
#define COARSE (1u << 23)
#define SAVED  4096

// A reply that a client may name.
struct saved {
	uint64_t receive;
	uint64_t transmit; // when it really left
	bool is_told;
};

static struct desk desk;
static struct verify_ends ends;
static struct keys keys;
static struct key_counters counters;

// What answers in a session.
struct server {
	const struct wrong *wrong; // NULL: nothing
	const char *dies_of;       // a rule whose frames are its last
	bool is_dead;
	bool is_lossy; // loses one request in seven
	bool is_ip4_only;
	bool is_interleaving;
	unsigned saved_count;
	struct saved saved[SAVED];
	bool is_stopped; // the user does not want to wait any longer
	unsigned asked;
	uint8_t reply[VERIFY_FRAME];
	size_t length;
};

// The server's key, and ours.
static void key_set(const char *text)
{
	assert_true(key_read(text, &keys.key[0]));
	keys.count = 1;
	keys.unit = aes_unit_best();
	keys.id[0] = keys.key[0].id;
	desk.fast_path.auth.keys = desk.slow_path.auth.keys = &keys;
	desk.fast_path.auth.counters = desk.slow_path.auth.counters = &counters;
	ends.secret = &keys.key[0];
}

static void ends_make(bool has_ip6, bool has_vlan)
{
	ends = (struct verify_ends){.key = 0xfedcba9876543210, .profile.clients = 1000};
	ends.profile.has_vlan = has_vlan;
	ends.profile.vlan = 7;
	assert_true(value_read_mac("02:00:00:00:00:01", &ends.profile.destination));
	assert_true(value_read_mac("02:00:00:00:00:02", &ends.profile.source));
	assert_true(value_read_server("10.123.0.1", &ends.profile));
	assert_true(!has_ip6 || value_read_server("fd00:123::1", &ends.profile));
	assert_true(value_read_net("198.18.0.0/15", &ends.profile));
	assert_true(value_read_net("2001:2::/48", &ends.profile));
	key_set("7:MD5:6f70656e");
}

static const struct verify_rule *rule_of(const char *id)
{
	for (size_t i = 0; i < verify_rule_count; i++)
		if (strcmp(verify_rules[i].id, id) == 0)
			return &verify_rules[i];
	fail_msg("no rule %s", id);
	return NULL;
}

static bool has_cases(const struct verify_rule *r)
{
	return r->kind == VERIFY_ANSWERED || r->kind == VERIFY_OPTIONAL || r->kind == VERIFY_SILENT;
}

// Whether x is what this server is wrong about.
static bool is_concerned(const struct wrong *w, const struct verify_exchange *x)
{
	const char *rule = has_cases(rule_of(w->rule)) ? w->rule : VERIFY_PLAIN;
	return strcmp(x->what->rule, rule) == 0;
}

static uint64_t field(const uint8_t *at)
{
	struct be64 wire;
	memcpy(wire.byte, at, sizeof(wire));
	return be64_get(wire);
}

static void field_put(uint8_t *at, uint64_t n)
{
	struct be64 wire = be64_put(n);
	memcpy(at, wire.byte, sizeof(wire));
}

static void put16(uint8_t *at, unsigned n)
{
	at[0] = (uint8_t)(n >> 8);
	at[1] = (uint8_t)n;
}

static void reply_mend(uint8_t *frame, const struct verify_layout *l)
{
	uint8_t *ip = frame + l->ip;
	uint8_t *udp = frame + l->udp;
	unsigned length = 8u + l->ntp_length;
	if (!l->is_ip6) {
		put16(ip + 10, 0);
		put16(ip + 10, (uint16_t)~slow_sum(0, ip, 20));
	}
	uint16_t pseudo = l->is_ip6 ? slow_pseudo_sum(1, ip + 8, ip + 24, length) :
	                              slow_pseudo_sum(0, ip + 12, ip + 16, length);
	put16(udp + 6, 0);
	uint16_t field = (uint16_t)~slow_sum(pseudo, udp, length);
	put16(udp + 6, field == 0 ? 0xffff : field);
}

static void spoil_apply(uint8_t *frame, const struct verify_layout *l, const struct spoil *p,
	const struct verify_exchange *x)
{
	const uint16_t base[] = {
		[AT_ETHER] = 0, [AT_IP] = l->ip, [AT_UDP] = l->udp, [AT_NTP] = l->ntp};
	for (unsigned i = 0; p->base != AT_NOWHERE && i < p->count; i++) {
		uint8_t *byte = &frame[base[p->base] + p->offset + i];
		switch (p->how) {
		case SET:
			*byte = p->value;
			break;
		case FLIP:
			*byte ^= p->value;
			break;
		case COPY:
			*byte = frame[l->ntp + p->value + i];
			break;
		case COPY_REQUEST:
			*byte = x->request[x->in.ntp + p->value + i];
			break;
		}
	}
}

static void reply_spoil(struct server *s, const struct verify_exchange *x)
{
	const struct wrong *w = s->wrong;
	struct verify_layout l;
	assert_true(verify_layout_find(s->reply, s->length, &l));
	if (w->grow > 0) {
		l.ntp_length = (uint16_t)(l.ntp_length + w->grow);
		s->length += w->grow;
		uint8_t *ip = s->reply + l.ip;
		put16(ip + (l.is_ip6 ? 4 : 2), 8u + l.ntp_length + (l.is_ip6 ? 0 : 20));
		put16(s->reply + l.udp + 4, 8u + l.ntp_length);
	}
	for (unsigned i = 0; i < SPOILS; i++)
		spoil_apply(s->reply, &l, &w->spoil[i], x);
	if (!w->keeps_sums)
		reply_mend(s->reply, &l);
}

static void desk_take(struct server *s, const uint8_t *frame, size_t length)
{
	// The desk draws the same noise each time unless it is told otherwise.
	desk.fast_path.random += 12345;
	desk.slow_path.random = desk.fast_path.random;
	desk.times.receive.raw += STEP;
	desk.times.transmit.raw += STEP;
	(void)desk_ask(&desk, frame, length);
	memcpy(s->reply, desk.reply, desk.reply_length);
	s->length = desk.reply_length;
}

// The reply to a plain request that has the port and timestamp of this one.
static void plain_answer(struct server *s, const struct verify_exchange *x)
{
	struct frame_spec spec;
	static uint8_t frame[FRAME_ROOM];
	if (x->is_ip6)
		frame_spec_ip6(&spec);
	else
		frame_spec_ip4(&spec);
	if (x->port != 0)
		spec.source_port = x->port;
	memcpy(spec.payload + 40, &x->id, sizeof(x->id));
	desk_take(s, frame, frame_build(&spec, frame));
	assert_true(s->length > 0);
}

static void broadcast_send(struct server *s, struct verify_volley *v)
{
	struct frame_spec spec;
	static uint8_t frame[FRAME_ROOM];
	frame_spec_ip4(&spec);
	frame_spec_ntp(&spec, 4, 5, 48);
	spec.source_port = 123;
	(void)s;
	verify_deliver(v, frame, frame_build(&spec, frame));
}

static struct saved *saved_find(struct server *s, uint64_t receive, bool twice)
{
	for (unsigned i = 0; i < s->saved_count; i++)
		if (s->saved[i].receive == receive && (twice || !s->saved[i].is_told))
			return &s->saved[i];
	return NULL;
}

// A reply of an earlier one's transmit timestamp.
static void pair_tell(
	uint8_t *m, const uint8_t *asked, struct saved *earlier, enum pair_fault fault)
{
	earlier->is_told = true;
	if (fault != PAIR_TRANSMIT_OWN)
		field_put(m + 40, earlier->transmit);
	if (fault == PAIR_TRANSMIT_IS_RECEIVE)
		field_put(m + 40, earlier->receive);
	if (fault != PAIR_MODES_MIXED)
		field_put(m + 24, field(asked + 32) ^ (fault == PAIR_ORIGIN_NEITHER));
	if (fault == PAIR_RECEIVE_EARLIER)
		field_put(m + 32, earlier->receive);
}

// Makes the core's reply one of a server in interleaved mode, and saves it.
static void pair_answer(struct server *s, const struct verify_exchange *x, enum pair_fault fault)
{
	struct verify_layout l;
	if (!verify_layout_find(s->reply, s->length, &l) || s->saved_count == SAVED)
		return;
	uint8_t *m = s->reply + l.ntp;
	const uint8_t *asked = x->request + x->in.ntp;
	struct saved reply = {field(m + 32), field(m + 40) + 1000, false};
	struct saved *earlier = saved_find(s, field(asked + 24), fault == PAIR_TOLD_TWICE);
	bool asks = field(asked + 32) != field(asked + 40) || fault == PAIR_TOLD_UNASKED;
	if (fault == PAIR_COARSE)
		reply.receive -= reply.receive % COARSE;
	field_put(m + 32, reply.receive);
	if (earlier != NULL && asks)
		pair_tell(m, asked, earlier, fault);
	else if (fault == PAIR_TRANSMIT_TAKEN)
		field_put(m + 40, reply.receive);
	s->saved[s->saved_count++] = reply;
	if (l.ntp_length == NTP_LENGTH)
		reply_mend(s->reply, &l);
}

static void answer_make(struct server *s, const struct verify_exchange *x)
{
	const struct wrong *w = s->wrong;
	bool concerned = w != NULL && is_concerned(w, x) && (!w->is_late || s->asked > 60);
	s->length = 0;
	if (s->is_ip4_only && x->is_ip6)
		return;
	if (concerned && w->is_silent)
		return;
	if (concerned && w->answers)
		plain_answer(s, x);
	else
		desk_take(s, x->request, x->request_length);
	if (s->is_interleaving && strcmp(x->what->rule, VERIFY_PAIRS) == 0)
		pair_answer(s, x, w != NULL ? w->pair : PAIR_RIGHT);
	if (w != NULL && w->pair == PAIR_SILENT && x->what->pair != VERIFY_PAIR_NONE)
		s->length = 0;
	if (concerned && s->length > 0)
		reply_spoil(s, x);
}

static bool server_ask(void *with, struct verify_volley *v, bool whole)
{
	struct server *s = with;
	(void)whole;
	for (unsigned i = 0; i < v->count; i++) {
		struct verify_exchange *x = &v->exchange[i];
		if (x->replies > 0)
			continue;
		s->asked++;
		s->is_dead |= s->dies_of != NULL && strcmp(x->what->rule, s->dies_of) == 0;
		if (s->is_dead || (s->is_lossy && s->asked % 7 == 0))
			continue;
		answer_make(s, x);
		if (s->length > 0)
			verify_deliver(v, s->reply, s->length);
		if (s->length > 0 && s->wrong != NULL && s->wrong->is_twice)
			verify_deliver(v, s->reply, s->length);
		if (s->wrong != NULL && s->wrong->is_broadcasting)
			broadcast_send(s, v);
	}
	return !s->is_stopped;
}

static struct verify_session *session_with(struct server *s)
{
	struct verify_session *session = verify_session_create(&ends, server_ask, s);
	assert_non_null(session);
	return session;
}

static struct verify_session *session_run(struct server *s)
{
	bool is_ip6;
	struct verify_session *session = session_with(s);
	assert_true(verify_session_run(session, &is_ip6));
	return session;
}

static enum verify_verdict verdict_on(const struct verify_session *s, const char *rule)
{
	return s->finding[rule_of(rule) - verify_rules].verdict;
}

static bool is_among(const char *word, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, word) == 0)
			return true;
	return false;
}

static void the_core_keeps_every_rule(void **state)
{
	static const char *const unseen[] = {"H9b", "H17", "L1e", "E8", NULL};
	(void)state;
	for (unsigned vlan = 0; vlan < 2; vlan++) {
		static struct server server;
		server = (struct server){.is_interleaving = true};
		ends_make(true, vlan != 0);
		struct verify_session *s = session_run(&server);
		for (size_t i = 0; i < verify_rule_count; i++) {
			enum verify_verdict want =
				is_among(verify_rules[i].id, unseen) ? VERIFY_SKIP : VERIFY_PASS;
			if (s->finding[i].verdict != want)
				fail_msg("%s: %s", verify_rules[i].id, s->finding[i].why);
			assert_true(s->finding[i].why[0] != '\0');
		}
		assert_int_equal(verify_session_count(s, VERIFY_FAIL, true), 0);
		assert_int_equal(verify_session_count(s, VERIFY_SKIP, false), 4);
		free(s);
	}
}

// What only interleaved mode shows is no fault of a server that has none.
static void interleaved_mode_is_a_choice(void **state)
{
	static const char *const unseen[] = {"I1b", "I2a", "I2b", "I2c", "I4", "I5", NULL};
	static struct server server;
	(void)state;
	ends_make(true, false);
	struct verify_session *s = session_run(&server);
	for (const char *const *id = unseen; *id != NULL; id++) {
		const struct verify_finding *f = &s->finding[rule_of(*id) - verify_rules];
		assert_int_equal(f->verdict, VERIFY_SKIP);
		assert_non_null(strstr(f->why, "basic mode, which is a server's choice"));
	}
	assert_int_equal(verdict_on(s, "I3"), VERIFY_PASS);
	assert_int_equal(verify_session_count(s, VERIFY_FAIL, false), 0);
	free(s);
}

static void every_type_of_key_is_verified(void **state)
{
	static const char *const texts[] = {"1:MD5:00", "4294967295:sha1:0123456789abcdefABCDEF",
		"2:SHA256:ff00ff", "3:AES128:2b7e151628aed2a6abf7158809cf4f3c", "4:SHA384:00",
		"5:sha512:ff00ff",
		"6:AES256:603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"};
	static struct server server;
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(texts); i++) {
		ends_make(true, false);
		key_set(texts[i]);
		struct verify_session *s = session_run(&server);
		assert_int_equal(verdict_on(s, "E6b"), VERIFY_PASS);
		assert_int_equal(verdict_on(s, "E6c"), VERIFY_PASS);
		assert_int_equal(verify_session_count(s, VERIFY_FAIL, false), 0);
		free(s);
	}
}

static void without_a_key_its_rules_are_skipped(void **state)
{
	static struct server server;
	(void)state;
	ends_make(true, false);
	ends.secret = NULL;
	struct verify_session *s = session_run(&server);
	const struct verify_finding *f = &s->finding[rule_of("E6b") - verify_rules];
	assert_int_equal(f->verdict, VERIFY_SKIP);
	assert_string_equal(f->why, "no key was given with --key");
	assert_int_equal(verdict_on(s, "E6c"), VERIFY_SKIP);
	assert_int_equal(verdict_on(s, "E6a"), VERIFY_PASS);
	assert_int_equal(verify_session_count(s, VERIFY_FAIL, false), 0);
	free(s);
}

static void a_word_that_is_no_key_is_refused(void **state)
{
	static const char *const texts[] = {"", "1", "1:MD5", "1:MD5:", "1:MD5:0", "1:MD5:0g",
		"0:MD5:00", "4294967296:MD5:00", "99999999999:MD5:00", ":MD5:00", "1::00",
		"1:MD4:00", "1:SHA:00", "1:SHA1 :00", "1:MD5:00 ", "1:AES128:00",
		"1:AES128:2b7e151628aed2a6abf7158809cf4f3c00",
		"1:AES-128:2b7e151628aed2a6abf7158809cf4f3c",
		"1:AES256:2b7e151628aed2a6abf7158809cf4f3c", "1:SHA224:00"};
	struct key k = {.id = 5};
	(void)state;
	for (unsigned i = 0; i < TABLE_LENGTH(texts); i++)
		if (key_read(texts[i], &k) || k.id != 5)
			fail_msg("%s", texts[i]);
	static char most[] = "1:SHA1:";
	static char text[sizeof(most) + 2 * (KEY_SECRET_MAX + 1)];
	memset(text, 'a', sizeof(text) - 1);
	memcpy(text, most, sizeof(most) - 1);
	assert_false(key_read(text, &k));
	text[sizeof(most) - 1 + 2 * KEY_SECRET_MAX] = '\0';
	assert_true(key_read(text, &k));
	assert_int_equal(k.type, KEY_SHA1);
}

// A server's short messages cannot be answered without a reply that is too long.
static bool has_short_cases(const char *rule)
{
	for (size_t i = 0; i < verify_case_count; i++)
		if (strcmp(verify_cases[i].rule, rule) == 0 &&
			(verify_cases[i].message_last == 47 ||
				(verify_cases[i].message > 0 && verify_cases[i].message < 48)))
			return true;
	return false;
}

static void check_only_fails(const struct verify_session *s, const struct wrong *w)
{
	for (size_t i = 0; i < verify_rule_count; i++) {
		const char *id = verify_rules[i].id;
		bool want = strcmp(id, w->rule) == 0;
		bool may = (w->too != NULL && strcmp(id, w->too) == 0) ||
		           (w->answers && strcmp(id, "H18a") == 0 && has_short_cases(w->rule));
		if (w->may_spread && !want)
			continue;
		if (!may && (s->finding[i].verdict == VERIFY_FAIL) != want)
			fail_msg("%s: %s", id, s->finding[i].why);
	}
}

static void a_wrong_server_fails_its_rule_and_no_other(void **state)
{
	static struct server server;
	server = (struct server){.wrong = *state};
	server.is_interleaving = server.wrong->pair != PAIR_RIGHT;
	ends_make(false, server.wrong->has_vlan);
	struct verify_session *s = session_run(&server);
	check_only_fails(s, server.wrong);
	free(s);
}

// Every rule with cases of its own: a server that does the opposite.
static void the_opposite_fails_the_rule_and_no_other(void **state)
{
	const struct verify_rule *r = *state;
	struct wrong w = {.rule = r->id};
	struct server server = {.wrong = &w};
	w.answers = r->kind == VERIFY_SILENT;
	w.is_silent = !w.answers;
	ends_make(true, false);
	struct verify_session *s = session_run(&server);
	if (r->kind == VERIFY_OPTIONAL) {
		assert_int_equal(verify_session_count(s, VERIFY_FAIL, false), 0);
		assert_int_equal(verdict_on(s, r->id), VERIFY_SKIP);
	} else {
		check_only_fails(s, &w);
	}
	free(s);
}

static void every_rule_has_its_wrong_server(void **state)
{
	(void)state;
	for (size_t i = 0; i < verify_rule_count; i++) {
		bool found = has_cases(&verify_rules[i]);
		for (size_t n = 0; n < TABLE_LENGTH(wrongs); n++)
			found |= strcmp(wrongs[n].rule, verify_rules[i].id) == 0;
		if (!found)
			fail_msg("%s has none", verify_rules[i].id);
	}
}

static void rules_and_cases_know_one_another(void **state)
{
	(void)state;
	for (size_t i = 0; i < verify_case_count; i++)
		if (strcmp(verify_cases[i].rule, VERIFY_PLAIN) != 0)
			assert_true(has_cases(rule_of(verify_cases[i].rule)));
	for (size_t i = 0; i < verify_rule_count; i++) {
		unsigned frames = 0;
		for (size_t n = 0; n < verify_case_count; n++)
			if (strcmp(verify_cases[n].rule, verify_rules[i].id) == 0)
				frames += verify_case_frames(&verify_cases[n], false) +
				          verify_case_frames(&verify_cases[n], true);
		assert_int_equal(frames > 0, has_cases(&verify_rules[i]));
		assert_in_range(frames, 0, VERIFY_VOLLEY);
		assert_ptr_equal(rule_of(verify_rules[i].id), &verify_rules[i]);
	}
}

static void a_dead_server_is_not_taken_for_a_silent_one(void **state)
{
	(void)state;
	struct server server = {.dies_of = "H5d"};
	ends_make(true, false);
	struct verify_session *s = session_run(&server);
	assert_int_equal(verdict_on(s, "H5c"), VERIFY_PASS);
	assert_int_equal(verdict_on(s, "H5d"), VERIFY_FAIL);
	assert_int_equal(verdict_on(s, "H5e"), VERIFY_SKIP);
	assert_int_equal(verdict_on(s, "E6a"), VERIFY_SKIP);
	assert_int_equal(verify_session_count(s, VERIFY_FAIL, false), 1);
	free(s);
}

static void lost_requests_are_asked_again(void **state)
{
	(void)state;
	struct server server = {.is_lossy = true};
	ends_make(true, false);
	struct verify_session *s = session_run(&server);
	assert_int_equal(verify_session_count(s, VERIFY_FAIL, false), 0);
	assert_int_equal(verdict_on(s, "H2a"), VERIFY_PASS);
	assert_int_equal(verdict_on(s, "H18b"), VERIFY_PASS);
	free(s);
}

static void a_family_without_replies_is_named(void **state)
{
	(void)state;
	struct server server = {.is_ip4_only = true};
	bool is_ip6 = false;
	ends_make(true, false);
	struct verify_session *s = session_with(&server);
	assert_false(verify_session_run(s, &is_ip6));
	assert_true(is_ip6);
	free(s);
	struct server dead = {.is_dead = true};
	s = session_with(&dead);
	assert_false(verify_session_run(s, &is_ip6));
	assert_false(is_ip6);
	free(s);
}

// A server that limits each client's rate must not be taken for one that is silent by rule.
static void clients_take_turns(void **state)
{
	(void)state;
	struct server server = {0};
	ends_make(true, false);
	struct verify_session *s = session_run(&server);
	for (unsigned i = 1; i < s->plain.count; i++) {
		const struct verify_exchange *a = &s->plain.exchange[i - 1];
		const struct verify_exchange *b = &s->plain.exchange[i];
		const uint8_t *first = a->request + a->in.ip + (a->is_ip6 ? 8 : 12);
		const uint8_t *second = b->request + b->in.ip + (b->is_ip6 ? 8 : 12);
		assert_int_equal(b->client, a->client + 1);
		assert_int_equal(a->is_ip6 ? first[15] : first[3], a->client + 1);
		assert_int_equal(b->is_ip6 ? second[15] : second[3], b->client + 1);
	}
	free(s);
}

static void what_was_not_asked_is_skipped(void **state)
{
	(void)state;
	struct server server = {.is_stopped = true};
	ends_make(true, false);
	struct verify_session *s = session_run(&server);
	assert_int_equal(verdict_on(s, "E6a"), VERIFY_SKIP);
	assert_int_equal(verify_session_count(s, VERIFY_FAIL, false), 0);
	free(s);
}

// What is received is read inside of its bytes, whatever it is.
static void other_traffic_is_no_reply(void **state)
{
	uint64_t random = random_seed("verify foreign");
	struct guard guard;
	(void)state;
	guard_make(&guard, FRAME_ROOM);
	ends_make(true, false);
	struct server server = {0};
	struct verify_session *s = session_run(&server);
	struct verify_volley *v = &s->plain;
	unsigned answered = v->answered;
	for (unsigned i = 0; i < 200000; i++) {
		uint8_t frame[200];
		size_t length = random_below(&random, sizeof(frame));
		random_fill(&random, frame, sizeof(frame));
		frame[12] = i % 2 == 0 ? 0x08 : 0x86;
		frame[13] = i % 2 == 0 ? 0x00 : 0xdd;
		frame[i % 2 == 0 ? 23 : 20] = 17;
		verify_deliver(v, guard_place_end(&guard, frame, length), length);
	}
	assert_int_equal(v->answered, answered);
	guard_free(&guard);
	free(s);
}

static int open_desk(void **state)
{
	(void)state;
	desk_open(&desk);
	return 0;
}

static int close_desk(void **state)
{
	(void)state;
	desk_close(&desk);
	return 0;
}

int main(void)
{
	static struct table t;
	for (size_t i = 0; i < TABLE_LENGTH(wrongs); i++)
		table_add(
			&t, wrongs[i].rule, a_wrong_server_fails_its_rule_and_no_other, &wrongs[i]);
	for (size_t i = 0; i < verify_rule_count; i++)
		if (has_cases(&verify_rules[i]))
			table_add(&t, verify_rules[i].title,
				the_opposite_fails_the_rule_and_no_other, &verify_rules[i]);
	TABLE_ADD(&t, the_core_keeps_every_rule);
	TABLE_ADD(&t, interleaved_mode_is_a_choice);
	TABLE_ADD(&t, every_type_of_key_is_verified);
	TABLE_ADD(&t, without_a_key_its_rules_are_skipped);
	TABLE_ADD(&t, a_word_that_is_no_key_is_refused);
	TABLE_ADD(&t, every_rule_has_its_wrong_server);
	TABLE_ADD(&t, rules_and_cases_know_one_another);
	TABLE_ADD(&t, a_dead_server_is_not_taken_for_a_silent_one);
	TABLE_ADD(&t, lost_requests_are_asked_again);
	TABLE_ADD(&t, a_family_without_replies_is_named);
	TABLE_ADD(&t, clients_take_turns);
	TABLE_ADD(&t, what_was_not_asked_is_skipped);
	TABLE_ADD(&t, other_traffic_is_no_reply);
	return table_run_between("verify", &t, open_desk, close_desk);
}
