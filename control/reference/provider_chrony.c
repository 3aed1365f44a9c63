// SPDX-License-Identifier: BSD-3-Clause
#include "reference/provider.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "reference/chrony.h"

// Datagrams looked at in one turn; more wait for the next.
#define DATAGRAMS 8

static int provider_chrony_fail(struct ask *a, const char *why)
{
	a->why = why;
	return -1;
}

static const char *provider_chrony_refusal(void)
{
	return errno == ECONNREFUSED ? "nothing listens there" : strerror(errno);
}

static socklen_t ip_address(const struct config_reference *c, struct sockaddr_storage *ret_address)
{
	struct sockaddr_in *ip4 = (struct sockaddr_in *)ret_address;
	struct sockaddr_in6 *ip6 = (struct sockaddr_in6 *)ret_address;
	*ret_address = (struct sockaddr_storage){0};
	if (inet_pton(AF_INET, c->address, &ip4->sin_addr) == 1) {
		ip4->sin_family = AF_INET;
		ip4->sin_port = htons(c->port);
		return sizeof(*ip4);
	}
	(void)inet_pton(AF_INET6, c->address, &ip6->sin6_addr);
	ip6->sin6_family = AF_INET6;
	ip6->sin6_port = htons(c->port);
	return sizeof(*ip6);
}

static void path_address(const char *path, struct sockaddr_un *ret_address)
{
	*ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(ret_address->sun_path, path, strnlen(path, sizeof(ret_address->sun_path) - 1));
}

static int udp_open(struct ask *a, const struct config_reference *c)
{
	struct sockaddr_storage address;
	socklen_t size = ip_address(c, &address);
	a->fd = socket(address.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (a->fd < 0 || connect(a->fd, (struct sockaddr *)&address, size) < 0)
		return provider_chrony_fail(a, provider_chrony_refusal());
	return 0;
}

// chronyd runs as a user of its own and must be able to write to ours. That user owns the folder: a
// chmod of the path could meet a link by then and open the file behind it to everybody, so the path
// has its mode from the start. The umask is the process's, but no other thread makes files.
static int open_to_all_bind(int fd, const struct sockaddr_un *own)
{
	mode_t before = umask(0111);
	int r = bind(fd, (const struct sockaddr *)own, sizeof(*own));
	(void)umask(before);
	return r;
}

// chronyd answers to a path only. Ours lies beside its own, where it may write, as chronyc's does.
static int own_path_bind(struct provider *p, const char *path)
{
	struct ask *a = &p->ask;
	struct ask_chrony *k = &p->chrony;
	struct sockaddr_un own;
	size_t directory = (size_t)(strrchr(path, '/') - path);
	char number[16] = ""; // two of them may be asked in one directory
	if (p->config->place > 0)
		snprintf(number, sizeof(number), ".%u", p->config->place);
	int n = snprintf(k->own_path, sizeof(k->own_path), "%.*s/ntpwired.%d%s.sock",
		(int)directory, path, (int)getpid(), number);
	if (n < 0 || (size_t)n >= sizeof(k->own_path)) {
		k->own_path[0] = '\0';
		return provider_chrony_fail(
			a, "the path of its socket leaves no room for ours beside it");
	}
	(void)unlink(k->own_path);
	path_address(k->own_path, &own);
	if (open_to_all_bind(a->fd, &own) < 0) {
		k->own_path[0] = '\0';
		return provider_chrony_fail(a, strerror(errno));
	}
	return 0;
}

static int path_open(struct provider *p, const char *path)
{
	struct ask *a = &p->ask;
	struct sockaddr_un address;
	path_address(path, &address);
	a->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (a->fd < 0)
		return provider_chrony_fail(a, strerror(errno));
	if (own_path_bind(p, path) < 0)
		return -1;
	if (connect(a->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return provider_chrony_fail(a, provider_chrony_refusal());
	return 0;
}

static int chrony_put(struct provider *p)
{
	struct ask *a = &p->ask;
	struct ask_chrony *k = &p->chrony;
	const struct config_reference *c = p->config;
	uint8_t message[CHRONY_MESSAGE];
	// Nobody who does not see the question can answer it. Without luck any number does.
	if (getrandom(&k->sequence, sizeof(k->sequence), GRND_NONBLOCK) != sizeof(k->sequence))
		k->sequence++;
	if ((c->socket[0] != '\0' ? path_open(p, c->socket) : udp_open(a, c)) < 0)
		return -1;
	chrony_ask(k->sequence, message);
	if (send(a->fd, message, sizeof(message), 0) == CHRONY_MESSAGE)
		return 0;
	return provider_chrony_fail(a, errno == EAGAIN ? "too many wait for its socket already" :
							 provider_chrony_refusal());
}

static enum provider_step chrony_look(struct provider *p, struct reference *ret_reference)
{
	struct ask *a = &p->ask;
	// Longer than any good one, so that a cut one is not taken for it.
	uint8_t message[CHRONY_MESSAGE + 64];
	const struct chrony_question question = {p->chrony.sequence, a->now};
	for (unsigned i = 0; i < DATAGRAMS; i++) {
		ssize_t n = recv(a->fd, message, sizeof(message), 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return PROVIDER_WAIT;
		if (n < 0) {
			a->why = provider_chrony_refusal();
			return PROVIDER_FAIL;
		}
		enum chrony_take take =
			chrony_take(message, (size_t)n, &question, ret_reference, &a->why);
		if (take != CHRONY_OTHERS)
			return take == CHRONY_TOLD ? PROVIDER_TOLD : PROVIDER_FAIL;
	}
	return PROVIDER_WAIT;
}

static void chrony_end(struct provider *p)
{
	struct ask *a = &p->ask;
	struct ask_chrony *k = &p->chrony;
	if (k->own_path[0] != '\0')
		(void)unlink(k->own_path);
	k->own_path[0] = '\0';
	if (a->fd >= 0)
		(void)close(a->fd);
	a->fd = -1;
}

const struct provider_ops provider_chrony = {"chrony", chrony_put, chrony_look, chrony_end};
