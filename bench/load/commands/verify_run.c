// SPDX-License-Identifier: BSD-3-Clause
#include "commands/commands.h"

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "commands/verify_report.h"
#include "run/session.h"
#include "verify/verify_session.h"

#define MS_NS     1000000
#define SECOND_NS 1000000000
#define PAUSE_NS  20000

#define SILENT_SERVER(family)                                                                      \
	"no reply to plain " family " requests, so nothing can be verified: see that --dst and "   \
	"--dst-mac are the server's and that it can reach --src-net, or give it longer with "      \
	"--timeout"

// Who carries frames between session and port.
struct carrier {
	const struct link *link;
	const volatile int *stop;
	int64_t timeout_ns;
	const struct verify_session *session; // to be told of while it runs; NULL: quiet
	int64_t begin_ns;
	int64_t told_ns; // when it was last told of
};

static int64_t clock_now_ns(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * SECOND_NS + t.tv_nsec;
}

// Gives what has come to the volley. Returns how many frames came.
static unsigned frames_receive(const struct carrier *c, struct verify_volley *v)
{
	struct rte_mbuf *m[OPTIONS_BURST];
	unsigned received = 0;
	for (uint16_t q = 0; q < c->link->queues; q++) {
		unsigned n = rte_eth_rx_burst(c->link->port, q, m, OPTIONS_BURST);
		for (unsigned i = 0; i < n; i++)
			verify_deliver(v, rte_pktmbuf_mtod(m[i], const uint8_t *), m[i]->data_len);
		rte_pktmbuf_free_bulk(m, n);
		received += n;
	}
	return received;
}

// One frame; false if the port did not take it before `end`.
static bool verify_run_frame_send(
	const struct carrier *c, const struct verify_exchange *x, int64_t end)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(c->link->pool);
	char *at = m != NULL ? rte_pktmbuf_append(m, x->request_length) : NULL;
	if (at == NULL) {
		rte_pktmbuf_free(m);
		return false;
	}
	memcpy(at, x->request, x->request_length);
	while (rte_eth_tx_burst(c->link->port, 0, &m, 1) == 0) {
		if (clock_now_ns() < end)
			continue;
		rte_pktmbuf_free(m);
		return false;
	}
	return true;
}

// Some drivers free and complete sent frames only when they are asked to send more. A frame is
// there to look at, though none is sent: memif of DPDK 24.11 looks.
static void port_kick(const struct carrier *c)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(c->link->pool);
	if (m == NULL)
		return;
	(void)rte_eth_tx_burst(c->link->port, 0, &m, 0);
	rte_pktmbuf_free(m);
}

// A line a second.
static void progress_tell(struct carrier *c)
{
	int64_t now = clock_now_ns();
	if (c->session == NULL || now - c->told_ns < SECOND_NS)
		return;
	c->told_ns = now;
	fprintf(stderr, "%5.0f s  %u of %zu rules  %u requests  %u rules broken\n",
		(double)(now - c->begin_ns) / SECOND_NS, c->session->rules, verify_rule_count,
		c->session->number, verify_session_count(c->session, VERIFY_FAIL, false));
}

static bool carrier_ask(void *with, struct verify_volley *v, bool whole)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	struct carrier *c = with;
	int64_t end = clock_now_ns() + c->timeout_ns;
	for (unsigned i = 0; i < v->count; i++)
		if (v->exchange[i].replies == 0)
			(void)verify_run_frame_send(c, &v->exchange[i], end);
	end = clock_now_ns() + c->timeout_ns;
	while (*c->stop == 0 && clock_now_ns() < end && (whole || v->answered < v->count)) {
		if (frames_receive(c, v) > 0)
			continue;
		port_kick(c);
		// The server may share this core.
		(void)nanosleep(&pause, NULL);
	}
	progress_tell(c);
	return *c->stop == 0;
}

static struct verify_ends ends_make(const struct options *o, const struct link *l)
{
	struct verify_ends e = {.profile = o->profile, .secret = o->has_key ? &o->key : NULL};
	e.profile.source = l->mac;
	if (getrandom(&e.key, sizeof(e.key), 0) != sizeof(e.key))
		e.key = (uint64_t)clock_now_ns();
	return e;
}

static int session_tell(const struct verify_session *s, const struct options *o)
{
	if (o->json)
		(void)verify_report_print_json(stdout, s, o);
	else
		verify_report_print(stdout, s);
	bool good = verify_session_count(s, VERIFY_FAIL, true) == 0 &&
	            verify_session_count(s, VERIFY_PASS, false) > 0;
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

int verify_run(const struct session *session)
{
	const struct options *o = session->options;
	struct verify_ends ends = ends_make(o, session->link);
	struct carrier c = {.link = session->link, .stop = session->stop};
	struct verify_session *s = verify_session_create(&ends, carrier_ask, &c);
	bool is_ip6 = false;
	int result = EXIT_FAILURE;
	c.timeout_ns = (int64_t)(o->timeout_ms * MS_NS);
	c.begin_ns = c.told_ns = clock_now_ns();
	c.session = o->quiet ? NULL : s;
	if (s == NULL)
		return session_complain("no memory");
	if (verify_session_run(s, &is_ip6))
		result = session_tell(s, o);
	else
		result = session_complain(is_ip6 ? SILENT_SERVER("IPv6") : SILENT_SERVER("IPv4"));
	free(s);
	return result;
}
