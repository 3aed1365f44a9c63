// SPDX-License-Identifier: BSD-3-Clause
// The core without a port: frames in, verdicts and replies out, with a clock that stands still.
//
// Input: for each frame 2 bytes of length (big endian), 2 bytes of what the port said about the IP
// and the UDP checksum (enum checksum_state), the frame. Output: 1 byte of length and the verdict's
// text, 2 bytes of length (0: silence) and the reply. The service is 10.123.0.1/24, 10.200.0.4/31,
// fd00:123::1 and fd00:123::53 on 02:00:00:00:00:01.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/responder.h"

#define FRAME_MAX 9300

// The clock, which the checking side knows too: T2, T3 and all fields of the answer. With precision
// -32 no bit is random.
static const struct clock_view view = {
	.ref_cycles = {1000},
	.ref_time = {0xeb9a5f0012345678u},
	.mult = 1ull << NTP_MULT_SHIFT,
	.reference_time = {0xeb9a5eff00000000u},
	.root_dispersion = 0x12345678,
	.valid_cycles = {1000000},
	.root_delay = 0x00000456,
	.reference_id = 0xc0000201,
	.leap = LEAP_NONE,
	.stratum = 2,
	.precision = -32,
};

static void fail(const char *what)
{
	fprintf(stderr, "answer_frames: %s: %s\n", what, errno ? strerror(errno) : "ends early");
	exit(1);
}

static void read_all(void *to, size_t n)
{
	if (fread(to, 1, n, stdin) != n)
		fail("standard input");
}

static void write_all(const void *bytes, size_t n)
{
	if (fwrite(bytes, 1, n, stdout) != n)
		fail("standard output");
}

static void write_length(size_t n)
{
	uint8_t bytes[2] = {(uint8_t)(n >> 8), (uint8_t)n};
	write_all(bytes, sizeof(bytes));
}

static void fill_service(struct service *s)
{
	static const struct mac mac = {{0x02, 0, 0, 0, 0, 0x01}};
	static const struct ip6 first = {{0xfd, 0, 0x01, 0x23, [15] = 1}};
	static const struct ip6 second = {{0xfd, 0, 0x01, 0x23, [15] = 0x53}};
	service_init(s, mac);
	if (!service_add_ip4(s, (struct be32){{10, 123, 0, 1}}, 24) ||
		!service_add_ip4(s, (struct be32){{10, 200, 0, 4}}, 31) ||
		!service_add_ip6(s, first) || !service_add_ip6(s, second))
		fail("service");
}

// Exactly as many bytes as the frame has, so that a sanitizer sees a read beyond it.
static void answer(struct responder *r, const struct ntp_answer *a, size_t length)
{
	static const struct burst_times times = {
		.receive = {0xeb9a5f0012345678u}, .transmit = {0xeb9a5f0012347777u}};
	uint8_t says[2];
	read_all(says, sizeof(says));
	uint8_t *data = malloc(length > 0 ? length : 1);
	if (data == NULL)
		fail("memory");
	read_all(data, length);
	struct packet p = {.data = data, .length = (uint16_t)length, .is_whole = true};
	p.checksums = (struct checksum_report){says[0], says[1]};
	size_t answered = responder_open(r, &p, 1);
	responder_answer(r, &p, 1, a, &times);
	const char *text = verdict_text(p.verdict);
	uint8_t text_length = (uint8_t)strlen(text);
	write_all(&text_length, 1);
	write_all(text, text_length);
	write_length(answered ? p.length : 0);
	if (answered)
		write_all(data, p.length);
	free(data);
}

int main(void)
{
	struct service service;
	static struct responder responder;
	struct ntp_answer a;
	uint8_t head[2];
	fill_service(&service);
	responder_init(&responder, &service, 1);
	ntp_answer_prepare(&view, view.ref_cycles, 0, &a);
	while (fread(head, 1, 1, stdin) == 1) {
		read_all(head + 1, 1);
		size_t length = (size_t)(head[0] << 8 | head[1]);
		if (length > FRAME_MAX)
			fail("frame too long");
		answer(&responder, &a, length);
		fflush(stdout);
	}
	return ferror(stdin) ? 1 : 0;
}
