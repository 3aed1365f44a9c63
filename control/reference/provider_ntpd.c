// SPDX-License-Identifier: BSD-3-Clause
#include "reference/mode6.h"
#include "reference/provider.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "reference/ntpd.h"

// Datagrams looked at in one turn; more wait for the next.
#define DATAGRAMS (2 * MODE6_FRAGMENTS)

static const char *provider_ntpd_refusal(void)
{
	return errno == ECONNREFUSED ? "nothing listens on 127.0.0.1 port 123" : strerror(errno);
}

static int ntpd_ask(struct provider *p)
{
	struct ask *a = &p->ask;
	struct ask_ntpd *k = &p->ntpd;
	uint8_t message[MODE6_HEADER];
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(k->port),
		.sin_addr = {htonl(INADDR_LOOPBACK)},
	};
	mode6_ask(&k->answer, ++k->sequence, message);
	a->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (a->fd >= 0 && connect(a->fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
		send(a->fd, message, sizeof(message), 0) == MODE6_HEADER)
		return 0;
	a->why = provider_ntpd_refusal();
	return -1;
}

static enum provider_step provider_ntpd_text_take(
	struct ask *a, const struct ask_ntpd *k, struct reference *ret_reference)
{
	return ntpd_reference(k->answer.text, k->answer.total, a->now, ret_reference, &a->why) < 0 ?
	               PROVIDER_FAIL :
	               PROVIDER_TOLD;
}

static enum provider_step ntpd_look(struct provider *p, struct reference *ret_reference)
{
	struct ask *a = &p->ask;
	struct ask_ntpd *k = &p->ntpd;
	// Longer than any good one, so that a cut one is not taken for it.
	uint8_t message[MODE6_HEADER + MODE6_DATA_MAX + 64];
	for (unsigned i = 0; i < DATAGRAMS; i++) {
		ssize_t n = recv(a->fd, message, sizeof(message), 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return PROVIDER_WAIT;
		if (n < 0) {
			a->why = provider_ntpd_refusal();
			return PROVIDER_FAIL;
		}
		enum mode6_take take = mode6_take(&k->answer, message, (size_t)n, &a->why);
		if (take == MODE6_WHOLE)
			return provider_ntpd_text_take(a, k, ret_reference);
		if (take == MODE6_BAD)
			return PROVIDER_FAIL;
	}
	return PROVIDER_WAIT;
}

static void ntpd_end(struct provider *p)
{
	if (p->ask.fd >= 0)
		(void)close(p->ask.fd);
	p->ask.fd = -1;
}

const struct provider_ops provider_ntpd = {"ntpd", ntpd_ask, ntpd_look, ntpd_end};
