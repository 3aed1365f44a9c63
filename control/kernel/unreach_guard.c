// SPDX-License-Identifier: BSD-3-Clause
#include "kernel/unreach_guard.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/ntp.h"

// One instruction: accept zero bytes of whatever comes, which is to drop it.
static int socket_deafen(int fd)
{
	struct sock_filter nothing = {.code = BPF_RET | BPF_K, .k = 0};
	const struct sock_fprog program = {.len = 1, .filter = &nothing};
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

// A deaf socket bound to the address, or -errno.
static int socket_open(const struct sockaddr *address, socklen_t length)
{
	const int on = 1;
	int fd = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	int r = socket_deafen(fd);
	if (r == 0 && address->sa_family == AF_INET6)
		r = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (r == 0)
		r = bind(fd, address, length);
	if (r == 0)
		return fd;
	r = -errno;
	(void)close(fd);
	return r;
}

static int unreach_guard_add(
	struct unreach_guard *h, const struct sockaddr *address, socklen_t length)
{
	int fd = socket_open(address, length);
	// Not an address of this machine: the kernel does not answer for it.
	if (fd == -EADDRNOTAVAIL)
		return 0;
	if (fd < 0)
		return fd;
	h->fd[h->count++] = fd;
	return 0;
}

static int unreach_guard_add_ip4(struct unreach_guard *h, struct be32 ip4)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(NTP_PORT)};
	memcpy(&a.sin_addr, ip4.byte, sizeof(ip4));
	return unreach_guard_add(h, (const struct sockaddr *)&a, sizeof(a));
}

static int unreach_guard_add_ip6(struct unreach_guard *h, struct ip6 ip6)
{
	struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons(NTP_PORT)};
	memcpy(&a.sin6_addr, ip6.byte, sizeof(ip6));
	return unreach_guard_add(h, (const struct sockaddr *)&a, sizeof(a));
}

int unreach_guard_open(struct unreach_guard *h, const struct service *s)
{
	int r = 0;
	h->count = 0;
	for (unsigned i = 0; i < s->ip4_count && r == 0; i++)
		r = unreach_guard_add_ip4(h, s->ip4[i]);
	for (unsigned i = 0; i < s->ip6_count && r == 0; i++)
		r = unreach_guard_add_ip6(h, s->ip6[i]);
	if (r < 0)
		unreach_guard_close(h);
	return r;
}

void unreach_guard_close(struct unreach_guard *h)
{
	for (unsigned i = 0; i < h->count; i++)
		(void)close(h->fd[i]);
	h->count = 0;
}
