// SPDX-License-Identifier: BSD-3-Clause
// Gives a target every file of a corpus folder, and each file cut short at every length up to 256.
#include <dirent.h>
#include <stdio.h>

#include "fuzz.h"

#define INPUT_MAX 65536
#define CUTS      256

static unsigned file_replay(const char *folder, const char *name)
{
	static uint8_t bytes[INPUT_MAX];
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		return 0;
	size_t length = fread(bytes, 1, sizeof(bytes), file);
	(void)fclose(file);
	for (size_t cut = 0; cut < length && cut < CUTS; cut++)
		LLVMFuzzerTestOneInput(bytes, cut);
	LLVMFuzzerTestOneInput(bytes, length);
	return 1;
}

int main(int argc, char **argv)
{
	unsigned files = 0;
	DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
	if (folder == NULL) {
		fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]);
		return 2;
	}
	for (struct dirent *e = readdir(folder); e != NULL; e = readdir(folder))
		if (e->d_name[0] != '.')
			files += file_replay(argv[1], e->d_name);
	(void)closedir(folder);
	printf("%u files\n", files);
	return files > 0 ? 0 : 1;
}
