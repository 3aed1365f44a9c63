// SPDX-License-Identifier: BSD-3-Clause
#include "reference/ntpd_rs.h"
#include "reference/provider.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int ntpd_rs_ask(struct provider *p)
{
	struct ask *a = &p->ask;
	struct ask_ntpd_rs *k = &p->ntpd_rs;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	k->gotten = 0;
	k->length = 0;
	memcpy(address.sun_path, k->path, strnlen(k->path, sizeof(address.sun_path) - 1));
	a->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	// A full queue is EAGAIN here: then too there is no answer this time.
	if (a->fd >= 0 && connect(a->fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return 0;
	a->why = errno == EAGAIN ? "too many wait for its socket already" : strerror(errno);
	return -1;
}

static enum provider_step provider_ntpd_rs_fail(struct ask *a, const char *why)
{
	a->why = why;
	return PROVIDER_FAIL;
}

// Reads into [at, at + size): how many bytes, 0 for none yet, -1 for the end of it, with the
// reason.
static ssize_t receive(struct ask *a, void *at, size_t size)
{
	ssize_t n = recv(a->fd, at, size, 0);
	if (n > 0)
		return n;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	a->why =
		n == 0 ? "it closed the connection before its document was whole" : strerror(errno);
	return -1;
}

static enum provider_step header_look(struct ask *a, struct ask_ntpd_rs *k)
{
	ssize_t n = receive(a, k->header + k->gotten, NTPD_RS_HEADER - k->gotten);
	if (n <= 0)
		return n == 0 ? PROVIDER_WAIT : PROVIDER_FAIL;
	k->gotten += (size_t)n;
	if (k->gotten < NTPD_RS_HEADER)
		return PROVIDER_WAIT;
	if (ntpd_rs_length(k->header, &k->length) < 0)
		return provider_ntpd_rs_fail(
			a, "the length of its document is none, or over 64 KiB");
	k->document = malloc(k->length);
	return k->document == NULL ? provider_ntpd_rs_fail(a, "out of memory") : PROVIDER_TOLD;
}

static enum provider_step document_take(
	struct ask *a, struct ask_ntpd_rs *k, struct reference *ret_reference)
{
	struct ntpd_rs_report report;
	char more;
	if (recv(a->fd, &more, 1, 0) > 0)
		return provider_ntpd_rs_fail(a, "it says more than its document");
	if (ntpd_rs_parse(k->document, k->length, &report, &a->why) < 0 ||
		ntpd_rs_reference(&k->memory, &report, a->now, ret_reference, &a->why) < 0)
		return PROVIDER_FAIL;
	return PROVIDER_TOLD;
}

static enum provider_step ntpd_rs_look(struct provider *p, struct reference *ret_reference)
{
	struct ask *a = &p->ask;
	struct ask_ntpd_rs *k = &p->ntpd_rs;
	if (k->document == NULL) {
		enum provider_step step = header_look(a, k);
		if (step != PROVIDER_TOLD)
			return step;
	}
	size_t whole = NTPD_RS_HEADER + k->length;
	while (k->gotten < whole) {
		ssize_t n =
			receive(a, k->document + (k->gotten - NTPD_RS_HEADER), whole - k->gotten);
		if (n <= 0)
			return n == 0 ? PROVIDER_WAIT : PROVIDER_FAIL;
		k->gotten += (size_t)n;
	}
	return document_take(a, k, ret_reference);
}

static void ntpd_rs_end(struct provider *p)
{
	struct ask *a = &p->ask;
	struct ask_ntpd_rs *k = &p->ntpd_rs;
	free(k->document);
	k->document = NULL;
	if (a->fd >= 0)
		(void)close(a->fd);
	a->fd = -1;
}

const struct provider_ops provider_ntpd_rs = {"ntpd-rs", ntpd_rs_ask, ntpd_rs_look, ntpd_rs_end};
