// SPDX-License-Identifier: BSD-3-Clause
// Words of the command line turned into values. Each returns false, with its output untouched, for
// a word that is not one. Pure, any thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "traffic/profile.h"

// A whole number from low to high, with an optional k, M or G for thousands.
bool value_read_count(const char *text, uint64_t low, uint64_t high, uint64_t *ret_n);

// A decimal number from low to high.
bool value_read_decimal(const char *text, double low, double high, double *ret_n);

// on or off.
bool value_read_switch(const char *text, bool *ret_on);

// aa:bb:cc:dd:ee:ff, not a group address.
bool value_read_mac(const char *text, struct mac *ret_mac);

// An IPv4 or IPv6 address becomes the server of its family.
bool value_read_server(const char *text, struct profile *t);

// 198.18.0.0/15 or 2001:2::/48 becomes the clients' net of its family.
bool value_read_net(const char *text, struct profile *t);

// v4=90,v3=10: shares of the kinds of request; others become 0.
bool value_read_mix(const char *text, struct profile *t);

// mode6,short: the kinds of junk.
bool value_read_junk_kinds(const char *text, struct profile *t);
