// SPDX-License-Identifier: BSD-3-Clause
// The straight line through points by least squares. Pure; any thread.
#pragma once

// Relative to one of the points, so that both numbers are small enough to be exact in a double.
struct regression_point {
	double x;
	double y;
};

struct regression {
	struct regression_point mean; // of the points: the line goes through it
	double slope;                 // y per x; 0 if all points have the same x
	double residual; // root mean square of the points' distances from the line, in y
};

// The line through count points, at least one. The first and the last are best the outermost:
// through them goes the rough line that the sums are taken about.
struct regression regression_fit(const struct regression_point *p, unsigned count);
