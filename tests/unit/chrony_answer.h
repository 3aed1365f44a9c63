// SPDX-License-Identifier: BSD-3-Clause
// Answers of a chronyd, for the tests to spoil.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "reference/chrony.h"
#include "core/wire_int.h"

#define ANSWER_KIND       6
#define ANSWER_STATUS     8
#define ANSWER_SEQUENCE   16
#define ANSWER_ID         28
#define ANSWER_FAMILY     48
#define ANSWER_STRATUM    52
#define ANSWER_LEAP       54
#define ANSWER_SECONDS    56 // the upper half
#define ANSWER_NS         64
#define ANSWER_CORRECTION 68
#define ANSWER_RESIDUAL   84
#define ANSWER_SKEW       88
#define ANSWER_DELAY      92
#define ANSWER_DISPERSION 96
#define ANSWER_INTERVAL   100

static inline void put16(uint8_t *message, unsigned at, uint16_t n)
{
	struct be16 v = be16_put(n);
	memcpy(message + at, &v, sizeof(v));
}

static inline void put32(uint8_t *message, unsigned at, uint32_t n)
{
	struct be32 v = be32_put(n);
	memcpy(message + at, &v, sizeof(v));
}

// chronyd's own float: 7 bits of exponent, 25 of coefficient, both signed.
static inline void put_float(uint8_t *message, unsigned at, double x)
{
	int exponent = 0;
	double share = frexp(x, &exponent);
	int32_t coefficient = (int32_t)lround(ldexp(share, 24));
	exponent = x == 0 ? 0 : exponent + 1;
	put32(message, at, ((uint32_t)exponent << 25) | ((uint32_t)coefficient & 0x1ffffff));
}

// A good answer to question `sequence`, synchronised 10 s before `now_s` (since 1970).
static inline void answer_make(uint8_t *message, uint32_t sequence, int64_t now_s)
{
	memset(message, 0, CHRONY_MESSAGE);
	message[0] = 6;
	message[1] = 2;
	put16(message, 4, 33);
	put16(message, ANSWER_KIND, 5);
	put32(message, ANSWER_SEQUENCE, sequence);
	put32(message, ANSWER_ID, 0xc0000201);
	put32(message, 32, 0xc0000201);
	put16(message, ANSWER_FAMILY, 1);
	put16(message, ANSWER_STRATUM, 2);
	put32(message, ANSWER_SECONDS + 4, (uint32_t)(now_s - 10));
	put32(message, ANSWER_NS, 500000000);
	put_float(message, ANSWER_CORRECTION, -0.00025);
	put_float(message, ANSWER_RESIDUAL, -0.5);
	put_float(message, ANSWER_SKEW, 2.5);
	put_float(message, ANSWER_DELAY, 0.015625);
	put_float(message, ANSWER_DISPERSION, 0.001);
	put_float(message, ANSWER_INTERVAL, 64.5);
}
