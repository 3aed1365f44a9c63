// SPDX-License-Identifier: BSD-3-Clause
// A server desk for tests: a service, a clock and a responder that is asked one frame at a time.
//
// Every question is asked four times: the frame abutting inaccessible memory behind and before it,
// and by a responder that knows the fast path (core/fastpath/fastpath.h) and by one that does not.
// All four must agree in verdict and reply; silence must leave every byte as it was; a reply must
// not be longer than the request, and nothing beside the frame may change. So each test that asks
// anything checks these rules too (S-04).
#pragma once

#include "core/responder.h"
#include "harness/frame_build.h"
#include "harness/guard.h"

struct desk {
	// Changed by tests before desk_arrange.
	struct service service;
	struct clock_view view;
	struct cycles now;
	struct burst_times times;
	struct checksum_report port_says;
	uint64_t extra_dispersion;
	bool has_rx_time; // packets carry the port's stamp
	struct ntp_time rx_time;

	// Made by desk_arrange.
	struct ntp_answer answer;
	struct responder fast_path, slow_path;
	struct guard guard;

	// Of the last question: what came in, and what stands there now.
	uint8_t request[FRAME_ROOM];
	size_t request_length;
	uint8_t reply[FRAME_ROOM];
	size_t reply_length; // 0: silence
	struct frame frame;  // as the slow path opened it; its addresses are no longer valid
};

// 10.123.0.1/24, 10.200.0.4/31, fd00:123::1, fd00:123::53; precision -20, stratum 2, synchronised.
void desk_open(struct desk *d);

// Takes changes to service, view and times into effect.
void desk_arrange(struct desk *d);

void desk_close(struct desk *d);

// Asks with these bytes. Returns the verdict; the reply is in d.
enum verdict desk_ask(struct desk *d, const uint8_t *frame, size_t length);

// Builds the frame and asks with it.
enum verdict desk_ask_spec(struct desk *d, const struct frame_spec *s);

// The NTP message in the last reply; NULL after silence.
const uint8_t *desk_reply_ntp(const struct desk *d);
