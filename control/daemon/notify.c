// SPDX-License-Identifier: BSD-3-Clause
#include "daemon/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// A path, or "@" and a name that is not in the file system.
static int address_read(const char *text, struct notify *n)
{
	size_t length = strlen(text);
	if ((text[0] != '/' && text[0] != '@') || length < 2)
		return -EINVAL;
	if (length >= sizeof(n->address.sun_path))
		return -ENAMETOOLONG;
	n->address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(n->address.sun_path, text, length);
	if (text[0] == '@')
		n->address.sun_path[0] = '\0';
	n->size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	return 0;
}

int notify_open(struct notify *ret_notify)
{
	struct notify n = {.fd = -1};
	const char *text = getenv("NOTIFY_SOCKET");
	int r = text == NULL ? 0 : address_read(text, &n);
	if (text != NULL && r == 0) {
		n.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		r = n.fd < 0 ? -errno : 0;
	}
	*ret_notify = n;
	return r;
}

void notify_send(const struct notify *n, const char *text)
{
	if (n->fd < 0)
		return;
	// To the name each time: a supervisor that was started anew has a new socket there.
	(void)sendto(n->fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL,
		(const struct sockaddr *)&n->address, n->size);
}

// 0 for what is no number.
static uint64_t number_read(const char *text)
{
	char *end;
	if (text == NULL || text[0] < '0' || text[0] > '9')
		return 0;
	errno = 0;
	uint64_t n = strtoull(text, &end, 10);
	return *end == '\0' && errno == 0 ? n : 0;
}

uint64_t notify_watchdog_us(void)
{
	const char *pid = getenv("WATCHDOG_PID");
	// The variables are inherited: they may mean who started this process.
	if (pid != NULL && number_read(pid) != (uint64_t)getpid())
		return 0;
	return number_read(getenv("WATCHDOG_USEC"));
}

void notify_close(struct notify *n)
{
	if (n->fd >= 0)
		(void)close(n->fd);
	n->fd = -1;
}
