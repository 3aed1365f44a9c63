// SPDX-License-Identifier: BSD-3-Clause
#include "port/port_service.h"

#include <string.h>

static void address_add(struct service *s, const struct config_address *a)
{
	struct be32 ip4;
	struct ip6 ip6;
	memcpy(ip4.byte, a->byte, sizeof(ip4.byte));
	memcpy(ip6.byte, a->byte, sizeof(ip6.byte));
	if (a->is_ip6)
		(void)service_add_ip6(s, ip6);
	else
		(void)service_add_ip4(s, ip4, a->prefix_length);
	if (a->is_smeared && a->is_ip6)
		(void)service_smear_ip6(s, ip6);
	else if (a->is_smeared)
		(void)service_smear_ip4(s, ip4);
}

void port_service(const struct port *p, const struct config *c, struct service *ret_service)
{
	struct service s;
	service_init(&s, p->mac);
	s.gateway = p->config->gateway_mac;
	s.has_gateway = p->config->has_gateway_mac;
	s.offload = p->offload;
	s.ttl = c->ttl;
	s.traffic_class = (uint8_t)(c->dscp << 2);
	s.smear = (uint8_t)c->smear;
	// The configuration holds no more of either family than the service has room for.
	for (unsigned i = 0; i < p->config->address_count; i++)
		address_add(&s, &p->config->address[i]);
	*ret_service = s;
}
