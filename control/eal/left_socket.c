// SPDX-License-Identifier: BSD-3-Clause
#include "eal/left_socket.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "config/config.h"
#include "common/devargs.h"
#include "common/log.h"

// Where memif listens when it is not told.
#define MEMIF_SOCKET "/run/memif.sock"

static bool has_value(const char *device, const char *key, const char *value)
{
	char text[CONFIG_TEXT];
	return devargs_argument(device, key, text, sizeof(text)) && strcmp(text, value) == 0;
}

// Where the device listens. False where it has no socket of its own with a name in the file system.
static bool device_listens(const char *device, char ret_path[static CONFIG_TEXT])
{
	if (devargs_is_driver(device, "net_vhost"))
		return devargs_argument(device, "iface", ret_path, CONFIG_TEXT) &&
		       !has_value(device, "client", "1");
	if (!devargs_is_driver(device, "net_memif") || !has_value(device, "socket-abstract", "no"))
		return false;
	if (!devargs_argument(device, "socket", ret_path, CONFIG_TEXT))
		snprintf(ret_path, CONFIG_TEXT, MEMIF_SOCKET);
	return has_value(device, "role", "server") || has_value(device, "role", "master");
}

// Whether a socket of this process has that path.
static bool is_ours(const char *path)
{
	bool found = false;
	DIR *folder = opendir("/proc/self/fd");
	if (folder == NULL)
		return false;
	for (struct dirent *e = readdir(folder); e != NULL && !found; e = readdir(folder)) {
		struct sockaddr_un a = {.sun_family = AF_UNSPEC};
		socklen_t size = sizeof(a) - 1; // so that the path ends
		int fd = (int)strtol(e->d_name, NULL, 10);
		found = getsockname(fd, (struct sockaddr *)&a, &size) == 0 &&
		        a.sun_family == AF_UNIX && strcmp(a.sun_path, path) == 0;
	}
	(void)closedir(folder);
	return found;
}

// Whether a program has the socket: 0, or -ECONNREFUSED. Asked by a type that neither driver has,
// so that it cannot come to a connection: a memif server of DPDK 22.11 panics at one that is closed
// again at once.
static int holder_find(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	memcpy(address.sun_path, path, strnlen(path, sizeof(address.sun_path) - 1));
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	int r = connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
	(void)close(fd);
	return r == -EPROTOTYPE ? 0 : r;
}

static int file_clear(const char *path, const char *device, struct diagnostic *d)
{
	// Several memif ports of one server may share a socket.
	if (is_ours(path))
		return 0;
	int r = holder_find(path);
	if (r == 0)
		return diagnostic_fail(d, -EADDRINUSE,
			"port %s: another program has the socket %s (ss -xlp tells which): stop "
			"it, or give this port another socket",
			device, path);
	if (r == -ECONNREFUSED)
		r = unlink(path) < 0 ? -errno : 0;
	if (r < 0)
		return diagnostic_fail(d, r,
			"port %s: %s is there already and cannot be removed: %s: remove it, or "
			"give this port another socket",
			device, path, strerror(-r));
	log_info("port %s: removed %s, the socket of a server that was killed", device, path);
	return 0;
}

int left_socket_clear(const char *device, struct diagnostic *d)
{
	char path[CONFIG_TEXT];
	struct stat s;
	if (!device_listens(device, path) || lstat(path, &s) < 0)
		return 0;
	if (S_ISSOCK(s.st_mode))
		return file_clear(path, device, d);
	return diagnostic_fail(d, -EADDRINUSE,
		"port %s: %s is there already and is no socket: remove it, or give this port "
		"another socket",
		device, path);
}

void left_socket_remove(const char *device)
{
	char path[CONFIG_TEXT];
	struct stat s;
	if (device_listens(device, path) && lstat(path, &s) == 0 && S_ISSOCK(s.st_mode) &&
		holder_find(path) == -ECONNREFUSED)
		(void)unlink(path);
}
