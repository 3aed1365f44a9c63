// SPDX-License-Identifier: BSD-3-Clause
// What a port serves, as its workers and the kernel are told. Main thread.
#pragma once

#include "config/config.h"
#include "core/service.h"
#include "port/port.h"

// Of an opened port.
void port_service(const struct port *p, const struct config *c, struct service *ret_service);
