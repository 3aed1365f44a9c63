// SPDX-License-Identifier: BSD-3-Clause
#include "options/values.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_TEXT 512
#define SHARE_MAX 1000000

static bool scale_read(const char *suffix, double *ret_scale)
{
	static const struct {
		const char *suffix;
		double scale;
	} scales[] = {{"", 1}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}};
	for (size_t i = 0; i < sizeof(scales) / sizeof(scales[0]); i++) {
		if (strcmp(suffix, scales[i].suffix) != 0)
			continue;
		*ret_scale = scales[i].scale;
		return true;
	}
	return false;
}

bool value_read_count(const char *text, uint64_t low, uint64_t high, uint64_t *ret_n)
{
	char *end;
	double scale;
	if (!isdigit((unsigned char)text[0]))
		return false;
	double n = strtod(text, &end);
	if (!scale_read(end, &scale))
		return false;
	n *= scale;
	if (!(n >= (double)low) || n > (double)high || n != (double)(uint64_t)n)
		return false;
	*ret_n = (uint64_t)n;
	return true;
}

bool value_read_decimal(const char *text, double low, double high, double *ret_n)
{
	char *end;
	double n = strtod(text, &end);
	if (!isdigit((unsigned char)text[0]) || *end != '\0' || !(n >= low) || n > high)
		return false;
	*ret_n = n;
	return true;
}

bool value_read_switch(const char *text, bool *ret_on)
{
	bool on = strcmp(text, "on") == 0;
	if (!on && strcmp(text, "off") != 0)
		return false;
	*ret_on = on;
	return true;
}

bool value_read_mac(const char *text, struct mac *ret_mac)
{
	unsigned byte[6];
	int end = 0;
	int n = sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &byte[0], &byte[1], &byte[2], &byte[3],
		&byte[4], &byte[5], &end);
	if (n != 6 || text[end] != '\0' || (byte[0] & 1) != 0)
		return false;
	for (unsigned i = 0; i < 6; i++)
		ret_mac->byte[i] = (uint8_t)byte[i];
	return true;
}

bool value_read_server(const char *text, struct profile *t)
{
	uint8_t byte[16];
	bool is_ip6 = strchr(text, ':') != NULL;
	struct profile_family *f = is_ip6 ? &t->ip6 : &t->ip4;
	if (inet_pton(is_ip6 ? AF_INET6 : AF_INET, text, byte) != 1)
		return false;
	memcpy(f->server, byte, is_ip6 ? 16 : 4);
	f->is_used = true;
	return true;
}

static void net_cut(uint8_t *byte, unsigned bits, unsigned size)
{
	for (unsigned i = 0; i < size; i++) {
		unsigned keep = bits > 8 * i ? bits - 8 * i : 0;
		if (keep < 8)
			byte[i] &= (uint8_t)(0xff00u >> keep);
	}
}

bool value_read_net(const char *text, struct profile *t)
{
	char address[INET6_ADDRSTRLEN];
	uint8_t byte[16];
	uint64_t bits;
	bool is_ip6 = strchr(text, ':') != NULL;
	struct profile_family *f = is_ip6 ? &t->ip6 : &t->ip4;
	const char *slash = strchr(text, '/');
	size_t length = slash != NULL ? (size_t)(slash - text) : sizeof(address);
	if (length >= sizeof(address))
		return false;
	memcpy(address, text, length);
	address[length] = '\0';
	if (inet_pton(is_ip6 ? AF_INET6 : AF_INET, address, byte) != 1 ||
		!value_read_count(slash + 1, 1, is_ip6 ? 128 : 32, &bits))
		return false;
	net_cut(byte, (unsigned)bits, is_ip6 ? 16 : 4);
	memcpy(f->net, byte, is_ip6 ? 16 : 4);
	f->net_bits = (unsigned)bits;
	return true;
}

// Calls `take` for every word between commas, until one is refused.
static bool list_walk(
	const char *text, struct profile *t, bool (*take)(char *word, struct profile *t))
{
	char copy[LIST_TEXT];
	char *rest;
	if (strlen(text) >= sizeof(copy))
		return false;
	memcpy(copy, text, strlen(text) + 1);
	char *word = strtok_r(copy, ",", &rest);
	if (word == NULL)
		return false;
	for (; word != NULL; word = strtok_r(NULL, ",", &rest))
		if (!take(word, t))
			return false;
	return true;
}

static bool share_take(char *word, struct profile *t)
{
	uint64_t share = 1;
	char *equals = strchr(word, '=');
	if (equals != NULL) {
		*equals = '\0';
		if (!value_read_count(equals + 1, 1, SHARE_MAX, &share))
			return false;
	}
	for (unsigned kind = 0; kind < REQUEST_COUNT; kind++) {
		if (strcmp(word, request_kinds[kind].name) != 0)
			continue;
		t->weight[kind] = (unsigned)share;
		return true;
	}
	return false;
}

bool value_read_mix(const char *text, struct profile *t)
{
	struct profile mixed = *t;
	memset(mixed.weight, 0, sizeof(mixed.weight));
	if (!list_walk(text, &mixed, share_take))
		return false;
	*t = mixed;
	return true;
}

static bool values_junk_take(char *word, struct profile *t)
{
	for (size_t kind = 0; kind < junk_kind_count; kind++) {
		if (strcmp(word, junk_kinds[kind].name) != 0)
			continue;
		t->junk[kind] = true;
		return true;
	}
	return false;
}

bool value_read_junk_kinds(const char *text, struct profile *t)
{
	struct profile chosen = *t;
	memset(chosen.junk, 0, sizeof(chosen.junk));
	if (!list_walk(text, &chosen, values_junk_take))
		return false;
	*t = chosen;
	return true;
}
