// SPDX-License-Identifier: BSD-3-Clause
#include "server/port_recovery.h"

#include <errno.h>

#include "common/log.h"
#include "core/counters.h"
#include "port/port_events.h"
#include "port/port_stamps.h"
#include "time/clock.h"

#define BIT(event) (1u << PORT_EVENT_##event)

// No driver's event: the link has another speed than the workers go by.
#define SPEED (PORT_RECOVERS_NOW << 1)

// After these nobody is to touch the port until it was answered.
#define RECOVERY  (BIT(RECOVERING) | BIT(RECOVERED))
#define HANDS_OFF (BIT(RESET) | RECOVERY | SPEED)

// For workers to leave, who look every few microseconds, and for a driver that wants to be asked
// again.
#define PATIENCE (2 * CLOCK_RATE)

void port_recovery_init(struct port_recovery *c, struct port *port, unsigned slot,
	struct workers *workers, const struct statseg *statseg)
{
	*c = (struct port_recovery){.port = port,
		.slot = slot,
		.workers = workers,
		.statseg = statseg,
		.state = PORT_SERVED};
	c->tx_step = port_tx_step(port);
}

static struct statseg_port *entry_of(const struct port_recovery *c)
{
	return &c->statseg->head->port[c->slot];
}

static int port_lose(struct port_recovery *c, int error)
{
	workers_pause(c->workers, c->slot);
	c->state = PORT_LOST;
	return error;
}

static int lose_for(struct port_recovery *c, int error, const char *why, struct diagnostic *d)
{
	(void)port_lose(c, error);
	return diagnostic_fail(d, error, "port %s: %s: the server ends", c->port->device, why);
}

static void port_leave(struct port_recovery *c)
{
	const char *why = "its link has another speed";
	if ((c->wants & BIT(RESET)) != 0)
		why = "it is to be reset";
	else if ((c->wants & RECOVERY) != 0)
		why = "it recovers from an error";
	log_warning("port %s: %s: polling paused", c->port->device, why);
	workers_pause(c->workers, c->slot);
	c->state = PORT_LEAVING;
	c->patience = PATIENCE;
}

// The workers find the clock unknown when they come: what they knew of it is not true any more. A
// link that is not up yet has no speed; they go on by the one they knew.
static void port_give_back(struct port_recovery *c)
{
	log_info("port %s: polling resumed", c->port->device);
	c->wants = 0;
	port_observe(c->port, entry_of(c));
	if (c->port->link_mbps != 0) {
		c->tx_step = port_tx_step(c->port);
		workers_pace(c->workers, c->slot, c->tx_step);
	}
	port_stamp(c->port, c->statseg, c->slot);
	workers_resume(c->workers, c->slot);
	c->state = PORT_SERVED;
}

// Nobody touches the port, and its driver is done with it.
static int port_answer(struct port_recovery *c, struct diagnostic *d)
{
	int r = 0;
	if ((c->wants & BIT(RESET)) != 0)
		r = port_restart(c->port, d);
	else if ((c->wants & RECOVERY) != 0)
		port_stamps_restart(&c->port->stamps);
	if (r == -EAGAIN && c->patience > 0) {
		c->patience--;
		return 0;
	}
	if (r < 0)
		return port_lose(c, r);
	port_give_back(c);
	return 0;
}

static int port_attend(struct port_recovery *c, bool recovers_now, struct diagnostic *d)
{
	if (c->state == PORT_SERVED)
		port_leave(c);
	if (c->state == PORT_LEAVING && workers_have_acked(c->workers)) {
		c->state = PORT_AWAY;
		c->patience = PATIENCE;
	}
	if (c->state == PORT_LEAVING)
		return c->patience-- > 0 ? 0 :
		                           lose_for(c, -ETIMEDOUT, "a worker does not leave it", d);
	return recovers_now ? 0 : port_answer(c, d);
}

static void port_serve(struct port_recovery *c)
{
	if (c->turn % (CLOCK_RATE / NIC_CLOCK_RATE) == 0)
		port_stamp(c->port, c->statseg, c->slot);
	if (c->turn % CLOCK_RATE == 0 || (c->wants & BIT(LINK)) != 0)
		port_observe(c->port, entry_of(c));
	c->wants &= ~BIT(LINK);
	if (c->port->link_mbps != 0 && port_tx_step(c->port) != c->tx_step)
		c->wants |= SPEED;
	c->turn++;
}

static int port_look(struct port_recovery *c, struct diagnostic *d)
{
	uint32_t noted = port_events_take(&c->port->events);
	c->wants |= noted & ~PORT_RECOVERS_NOW;
	if (c->state == PORT_LOST)
		return 0;
	if ((c->wants & BIT(FAILED)) != 0)
		return lose_for(c, -EIO, "its driver could not recover it from an error", d);
	if ((c->wants & BIT(REMOVED)) != 0)
		return lose_for(c, -ENODEV, "it was removed", d);
	if ((c->wants & HANDS_OFF) != 0)
		return port_attend(c, (noted & PORT_RECOVERS_NOW) != 0, d);
	port_serve(c);
	return 0;
}

int port_recovery_tick(struct port_recovery *c, struct diagnostic *d)
{
	struct statseg_port *entry = entry_of(c);
	int r = port_look(c, d);
	counters_set(&entry->state, c->state);
	for (unsigned i = 0; i < PORT_EVENTS; i++)
		counters_set(&entry->event[i], counters_get(&c->port->events.count[i]));
	return r;
}
