// SPDX-License-Identifier: BSD-3-Clause
#include "status/words.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>

#include "core/counters.h"
#include "core/auth/keys.h"
#include "status/port_words.h"

static const struct word sync_state_rows[] = {SYNC_STATE_LIST(WORD_ROW)};
static const struct word announce_rows[] = {ANNOUNCE_LIST(WORD_ROW)};
static const struct word sync_reason_rows[] = {SYNC_REASONS(WORD_ROW)};
static const struct word kernel_word_rows[] = {KERNEL_WORDS(WORD_ROW)};
static const struct word leap_witness_rows[] = {LEAP_WITNESS_LIST(WORD_ROW)};
static const struct word leap_list_state_rows[] = {LEAP_LIST_STATES(WORD_ROW)};
static const struct word stamp_reason_rows[] = {STAMP_REASONS(WORD_ROW)};
static const struct word port_event_rows[] = {PORT_EVENT_LIST(WORD_ROW)};
static const struct word port_state_rows[] = {PORT_STATE_LIST(WORD_ROW)};
static const struct word counter_rows[] = {COUNTER_LIST(WORD_ROW)};
static const struct word smear_kind_rows[] = {SMEAR_LIST(WORD_ROW)};

static const struct word_table sync_state = WORD_TABLE("sync_state", sync_state_rows);
static const struct word_table announce = WORD_TABLE("announce", announce_rows);
static const struct word_table sync_reason = WORD_TABLE("sync_reason", sync_reason_rows);
static const struct word_table kernel_word = WORD_TABLE("kernel_word", kernel_word_rows);
static const struct word_table leap_witness = WORD_TABLE("leap_witness", leap_witness_rows);
static const struct word_table leap_list_state =
	WORD_TABLE("leap_list_state", leap_list_state_rows);
static const struct word_table stamp_reason = WORD_TABLE("stamp_reason", stamp_reason_rows);
static const struct word_table port_event = WORD_TABLE("port_event", port_event_rows);
static const struct word_table port_state = WORD_TABLE("port_state", port_state_rows);
static const struct word_table counter = WORD_TABLE("counter", counter_rows);
static const struct word_table smear_kind = WORD_TABLE("smear_kind", smear_kind_rows);

const struct word_table *const statseg_words[] = {
	&verdict_words,
	&traffic_words,
	&stamp_words,
	&key_type_words,
	&sync_state,
	&announce,
	&sync_reason,
	&kernel_word,
	&leap_witness,
	&leap_list_state,
	&stamp_reason,
	&port_event,
	&port_state,
	&counter,
	&smear_kind,
};

const char *sync_state_text(enum sync_state s)
{
	return word_text(&sync_state, (unsigned)s);
}

const char *announce_text(enum announce a)
{
	return word_text(&announce, (unsigned)a);
}

const char *sync_reason_word(enum sync_reason r)
{
	return word_text(&sync_reason, (unsigned)r);
}

const char *kernel_word_word(enum kernel_word w)
{
	return word_text(&kernel_word, (unsigned)w);
}

const char *leap_list_state_word(enum leap_list_state s)
{
	return word_text(&leap_list_state, (unsigned)s);
}

const char *smear_kind_word(enum smear_kind k)
{
	return word_text(&smear_kind, (unsigned)k);
}

const char *stamp_reason_text(enum stamp_reason r)
{
	return word_text(&stamp_reason, (unsigned)r);
}

const char *port_event_text(enum port_event e)
{
	return word_text(&port_event, (unsigned)e);
}

const char *port_state_text(enum port_state s)
{
	return word_text(&port_state, (unsigned)s);
}

const char *counter_text(enum counter c)
{
	return word_text(&counter, (unsigned)c);
}

const char *sync_reason_text(enum sync_reason r)
{
	return word_sentence(&sync_reason, (unsigned)r);
}

const char *kernel_word_text(enum kernel_word w)
{
	return word_sentence(&kernel_word, (unsigned)w);
}

const char *stamp_reason_sentence(enum stamp_reason r)
{
	return word_sentence(&stamp_reason, (unsigned)r);
}

const char *port_event_words(enum port_event e)
{
	return word_sentence(&port_event, (unsigned)e);
}

const char *port_state_sentence(enum port_state s)
{
	return word_sentence(&port_state, (unsigned)s);
}

const char *counter_sentence(enum counter c)
{
	return word_sentence(&counter, (unsigned)c);
}

const char *leap_witness_text(unsigned witnesses, char ret_text[LEAP_WITNESS_TEXT])
{
	size_t used = 0;
	ret_text[0] = '\0';
	for (unsigned i = 0; i < LEAP_WITNESSES; i++)
		if (witnesses & 1u << i)
			used += (size_t)snprintf(ret_text + used, LEAP_WITNESS_TEXT - used, "%s%s",
				used == 0 ? "" : ", ", word_sentence(&leap_witness, i));
	return used == 0 ? "nobody" : ret_text;
}

enum sync_reason sync_reason_shown(
	enum sync_state s, enum announce a, enum sync_reason reason, enum sync_reason complaint)
{
	// After a step, what the new measurement lacks yet says less than what happened.
	bool is_early = s == SYNC_STATE_STEP && complaint != SYNC_REASON_UNCONFIRMED;
	bool is_told = !is_early && a != ANNOUNCE_UP && complaint != SYNC_REASON_NONE;
	return is_told ? complaint : reason;
}
