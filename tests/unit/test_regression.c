// SPDX-License-Identifier: BSD-3-Clause
// The line through points, against lines that are known, with noise and without.
#include "time/regression.h"

#include <math.h>

#include "harness/random.h"
#include "harness/table.h"

#define POINTS 200
// Of a machine at 2.3 GHz, read a hundred times a second.
#define STEP 23000000.0

static struct regression_point point[POINTS];

// What the points were made of, and what may be left of rounding.
struct line {
	const char *name;
	unsigned count;
	double step; // from one x to the next, from 0 on
	double slope;
	double y; // at x = 0
};

static const struct line lines[] = {
	{"two points", 2, -1, 3, 0},
	{"three points, rising x", 3, 2, -0.5, 7},
	{"a level line", 10, 1, 0, 42},
	{"a counter and a clock", POINTS, -STEP, 1 / 2.3, 0},
	{"its mirror", POINTS, -STEP, 2.3, 0},
	{"a clock that falls", POINTS, -STEP, -1 / 2.3, 12345},
	{"as long as numbers are exact", 32, -0x1p47, 1.0001, 0},
};

static void points_make(const struct line *l)
{
	for (unsigned i = 0; i < l->count; i++) {
		point[i].x = i * l->step;
		point[i].y = l->y + l->slope * point[i].x;
	}
}

static double largest(const struct line *l)
{
	return fmax(fabs(l->y), fabs(l->slope * l->step * l->count));
}

static void an_exact_line(void **state)
{
	const struct line *l = *state;
	points_make(l);
	struct regression r = regression_fit(point, l->count);
	double rounding = 0x1p-50 * largest(l);
	double at_0 = r.mean.y - r.slope * r.mean.x;
	assert_true(fabs(r.slope - l->slope) <= 0x1p-48 * fabs(l->slope));
	assert_true(fabs(at_0 - l->y) <= 4 * rounding);
	assert_true(r.residual <= rounding);
}

// Off the line by d at one end and at the other, by -d in between: what least squares make of that
// is known.
static void noise_of_known_size(void **state)
{
	const double d = 100;
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		point[i].x = -STEP * i;
		point[i].y = point[i].x * 0.4 + (i == 0 || i == 3 ? d : -d);
	}
	struct regression r = regression_fit(point, 4);
	assert_true(fabs(r.slope - 0.4) < 1e-12);
	assert_true(fabs(r.residual - d) < 1e-6);
	assert_true(fabs(r.mean.y - 0.4 * r.mean.x) < 1e-6);
}

// One point off at the end turns the line and lifts it by what the formulas say.
static void a_point_off_at_the_end(void **state)
{
	const unsigned n = 10;
	const double d = 900;
	(void)state;
	for (unsigned i = 0; i < n; i++)
		point[i] = (struct regression_point){i, 5.0 * i};
	point[n - 1].y += d;
	struct regression r = regression_fit(point, n);
	// About the mean of x, 4.5, the squares add up to 82.5.
	double turn = d * 4.5 / 82.5;
	assert_true(fabs(r.slope - 5 - turn) < 1e-9);
	double left = d * d * (1 - 1.0 / n - 4.5 * 4.5 / 82.5) / n;
	assert_true(fabs(r.residual - sqrt(left)) < 1e-9);
}

static double gaussian(uint64_t *random)
{
	double sum = 0;
	for (unsigned i = 0; i < 12; i++)
		sum += (double)(random_u64(random) >> 11) * 0x1p-53;
	return sum - 6;
}

// Slopes within six times their standard deviation, and on the whole as scattered as they must be.
static void random_noise_averages_out(void **state)
{
	enum { RUNS = 500 };
	const double sigma = 50;
	// Of x about its mean, squared and summed up.
	const double xx = STEP * STEP * POINTS * ((double)POINTS * POINTS - 1) / 12;
	uint64_t random = random_seed(__func__);
	double sum = 0;
	double residuals = 0;
	(void)state;
	for (unsigned run = 0; run < RUNS; run++) {
		points_make(&(struct line){"", POINTS, -STEP, 1 / 2.3, 0});
		for (unsigned i = 0; i < POINTS; i++)
			point[i].y += sigma * gaussian(&random);
		struct regression r = regression_fit(point, POINTS);
		double off = (r.slope - 1 / 2.3) / (sigma / sqrt(xx));
		assert_true(fabs(off) < 6);
		sum += off * off;
		residuals += r.residual;
	}
	assert_true(fabs(sum / (double)RUNS - 1) < 0.35);
	assert_true(fabs(residuals / (double)RUNS / sigma - 1) < 0.02);
}

// What a counter that stands gives: no slope, and no number that is none.
static void points_of_one_x(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++)
		point[i] = (struct regression_point){0, i % 2 == 0 ? 10 : -10};
	struct regression r = regression_fit(point, 4);
	assert_true(r.slope == 0);
	assert_true(fabs(r.residual - 10) < 1e-9);
	r = regression_fit(point, 1);
	assert_true(r.slope == 0);
	assert_true(r.residual == 0);
	assert_true(r.mean.y == 10);
}

// The outermost points of one x among others: the rough slope is none, the line is there all the
// same.
static void outermost_points_of_one_x(void **state)
{
	(void)state;
	const double x[] = {0, -1, -2, -3, 0};
	for (unsigned i = 0; i < 5; i++)
		point[i] = (struct regression_point){x[i], 2 * x[i]};
	struct regression r = regression_fit(point, 5);
	assert_true(fabs(r.slope - 2) < 1e-12);
	assert_true(r.residual < 1e-7);
}

int main(void)
{
	static struct table tests;
	for (unsigned i = 0; i < TABLE_LENGTH(lines); i++)
		table_add(&tests, lines[i].name, an_exact_line, &lines[i]);
	TABLE_ADD(&tests, noise_of_known_size);
	TABLE_ADD(&tests, a_point_off_at_the_end);
	TABLE_ADD(&tests, random_noise_averages_out);
	TABLE_ADD(&tests, points_of_one_x);
	TABLE_ADD(&tests, outermost_points_of_one_x);
	return table_run("regression", &tests);
}
