// SPDX-License-Identifier: BSD-3-Clause
#include <stdio.h>
#include <string.h>

#include "ctl/arguments.h"
#include "ctl/check.h"
#include "ctl/health.h"
#include "ctl/watch.h"

// Who asks for health takes the code for an answer, and a mistake is no "degraded".
static int mistake_code(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "health") == 0)
			return HEALTH_DOWN;
	return EXIT_MISTAKE;
}

int main(int argc, char **argv)
{
	struct arguments a;
	if (!arguments_read(argc, argv, &a))
		return mistake_code(argc, argv);
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
	case COMMAND_HEALTH:
		return health_run(&a);
	case COMMAND_NONE:
		break;
	}
	return EXIT_MISTAKE;
}
