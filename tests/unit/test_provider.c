// SPDX-License-Identifier: BSD-3-Clause
// daemons that are silent, slow, cut off, wordy or wrong, over real sockets; the server never
// waits for any of them.
#include "reference/provider.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/wire_int.h"
#include "harness/scratch.h"
#include "harness/table.h"

#define NS_PER_S 1000000000LL
#define DOCUMENT                                                                                   \
	"{\"system\":{\"stratum\":1,\"reference_id\":1397703499,\"root_delay\":0.0,"               \
	"\"root_variance_base_time\":{\"timestamp\":17199093500000000000},"                        \
	"\"root_variance_base\":1e-6,\"root_variance_linear\":0.0,\"root_variance_quadratic\":0."  \
	"0,"                                                                                       \
	"\"root_variance_cubic\":0.0,\"leap_indicator\":\"NoWarning\",\"accumulated_steps\":0.0}," \
	"\"sources\":[]}"
#define VARIABLES                                                                                  \
	"leap=0, stratum=2, refid=192.0.2.1, rootdelay=0.381, rootdisp=1.5,"                       \
	"\r\nreftime=0xeeaf7466.80000000, offset=-0.25, tc=6\r\n"

// 2026-11-24 02:27:02 UTC.
static const struct nanos now = {1795487222 * NS_PER_S};
static const struct kernel_clock kernel = {.state = TIME_OK, .status = STA_PLL, .maxerror = 4000};
static struct nanos passed;
static struct provider provider;
static struct config_reference config;
static int daemon_fd = -1; // of the fake daemon: the connection, or its socket
static int listen_fd = -1;

static void daemon_close(void)
{
	if (daemon_fd >= 0)
		close(daemon_fd);
	if (listen_fd >= 0)
		close(listen_fd);
	daemon_fd = listen_fd = -1;
}

static int end(void **state)
{
	(void)state;
	provider_close(&provider);
	daemon_close();
	return 0;
}

// An ntpd-rs that listens; asked, it has accepted.
static void ntpd_rs_begin(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	end(NULL);
	config = (struct config_reference){.source = REFERENCE_NTPD_RS};
	snprintf(config.socket, sizeof(config.socket), "%s", scratch_path("observe"));
	(void)unlink(config.socket);
	snprintf(at.sun_path, sizeof(at.sun_path), "%.107s", config.socket);
	listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(listen_fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(listen_fd, 2), 0);
	provider_open(&provider, &config);
}

static void ntpd_rs_ask(void)
{
	provider_request(&provider, kernel, now, passed);
	assert_true(provider_is_pending(&provider));
	daemon_fd = accept(listen_fd, NULL, NULL);
	assert_true(daemon_fd >= 0);
}

static void daemon_say(const void *bytes, size_t length)
{
	assert_int_equal(send(daemon_fd, bytes, length, 0), length);
}

static void header_say(uint64_t length)
{
	struct be64 header = be64_put(length);
	daemon_say(&header, sizeof(header));
}

static void is_waiting(void)
{
	struct reference r;
	assert_int_equal(provider_poll(&provider, passed, &r), PROVIDER_WAIT);
}

static void is_told(struct reference *ret_reference)
{
	assert_int_equal(provider_poll(&provider, passed, ret_reference), PROVIDER_TOLD);
	assert_true(ret_reference->answered);
	assert_false(provider_is_pending(&provider));
}

static void is_refused(const char *why)
{
	struct reference r = {.answered = true};
	assert_int_equal(provider_poll(&provider, passed, &r), PROVIDER_FAIL);
	assert_false(r.answered);
	assert_int_equal(r.stratum, 0);
	assert_string_equal(provider.told, why);
	assert_false(provider_is_pending(&provider));
}

static void ntpd_rs_answers(void **state)
{
	(void)state;
	struct reference r;
	ntpd_rs_begin();
	for (unsigned i = 0; i < 3; i++) {
		ntpd_rs_ask();
		is_waiting();
		header_say(strlen(DOCUMENT));
		daemon_say(DOCUMENT, strlen(DOCUMENT));
		close(daemon_fd);
		is_told(&r);
		assert_int_equal(r.stratum, 1);
		assert_int_equal(r.reference_id, 0x534f434b);
		assert_int_equal(r.source, REFERENCE_NTPD_RS);
		is_waiting();
	}
	daemon_fd = -1;
}

static void ntpd_rs_comes_byte_by_byte(void **state)
{
	(void)state;
	struct reference r;
	struct be64 header = be64_put(strlen(DOCUMENT));
	ntpd_rs_begin();
	ntpd_rs_ask();
	for (unsigned i = 0; i < sizeof(header); i++) {
		daemon_say(&header.byte[i], 1);
		is_waiting();
	}
	for (unsigned i = 0; i + 1 < strlen(DOCUMENT); i++) {
		daemon_say(&DOCUMENT[i], 1);
		is_waiting();
	}
	daemon_say("}", 1);
	is_told(&r);
}

static void ntpd_rs_is_not_there(void **state)
{
	(void)state;
	ntpd_rs_begin();
	(void)unlink(config.socket);
	provider_request(&provider, kernel, now, passed);
	is_refused("No such file or directory");
	ntpd_rs_begin();
	close(listen_fd);
	listen_fd = -1;
	provider_request(&provider, kernel, now, passed);
	is_refused("Connection refused");
}

static void ntpd_rs_closes_early(void **state)
{
	(void)state;
	static const char why[] = "it closed the connection before its document was whole";
	for (unsigned said = 0; said < 3; said++) {
		ntpd_rs_begin();
		ntpd_rs_ask();
		if (said > 0)
			header_say(strlen(DOCUMENT));
		if (said > 1)
			daemon_say(DOCUMENT, strlen(DOCUMENT) - 1);
		close(daemon_fd);
		daemon_fd = -1;
		struct reference r;
		// The header alone is one look, the end of it another.
		if (provider_poll(&provider, passed, &r) == PROVIDER_WAIT)
			(void)provider_poll(&provider, passed, &r);
		assert_string_equal(provider.told, why);
		assert_false(provider_is_pending(&provider));
	}
}

static void ntpd_rs_lies_about_its_length(void **state)
{
	(void)state;
	static const uint64_t lengths[] = {0, (1u << 16) + 1, UINT64_MAX};
	for (unsigned i = 0; i < TABLE_LENGTH(lengths); i++) {
		ntpd_rs_begin();
		ntpd_rs_ask();
		header_say(lengths[i]);
		is_refused("the length of its document is none, or over 64 KiB");
	}
}

static void ntpd_rs_says_garbage(void **state)
{
	(void)state;
	ntpd_rs_begin();
	ntpd_rs_ask();
	header_say(5);
	daemon_say("\x00\x01{{\xff", 5);
	is_refused("the document is not one piece of JSON");
}

static void ntpd_rs_says_two_documents(void **state)
{
	(void)state;
	ntpd_rs_begin();
	ntpd_rs_ask();
	for (unsigned i = 0; i < 2; i++) {
		header_say(strlen(DOCUMENT));
		daemon_say(DOCUMENT, strlen(DOCUMENT));
	}
	is_refused("it says more than its document");
}

// Looks as the control loop does, until the question ends: to the tick.
static void silence_ends_in_time(const char *why)
{
	struct reference r = {.answered = true};
	int64_t began = passed.n;
	while (passed.n - began < PROVIDER_TIMEOUT_NS) {
		is_waiting();
		passed.n += PROVIDER_TIMEOUT_NS / 25;
	}
	assert_int_equal(provider_poll(&provider, passed, &r), PROVIDER_FAIL);
	assert_false(r.answered);
	assert_string_equal(provider.told, why);
}

static void ntpd_rs_is_silent(void **state)
{
	(void)state;
	ntpd_rs_begin();
	provider_request(&provider, kernel, now, passed);
	silence_ends_in_time("nothing whole within 250 ms");
}

static void ntpd_rs_stops_in_the_middle(void **state)
{
	(void)state;
	ntpd_rs_begin();
	ntpd_rs_ask();
	header_say(1 << 16);
	daemon_say(DOCUMENT, strlen(DOCUMENT));
	silence_ends_in_time("nothing whole within 250 ms");
}

// A stopped daemon accepts nobody: its queue fills, and connecting must not wait.
static void ntpd_rs_does_not_accept(void **state)
{
	(void)state;
	ntpd_rs_begin();
	bool is_full = false;
	int fds[64];
	unsigned count = 0;
	while (!is_full && count < TABLE_LENGTH(fds)) {
		provider_request(&provider, kernel, now, passed);
		is_full = provider.ask.why != NULL;
		fds[count++] = dup(provider.ask.fd);
	}
	assert_true(is_full);
	is_refused("too many wait for its socket already");
	for (unsigned i = 0; i < count; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

// An ntpd on a port of the test's own; *ret_from is who asked.
static void ntpd_begin(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t length = sizeof(at);
	end(NULL);
	config = (struct config_reference){.source = REFERENCE_NTPD};
	provider_open(&provider, &config);
	daemon_fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(daemon_fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(daemon_fd, (struct sockaddr *)&at, &length), 0);
	provider.ntpd.port = ntohs(at.sin_port);
}

static void ntpd_ask(uint8_t *ret_question)
{
	struct sockaddr_in from;
	socklen_t length = sizeof(from);
	provider_request(&provider, kernel, now, passed);
	assert_int_equal(recvfrom(daemon_fd, ret_question, MODE6_HEADER, 0,
				 (struct sockaddr *)&from, &length),
		MODE6_HEADER);
	assert_int_equal(connect(daemon_fd, (struct sockaddr *)&from, length), 0);
}

static void ntpd_say(const uint8_t *question, uint8_t bits, unsigned offset, const char *text)
{
	uint8_t bytes[MODE6_HEADER + 256] = {
		0xd6, (uint8_t)(0x82 | bits), question[2], question[3]};
	size_t count = strlen(text);
	bytes[8] = (uint8_t)(offset >> 8);
	bytes[9] = (uint8_t)offset;
	bytes[11] = (uint8_t)count;
	memcpy(bytes + MODE6_HEADER, text, count);
	daemon_say(bytes, MODE6_HEADER + count + (-count & 3));
}

static void ntpd_answers(void **state)
{
	(void)state;
	struct reference r;
	uint8_t question[MODE6_HEADER];
	ntpd_begin();
	ntpd_ask(question);
	is_waiting();
	ntpd_say(question, 0, 0, VARIABLES);
	is_told(&r);
	assert_int_equal(r.stratum, 2);
	assert_int_equal(r.reference_id, 0xc0000201);
	assert_int_equal(r.correction.n, -250000);
}

static void ntpd_answers_in_fragments(void **state)
{
	(void)state;
	struct reference r;
	uint8_t question[MODE6_HEADER];
	char first[31] = "";
	memcpy(first, VARIABLES, 30);
	ntpd_begin();
	ntpd_ask(question);
	ntpd_say(question, 0, 30, &VARIABLES[30]);
	is_waiting();
	ntpd_say(question, 0x20, 0, first);
	is_told(&r);
}

static void ntpd_answers_someone_else(void **state)
{
	(void)state;
	struct reference r;
	uint8_t question[MODE6_HEADER];
	ntpd_begin();
	ntpd_ask(question);
	question[3] ^= 1;
	ntpd_say(question, 0, 0, VARIABLES);
	daemon_say("", 0);
	daemon_say("\x24", 1);
	is_waiting();
	question[3] ^= 1;
	ntpd_say(question, 0, 0, VARIABLES);
	is_told(&r);
}

static void ntpd_refuses(void **state)
{
	(void)state;
	uint8_t question[MODE6_HEADER];
	ntpd_begin();
	ntpd_ask(question);
	ntpd_say(question, 0x40, 0, "");
	is_refused("it refuses to tell its variables");
}

static void ntpd_says_garbage(void **state)
{
	(void)state;
	uint8_t question[MODE6_HEADER];
	ntpd_begin();
	ntpd_ask(question);
	ntpd_say(question, 0, 0, "leap=\x02");
	is_refused("the answer is no text");
}

static void ntpd_is_not_there(void **state)
{
	(void)state;
	ntpd_begin();
	close(daemon_fd);
	daemon_fd = -1;
	provider_request(&provider, kernel, now, passed);
	is_refused("nothing listens on 127.0.0.1 port 123");
}

static void ntpd_is_silent(void **state)
{
	(void)state;
	ntpd_begin();
	provider_request(&provider, kernel, now, passed);
	silence_ends_in_time("nothing whole within 250 ms");
}

static void the_program_itself_answers_at_once(void **state)
{
	(void)state;
	struct reference r;
	end(NULL);
	config = (struct config_reference){.source = REFERENCE_FIXED, .stratum = 10};
	provider_open(&provider, &config);
	is_waiting();
	provider_request(&provider, kernel, now, passed);
	is_told(&r);
	assert_int_equal(r.stratum, 10);
	is_waiting();
}

// By the state that came with the question.
static void the_kernel_answers_at_once(void **state)
{
	(void)state;
	struct reference r;
	end(NULL);
	config = (struct config_reference){.source = REFERENCE_KERNEL, .stratum = 3};
	provider_open(&provider, &config);
	provider_request(&provider, kernel, now, passed);
	is_told(&r);
	assert_int_equal(r.stratum, 3);
	assert_int_equal(now.n - r.reference_time.n, 8 * NS_PER_S);
	provider_request(&provider, (struct kernel_clock){.state = -1}, now, passed);
	is_told(&r);
	assert_int_equal(r.leap, LEAP_UNKNOWN);
	is_waiting();
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, ntpd_rs_answers);
	TABLE_ADD(&t, ntpd_rs_comes_byte_by_byte);
	table_add(&t, "R-03 ntpd-rs is not there", ntpd_rs_is_not_there, NULL);
	table_add(&t, "R-03 ntpd-rs closes early", ntpd_rs_closes_early, NULL);
	table_add(&t, "R-03 ntpd-rs lies about its length", ntpd_rs_lies_about_its_length, NULL);
	table_add(&t, "R-03 ntpd-rs says garbage", ntpd_rs_says_garbage, NULL);
	table_add(&t, "R-03 ntpd-rs says two documents", ntpd_rs_says_two_documents, NULL);
	table_add(&t, "R-03 ntpd-rs is silent", ntpd_rs_is_silent, NULL);
	table_add(&t, "R-03 ntpd-rs stops in the middle", ntpd_rs_stops_in_the_middle, NULL);
	table_add(&t, "R-03 ntpd-rs does not accept", ntpd_rs_does_not_accept, NULL);
	TABLE_ADD(&t, ntpd_answers);
	TABLE_ADD(&t, ntpd_answers_in_fragments);
	table_add(&t, "R-03 ntpd answers someone else", ntpd_answers_someone_else, NULL);
	table_add(&t, "R-03 ntpd refuses", ntpd_refuses, NULL);
	table_add(&t, "R-03 ntpd says garbage", ntpd_says_garbage, NULL);
	table_add(&t, "R-03 ntpd is not there", ntpd_is_not_there, NULL);
	table_add(&t, "R-03 ntpd is silent", ntpd_is_silent, NULL);
	TABLE_ADD(&t, the_program_itself_answers_at_once);
	TABLE_ADD(&t, the_kernel_answers_at_once);
	return table_run_between("provider", &t, scratch_begin, scratch_end);
}
