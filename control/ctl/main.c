// SPDX-License-Identifier: BSD-3-Clause
#include <stdio.h>

#include "arguments.h"
#include "check.h"
#include "watch.h"

int main(int argc, char **argv)
{
	struct arguments a;
	if (!arguments_read(argc, argv, &a))
		return EXIT_MISTAKE;
	if (a.help || a.version) {
		fputs(a.help ? arguments_help : "ntpwirectl " NTPWIRE_VERSION "\n", stdout);
		return EXIT_OK;
	}
	switch (a.command) {
	case COMMAND_CHECK:
		return check_file(a.file, stdout, stderr) ? EXIT_OK : EXIT_MISTAKE;
	case COMMAND_STATUS:
	case COMMAND_STATS:
		return (int)watch_run(&a);
	case COMMAND_NONE:
		break;
	}
	return EXIT_MISTAKE;
}
