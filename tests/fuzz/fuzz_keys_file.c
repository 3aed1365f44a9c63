// SPDX-License-Identifier: BSD-3-Clause
// Reaches: keys_file_load keys_line_read
// A keys file. What is wrong must be said in one line; what is right must be a sorted table.
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "keys/keys_file.h"

static void keys_judge(const struct keys *keys)
{
	promise(keys->count >= 1 && keys->count <= KEYS_MAX);
	for (unsigned i = 0; i < keys->count; i++) {
		const struct key *k = &keys->key[i];
		promise(k->id == keys->id[i] && k->id > 0 && k->slot == i);
		promise(i == 0 || keys->id[i - 1] < keys->id[i]);
		promise((unsigned)k->type < KEY_TYPES);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char path[64];
	struct diagnostic diagnostic = {""};
	struct keys *keys = NULL;
	bool is_exposed;
	int fd = memfd_create("keys", MFD_CLOEXEC);
	promise(fd >= 0 && write(fd, bytes, length) == (ssize_t)length);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (keys_file_load(path, &keys, &is_exposed, &diagnostic) == 0)
		keys_judge(keys);
	else
		promise(keys == NULL && diagnostic.sentence[0] != '\0' &&
			strchr(diagnostic.sentence, '\n') == NULL);
	keys_file_free(keys);
	(void)close(fd);
	return 0;
}
