// SPDX-License-Identifier: BSD-3-Clause
#include "eal/left_socket.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/scratch.h"
#include "harness/table.h"

static struct diagnostic diagnostic;

static const char *path(void)
{
	return scratch_path("sock");
}

static bool is_there(void)
{
	struct stat s;
	return lstat(path(), &s) == 0;
}

// A bound socket that listens; the descriptor.
static int listener_make(int type)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	snprintf(a.sun_path, sizeof(a.sun_path), "%.107s", path());
	(void)unlink(path());
	int fd = socket(AF_UNIX, type, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

// What a killed server leaves.
static void socket_leave(int type)
{
	assert_int_equal(close(listener_make(type)), 0);
}

// The device whose text has PATH where the path is to stand. The same storage each time.
static const char *device_of(const char *text)
{
	static char device[512];
	const char *at = strstr(text, "PATH");
	assert_non_null(at);
	snprintf(device, sizeof(device), "%.*s%s%s", (int)(at - text), text, path(),
		at + strlen("PATH"));
	return device;
}

static int clear(const char *text)
{
	diagnostic.sentence[0] = '\0';
	return left_socket_clear(device_of(text), &diagnostic);
}

struct row {
	const char *name;
	const char *device;
	int type;
	bool is_removed;
};

static const struct row rows[] = {
	{"memif server", "net_memif0,role=server,socket=PATH,socket-abstract=no", SOCK_SEQPACKET,
		true},
	{"memif server by its old name", "net_memif1,socket-abstract=no,role=master,socket=PATH",
		SOCK_SEQPACKET, true},
	{"memif client", "net_memif0,role=client,socket=PATH,socket-abstract=no", SOCK_SEQPACKET,
		false},
	{"memif client by default", "net_memif0,socket=PATH,socket-abstract=no", SOCK_SEQPACKET,
		false},
	{"memif without a file", "net_memif0,role=server,socket=PATH", SOCK_SEQPACKET, false},
	{"vhost server", "net_vhost0,iface=PATH,queues=1", SOCK_STREAM, true},
	{"vhost server, said", "net_vhost0,iface=PATH,client=0", SOCK_STREAM, true},
	{"vhost client", "net_vhost0,iface=PATH,client=1", SOCK_STREAM, false},
	{"virtio-user", "net_virtio_user0,path=PATH", SOCK_STREAM, false},
	{"another driver", "net_null0,iface=PATH", SOCK_STREAM, false},
};

static void what_a_killed_server_left(void **state)
{
	const struct row *r = *state;
	socket_leave(r->type);
	assert_int_equal(clear(r->device), 0);
	assert_string_equal(diagnostic.sentence, "");
	assert_int_equal(is_there(), !r->is_removed);
	socket_leave(r->type);
	left_socket_remove(device_of(r->device));
	assert_int_equal(is_there(), !r->is_removed);
}

// In another process: our own ports may share a socket.
static void a_listener_is_named(void **state)
{
	char expected[512];
	int told[2];
	char byte;
	(void)state;
	assert_int_equal(pipe(told), 0);
	pid_t child = fork();
	if (child == 0) {
		(void)listener_make(SOCK_STREAM);
		_exit(write(told[1], "x", 1) == 1 && pause() == 0);
	}
	assert_int_equal(read(told[0], &byte, 1), 1);
	assert_int_equal(clear("net_vhost0,iface=PATH"), -EADDRINUSE);
	snprintf(expected, sizeof(expected),
		"port net_vhost0,iface=%s: another program has the socket %s (ss -xlp tells which): stop "
		"it, or give this port another socket",
		path(), path());
	assert_string_equal(diagnostic.sentence, expected);
	left_socket_remove(device_of("net_vhost0,iface=PATH"));
	assert_true(is_there());
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(clear("net_vhost0,iface=PATH"), 0);
	assert_false(is_there());
}

static void our_own_listener_is_shared(void **state)
{
	(void)state;
	int fd = listener_make(SOCK_SEQPACKET);
	struct pollfd caller = {.fd = fd, .events = POLLIN};
	assert_int_equal(clear("net_memif1,role=server,id=1,socket-abstract=no,socket=PATH"), 0);
	left_socket_remove(device_of("net_memif1,role=server,id=1,socket-abstract=no,socket=PATH"));
	assert_true(is_there());
	// Nobody has called: a memif server may not outlive one who hangs up at once.
	assert_int_equal(poll(&caller, 1, 0), 0);
	assert_int_equal(close(fd), 0);
}

static void what_is_no_socket_stays(void **state)
{
	(void)state;
	(void)unlink(path());
	(void)scratch_write("sock", "x", 1);
	assert_int_equal(clear("net_vhost0,iface=PATH"), -EADDRINUSE);
	assert_non_null(
		strstr(diagnostic.sentence, "is there already and is no socket: remove it, or"));
	assert_true(is_there());
	assert_int_equal(unlink(path()), 0);
	assert_int_equal(symlink("/nowhere", path()), 0);
	assert_int_equal(clear("net_vhost0,iface=PATH"), -EADDRINUSE);
	left_socket_remove(device_of("net_vhost0,iface=PATH"));
	assert_true(is_there());
	assert_int_equal(unlink(path()), 0);
}

static void nothing_in_the_way_is_nothing_to_do(void **state)
{
	(void)state;
	assert_int_equal(clear("net_vhost0,iface=PATH"), 0);
	assert_string_equal(diagnostic.sentence, "");
}

int main(void)
{
	static struct table t;
	for (unsigned i = 0; i < TABLE_LENGTH(rows); i++)
		table_add(&t, rows[i].name, what_a_killed_server_left, &rows[i]);
	TABLE_ADD(&t, a_listener_is_named);
	TABLE_ADD(&t, our_own_listener_is_shared);
	TABLE_ADD(&t, what_is_no_socket_stays);
	TABLE_ADD(&t, nothing_in_the_way_is_nothing_to_do);
	return table_run_between("left_socket", &t, scratch_begin, scratch_end);
}
