// SPDX-License-Identifier: BSD-3-Clause
// One value of the configuration: text read strictly, or why it is refused and what to write
// instead. Pure, any thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

// A decimal number without sign and without leading zeros, so that nobody wonders about octal.
// False and *ret_number untouched for anything else, and beyond nine digits.
bool value_read_number(const char *text, unsigned *ret_number);

// The rest: NULL and *ret_x written; or the reason and the remedy, as the end of a sentence that
// began with the value, and *ret_x untouched.

// "10.0.0.10/24" or "fd00::10/64": an address that can be somebody's, with its prefix length.
const char *value_read_address(const char *text, struct config_address *ret_address);

// Whether the address lies in a network for documentation (RFC 5737, 3849, 9637): requests from
// such are never answered.
bool value_is_documentation(const struct config_address *a);

// "02:00:00:00:00:01": a MAC that one station can have.
const char *value_read_mac(const char *text, struct mac *ret_mac);

// A PCI address, or a DPDK virtual device with its arguments.
const char *value_check_device(const char *text);

// An absolute path that leaves room for the files in it.
const char *value_check_run_dir(const char *text);

// An absolute path that a Unix socket's address can hold.
const char *value_check_socket(const char *text);

// An address of this machine's own, 127.0.0.0/8 or ::1.
const char *value_check_loopback(const char *text);

// The absolute path of a file.
const char *value_check_path(const char *text);

// One to four characters of ASCII.
const char *value_check_reference_id(const char *text);

// An argument for DPDK that is not ntpwired's to choose.
const char *value_check_eal(const char *text);
