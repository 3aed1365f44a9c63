// SPDX-License-Identifier: BSD-3-Clause
#include "interleaved.h"

#include <string.h>

#include "core/responder.h"
#include "frames.h"

#define CLIENTS (1u << 20)
// 4 MiB, in which a million replies are 32,768 of 262,144 pairs.
#define BUCKETS (1u << 16)
// Ten million replies a second at 2.3 GHz.
#define BURST_CYCLES 7360
// Replies of a run that may be in basic mode though their clients asked: a bucket was full.
#define MISSED (FRAMES / 50)

enum mode { OFF, BASIC, ASKED };

static struct interleave_bucket bucket[BUCKETS];
static struct interleave table;
static struct responder responder;
static struct packet packets[FRAMES_BURST];
static const struct clock_view *view;
static struct cycles now = {2000};
static enum mode mode;
static bool has_run;
static uint64_t told[CLIENTS];   // T2 of each client's last reply; 0: none yet
static unsigned client[FRAMES];  // who asks in each frame
static uint64_t receive[FRAMES]; // and with what receive timestamp
static uint64_t turn;

void interleaved_begin(const struct clock_view *v)
{
	view = v;
	responder_init(&responder, frames_service(), 1);
	interleave_init(&table, bucket, BUCKETS, 0, 1);
	table.secret = 0x123456789abcdef;
}

static uint64_t field(unsigned i, unsigned at)
{
	uint64_t n = 0;
	for (unsigned b = 0; b < 8; b++)
		n = n << 8 | frames_at(i)[frames_length() - NTP_LENGTH + at + b];
	return n;
}

// What the clients learned of the last run.
static void replies_take(void)
{
	for (unsigned i = 0; i < FRAMES && has_run; i++)
		told[client[i]] = field(i, 32);
	has_run = false;
}

// Each client once in CLIENTS frames: an odd factor makes an order of them, another one each time.
static unsigned client_next(void)
{
	uint64_t round = turn / CLIENTS;
	uint64_t place = turn++ % CLIENTS;
	return (unsigned)((place * (2654435761u * (2 * round + 1)) + round) % CLIENTS);
}

static void frames_make(void)
{
	frames_restore();
	for (unsigned i = 0; i < FRAMES; i++) {
		client[i] = client_next();
		receive[i] = turn << 1;
		if (mode == ASKED && told[client[i]] != 0)
			frames_ask(i, told[client[i]], receive[i]);
	}
}

static void clients_meet(void)
{
	turn += (CLIENTS - turn % CLIENTS) % CLIENTS;
	for (unsigned i = 0; i < CLIENTS / FRAMES; i++) {
		frames_make();
		run_interleaved();
		replies_take();
	}
}

static void restore(enum mode wanted)
{
	bool is_other = mode != wanted || turn == 0;
	mode = wanted;
	// Other cases have frames of their own there.
	frames_build(FRAMES_IP4);
	responder_interleave(&responder, mode == OFF ? NULL : &table, 0);
	replies_take();
	// Every client has been answered once, and the table is in use, before anything is
	// measured.
	if (is_other && mode != OFF)
		clients_meet();
	frames_make();
}

void interleaved_restore_off(void)
{
	restore(OFF);
}

void interleaved_restore_basic(void)
{
	restore(BASIC);
}

void interleaved_restore_asked(void)
{
	restore(ASKED);
}

void run_interleaved(void)
{
	struct ntp_answer answer;
	for (unsigned i = 0; i < FRAMES; i += FRAMES_BURST) {
		now.n += BURST_CYCLES;
		frames_load(packets, i);
		if (responder_open(&responder, packets, FRAMES_BURST) == 0)
			continue;
		ntp_answer_prepare(view, now, 0, &answer);
		struct burst_times t = {
			.receive = clock_view_time(view, now),
			.transmit = clock_view_time(view, (struct cycles){now.n + 1000}),
		};
		responder_answer(&responder, packets, FRAMES_BURST, &answer, &t);
		if (!responder_is_interleaved(&responder))
			continue;
		struct ntp_time left = ntp_time_add(t.transmit, 1000);
		(void)responder_sent(&responder, packets, FRAMES_BURST, FRAMES_BURST, &left);
	}
	has_run = true;
}

// How many of the run's replies tell of the one before.
static unsigned interleaved_count(void)
{
	unsigned n = 0;
	for (unsigned i = 0; i < FRAMES; i++)
		n += field(i, 24) == receive[i];
	return n;
}

bool interleaved_check_basic(void)
{
	for (unsigned i = 0; i < FRAMES; i++)
		if (frames_at(i)[frames_length() - NTP_LENGTH] != 0x24)
			return false;
	return interleaved_count() == 0;
}

bool interleaved_check_asked(void)
{
	return interleaved_count() >= FRAMES - MISSED;
}
