// SPDX-License-Identifier: BSD-3-Clause
// AES-CMAC through the processor's AES unit, for aes_cmac.c alone. Pure, any thread.
#pragma once

#include <stdbool.h>

#include "core/auth/aes.h"

// Whether this processor has one that this program can use.
bool aes_machine_is_there(void);

// The tags of jobs[0..n), n <= AES_CMAC_LANES, whose keys are all of one length. Only where there
// is one.
void aes_machine_compute(struct aes_cmac_job *jobs, unsigned n);
