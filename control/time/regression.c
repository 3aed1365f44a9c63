// SPDX-License-Identifier: BSD-3-Clause
#include "time/regression.h"

#include <math.h>

// Sums over the points, about their mean.
struct moments {
	double xx;
	double xy;
	double yy;
};

static struct regression_point points_mean(const struct regression_point *p, unsigned count)
{
	struct regression_point sum = {0};
	for (unsigned i = 0; i < count; i++) {
		sum.x += p[i].x;
		sum.y += p[i].y;
	}
	return (struct regression_point){sum.x / count, sum.y / count};
}

// y enters as what it is off the rough slope, so that nothing large is subtracted at the end.
static struct moments points_moments(const struct regression_point *p, unsigned count,
	struct regression_point mean, double rough)
{
	struct moments m = {0};
	for (unsigned i = 0; i < count; i++) {
		double x = p[i].x - mean.x;
		double y = p[i].y - mean.y - rough * x;
		m.xx += x * x;
		m.xy += x * y;
		m.yy += y * y;
	}
	return m;
}

// By the outermost points: near enough for the regression to start from.
static double rough_slope(const struct regression_point *first, const struct regression_point *last)
{
	double x = last->x - first->x;
	return x == 0 ? 0 : (last->y - first->y) / x;
}

struct regression regression_fit(const struct regression_point *p, unsigned count)
{
	double rough = rough_slope(&p[0], &p[count - 1]);
	struct regression_point mean = points_mean(p, count);
	struct moments m = points_moments(p, count, mean, rough);
	double turn = m.xx > 0 ? m.xy / m.xx : 0;
	return (struct regression){
		.mean = mean,
		.slope = rough + turn,
		.residual = sqrt(fmax(m.yy - turn * m.xy, 0) / count),
	};
}
