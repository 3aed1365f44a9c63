// SPDX-License-Identifier: BSD-3-Clause
// Faults so rare that only somebody who looks at every reply finds them. Appended to a copy of the
// responder in which its own responder_answer is called right_answer; PLANTED says which fault,
// EVERY how many replies there are to each that has it. What spoils a reply leaves its checksum
// right: that sums words in any order.

enum planted { DROP, WRONG_ORIGIN, T3_BEFORE_T2 };

static void bytes_exchange(uint8_t *a, uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t held = a[i];
		a[i] = b[i];
		b[i] = held;
	}
}

static void reply_spoil(struct packet *p, enum planted how)
{
	struct ntp_wire *reply = (struct ntp_wire *)(p->data + p->length - NTP_LENGTH);
	uint8_t *origin = reply->origin_time.byte;
	switch (how) {
	case DROP:
		p->verdict = V_NTP_SHORT; // not what a full link is counted as
		return;
	case WRONG_ORIGIN:
		bytes_exchange(origin, origin + 2, 2);
		return;
	case T3_BEFORE_T2:
		bytes_exchange(reply->receive_time.byte, reply->transmit_time.byte, 8);
		return;
	}
}

void responder_answer(struct responder *r, struct packet *packets, unsigned n,
	const struct ntp_answer *a, const struct burst_times *t)
{
	static unsigned answered;
	right_answer(r, packets, n, a, t);
	for (unsigned i = 0; i < n; i++)
		if (verdict_is_answer(packets[i].verdict) && ++answered % EVERY == 0) {
			reply_spoil(&packets[i], PLANTED);
			r->answers -= PLANTED == DROP; // nor is it one that the link refused
		}
}
