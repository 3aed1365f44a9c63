// SPDX-License-Identifier: BSD-3-Clause
// Pictures of figures, drawn by gnuplot as SVG. No DPDK; main thread.
#pragma once

#include <stdbool.h>
#include <stdio.h>

#define PLOT_SERIES_MAX 6

// x, and a value for each series.
struct plot_row {
	double x;
	double y[PLOT_SERIES_MAX];
};

struct plot {
	const char
		*name; // of the file, without .svg; this and the other words have no quotes in them
	const char *title;
	const char *x_label;
	const char *y_label;
	bool is_log; // both axes; every value is above 0
	unsigned series;
	const char *series_name[PLOT_SERIES_MAX];
	unsigned rows;
	const struct plot_row *row; // borrowed
};

// Whether gnuplot is there and can draw SVG.
bool plot_is_possible(void);

// What gnuplot is told: commands and data, with NAME.svg in its working directory as output.
void plot_write_script(FILE *out, const struct plot *p);

// Draws DIR/NAME.svg. -errno; -EIO where gnuplot complained, which it did on stderr.
int plot_draw(const struct plot *p, const char *dir);
