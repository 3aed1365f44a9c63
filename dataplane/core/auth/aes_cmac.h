// SPDX-License-Identifier: BSD-3-Clause
// AES-CMAC with keys of 128 bits (RFC 4493; for NTP RFC 8573) and 256 bits (SP 800-38B), several
// messages at a time.
//
// The blocks of one message wait for each other, those of different messages do not: up to
// AES_CMAC_LANES messages go through the processor's AES unit side by side, each with a key of its
// own but all of one length. Where there is no such unit, four messages go side by side through
// sixty-four bytes' worth of bit planes. Both are constant-time: no table, no branch and no address
// depends on key or bytes. Pure, any thread.
#pragma once

#include <stdint.h>

#include "core/auth/aes.h"

// The better of the two on this processor.
enum aes_unit aes_unit_best(void);

// Computes the schedule and the subkeys of the `length` bytes at `bytes`. Constant-time, on any
// processor.
void aes_cmac_key_init(struct aes_cmac_key *key, const uint8_t *bytes, enum aes_key_length length);

// The tags of jobs[0..n), any n. Keys of both lengths may be among them: it is faster where those
// of one length stand together. AES_MACHINE on a processor without such a unit is AES_PORTABLE.
void aes_cmac_compute(struct aes_cmac_job *jobs, unsigned n, enum aes_unit unit);
