// SPDX-License-Identifier: BSD-3-Clause
// a chronyd that is right, silent, late, wrong or gone, over UDP of both families and over
// its Unix socket; the server never waits for it.
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "chrony_answer.h"
#include "harness/scratch.h"
#include "harness/table.h"
#include "reference/provider.h"

#define NS_PER_S 1000000000LL

enum way { UDP4, UDP6, PATH, WAYS };

// 2026-11-24 02:27:02 UTC.
static const struct nanos now = {1795487222 * NS_PER_S};
static const struct kernel_clock kernel = {.state = TIME_OK, .status = STA_PLL, .maxerror = 4000};
static struct nanos passed;
static struct provider provider;
static struct config_reference config;
static int daemon_fd = -1;
static struct sockaddr_storage asker;
static socklen_t asker_size;
static uint8_t answer[CHRONY_MESSAGE + 100];
static const char *link_target; // not NULL: a path is a link to it as soon as it is bound

// The library's, and at once what whoever owns the folder may do.
int bind(int fd, __CONST_SOCKADDR_ARG address, socklen_t size)
{
	int r = (int)syscall(SYS_bind, fd, address.__sockaddr__, size);
	if (r == 0 && link_target != NULL) {
		assert_int_equal(unlink(address.__sockaddr_un__->sun_path), 0);
		assert_int_equal(symlink(link_target, address.__sockaddr_un__->sun_path), 0);
	}
	return r;
}

static void daemon_end(void)
{
	if (daemon_fd >= 0)
		close(daemon_fd);
	daemon_fd = -1;
}

static void udp_begin(const char *address)
{
	struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_in at4 = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	bool is_ip6 = strcmp(address, "::1") == 0;
	socklen_t size = is_ip6 ? sizeof(at) : sizeof(at4);
	struct sockaddr *any = is_ip6 ? (struct sockaddr *)&at : (struct sockaddr *)&at4;
	daemon_fd = socket(any->sa_family, SOCK_DGRAM, 0);
	assert_int_equal(bind(daemon_fd, any, size), 0);
	assert_int_equal(getsockname(daemon_fd, any, &size), 0);
	snprintf(config.address, sizeof(config.address), "%s", address);
	config.port = ntohs(is_ip6 ? at.sin6_port : at4.sin_port);
}

static void path_begin(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	snprintf(config.socket, sizeof(config.socket), "%s", scratch_path("chronyd.sock"));
	(void)unlink(config.socket);
	snprintf(at.sun_path, sizeof(at.sun_path), "%.107s", config.socket);
	daemon_fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(bind(daemon_fd, (struct sockaddr *)&at, sizeof(at)), 0);
}

static void daemon_begin(enum way way)
{
	provider_close(&provider);
	daemon_end();
	config = (struct config_reference){.source = REFERENCE_CHRONY};
	if (way == PATH)
		path_begin();
	else
		udp_begin(way == UDP6 ? "::1" : "127.0.0.1");
	provider_open(&provider, &config);
}

// Asks, and lets the daemon read the question; its number.
static uint32_t ask(void)
{
	uint8_t question[CHRONY_MESSAGE + 1];
	struct be32 sequence;
	asker_size = sizeof(asker);
	provider_request(&provider, kernel, now, passed);
	assert_true(provider_is_pending(&provider));
	assert_null(provider.ask.why);
	ssize_t n = recvfrom(daemon_fd, question, sizeof(question), MSG_DONTWAIT,
		(struct sockaddr *)&asker, &asker_size);
	assert_int_equal(n, CHRONY_MESSAGE);
	memcpy(&sequence, question + 8, sizeof(sequence));
	return be32_get(sequence);
}

static void say(size_t length)
{
	assert_int_equal(
		sendto(daemon_fd, answer, length, 0, (struct sockaddr *)&asker, asker_size),
		length);
}

static void is_waiting(void)
{
	struct reference r;
	assert_int_equal(provider_poll(&provider, passed, &r), PROVIDER_WAIT);
}

static void is_told(void)
{
	struct reference r;
	assert_int_equal(provider_poll(&provider, passed, &r), PROVIDER_TOLD);
	assert_true(r.answered);
	assert_int_equal(r.stratum, 2);
	assert_int_equal(r.source, REFERENCE_CHRONY);
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

static bool own_path_is_there(char *ret_path)
{
	struct stat s;
	char name[64];
	snprintf(name, sizeof(name), "ntpwired.%d.sock", getpid());
	snprintf(ret_path, SCRATCH_PATH, "%s", scratch_path(name));
	return lstat(ret_path, &s) == 0;
}

static void it_answers(void **state)
{
	(void)state;
	for (unsigned way = 0; way < WAYS; way++) {
		daemon_begin((enum way)way);
		uint32_t last = 0;
		for (unsigned i = 0; i < 3; i++) {
			uint32_t sequence = ask();
			assert_true(sequence != last);
			last = sequence;
			is_waiting();
			answer_make(answer, sequence, now.n / NS_PER_S);
			say(CHRONY_MESSAGE);
			is_told();
			is_waiting();
		}
	}
}

// As another user, chronyd must be able to write to it.
static void our_path_is_taken_away(void **state)
{
	(void)state;
	static const mode_t masks[] = {0, 022, 077, 0777};
	char path[SCRATCH_PATH];
	struct stat s;
	for (unsigned i = 0; i < TABLE_LENGTH(masks); i++) {
		daemon_begin(PATH);
		assert_false(own_path_is_there(path));
		mode_t was = umask(masks[i]);
		(void)ask();
		assert_int_equal(umask(was), masks[i]);
		assert_true(own_path_is_there(path));
		assert_int_equal(lstat(path, &s), 0);
		assert_int_equal(s.st_mode & 0777, 0666);
		provider_close(&provider);
		assert_false(own_path_is_there(path));
	}
}

// chronyd's user owns the folder, and puts a link to a file of another's in the place of our path.
static void a_link_in_our_place_opens_no_file(void **state)
{
	(void)state;
	char path[SCRATCH_PATH];
	struct stat s;
	const char *file = scratch_write("secret", "x", 1);
	assert_int_equal(chmod(file, 0600), 0);
	daemon_begin(PATH);
	link_target = file;
	(void)ask();
	link_target = NULL;
	assert_true(own_path_is_there(path));
	assert_int_equal(lstat(path, &s), 0);
	assert_true(S_ISLNK(s.st_mode));
	provider_close(&provider);
	assert_false(own_path_is_there(path));
	assert_int_equal(lstat(file, &s), 0);
	assert_int_equal(s.st_mode & 0777, 0600);
}

// What a killed server left under the same number does not stop the next one.
static void our_path_of_before_is_replaced(void **state)
{
	(void)state;
	char path[SCRATCH_PATH];
	daemon_begin(PATH);
	(void)own_path_is_there(path);
	(void)scratch_write(strrchr(path, '/') + 1, "", 0);
	uint32_t sequence = ask();
	answer_make(answer, sequence, now.n / NS_PER_S);
	say(CHRONY_MESSAGE);
	is_told();
}

static void it_is_not_there(void **state)
{
	(void)state;
	for (unsigned way = 0; way < PATH; way++) {
		daemon_begin((enum way)way);
		daemon_end();
		provider_request(&provider, kernel, now, passed);
		is_refused("nothing listens there");
	}
	daemon_begin(PATH);
	daemon_end();
	provider_request(&provider, kernel, now, passed);
	is_refused("nothing listens there");
	(void)unlink(config.socket);
	provider_request(&provider, kernel, now, passed);
	is_refused("No such file or directory");
	char path[SCRATCH_PATH];
	assert_false(own_path_is_there(path));
}

static void it_says_garbage(void **state)
{
	(void)state;
	for (unsigned way = 0; way < WAYS; way++) {
		daemon_begin((enum way)way);
		uint32_t sequence = ask();
		for (unsigned i = 0; i < 5; i++) {
			memset(answer, (int)(0x33 * i), sizeof(answer));
			say(i * 50);
		}
		is_waiting();
		answer_make(answer, sequence, now.n / NS_PER_S);
		say(CHRONY_MESSAGE);
		is_told();
	}
}

static void it_answers_someone_else(void **state)
{
	(void)state;
	daemon_begin(UDP4);
	uint32_t sequence = ask();
	answer_make(answer, sequence ^ 1, now.n / NS_PER_S);
	say(CHRONY_MESSAGE);
	is_waiting();
	answer_make(answer, sequence, now.n / NS_PER_S);
	say(CHRONY_MESSAGE);
	is_told();
}

// Over the Unix socket a late answer comes to the path of the next question.
static void it_answers_late(void **state)
{
	(void)state;
	for (unsigned way = 0; way < WAYS; way++) {
		daemon_begin((enum way)way);
		uint32_t before = ask();
		provider_close(&provider);
		uint32_t sequence = ask();
		answer_make(answer, before, now.n / NS_PER_S);
		say(CHRONY_MESSAGE);
		is_waiting();
		answer_make(answer, sequence, now.n / NS_PER_S);
		say(CHRONY_MESSAGE);
		is_told();
	}
}

static void its_answer_is_short_or_long(void **state)
{
	(void)state;
	static const size_t lengths[] = {28, 103, 105, 168, 200};
	for (unsigned i = 0; i < TABLE_LENGTH(lengths); i++) {
		daemon_begin(UDP4);
		answer_make(answer, ask(), now.n / NS_PER_S);
		say(lengths[i]);
		is_refused("the answer is not 104 bytes long");
	}
}

static void it_is_another_version(void **state)
{
	(void)state;
	daemon_begin(UDP4);
	answer_make(answer, ask(), now.n / NS_PER_S);
	answer[0] = 5;
	say(CHRONY_MESSAGE);
	is_refused("it speaks another version of its command protocol than 6");
}

static void it_says_nan(void **state)
{
	(void)state;
	daemon_begin(UDP4);
	answer_make(answer, ask(), now.n / NS_PER_S);
	put32(answer, ANSWER_DISPERSION, 0x7fc00000);
	say(CHRONY_MESSAGE);
	is_refused("the root dispersion is out of range");
}

// Looks as the control loop does, until the question ends: to the tick.
static void it_is_silent(void **state)
{
	(void)state;
	for (unsigned way = 0; way < WAYS; way++) {
		struct reference r = {.answered = true};
		daemon_begin((enum way)way);
		(void)ask();
		int64_t began = passed.n;
		while (passed.n - began < PROVIDER_TIMEOUT_NS) {
			is_waiting();
			passed.n += PROVIDER_TIMEOUT_NS / 25;
		}
		assert_int_equal(provider_poll(&provider, passed, &r), PROVIDER_FAIL);
		assert_false(r.answered);
		assert_string_equal(provider.told, "nothing whole within 250 ms");
	}
}

// A stopped daemon's queue fills: asking must not wait for it.
static void its_queue_is_full(void **state)
{
	(void)state;
	bool is_full = false;
	daemon_begin(PATH);
	for (unsigned i = 0; i < 10000 && !is_full; i++) {
		provider_request(&provider, kernel, now, passed);
		is_full = provider.ask.why != NULL;
	}
	assert_true(is_full);
	is_refused("too many wait for its socket already");
}

static int end(void **state)
{
	provider_close(&provider);
	daemon_end();
	return scratch_end(state);
}

int main(void)
{
	static struct table t;
	TABLE_ADD(&t, it_answers);
	TABLE_ADD(&t, our_path_is_taken_away);
	TABLE_ADD(&t, a_link_in_our_place_opens_no_file);
	TABLE_ADD(&t, our_path_of_before_is_replaced);
	table_add(&t, "R-03 chronyd is not there", it_is_not_there, NULL);
	table_add(&t, "R-03 chronyd says garbage", it_says_garbage, NULL);
	table_add(&t, "R-03 chronyd answers someone else", it_answers_someone_else, NULL);
	table_add(&t, "R-03 chronyd answers late", it_answers_late, NULL);
	table_add(&t, "R-03 chronyd's answer is short or long", its_answer_is_short_or_long, NULL);
	table_add(&t, "R-03 chronyd is another version", it_is_another_version, NULL);
	table_add(&t, "R-03 chronyd says NaN", it_says_nan, NULL);
	table_add(&t, "R-03 chronyd is silent", it_is_silent, NULL);
	table_add(&t, "R-03 chronyd's queue is full", its_queue_is_full, NULL);
	return table_run_between("provider_chrony", &t, scratch_begin, end);
}
