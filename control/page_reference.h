// SPDX-License-Identifier: BSD-3-Clause
// What the page says of the references: which is followed, and what each said last. See page.h.
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "config.h"

struct page_reference {
	char source[16];           // constant, as the next
	char text[REFERENCE_TEXT]; // and how it is asked
	_Atomic uint64_t fault;    // writer: control; enum node_reason of its last poll
	_Atomic uint64_t heard_ns; // writer: control; CLOCK_MONOTONIC; 0: it never answered
	_Atomic uint64_t leap;     // writer: control; enum leap; of the last answer, as the rest
	_Atomic uint64_t stratum;  // writer: control
	_Atomic uint64_t reference_id;  // writer: control
	_Atomic uint64_t distance_ns;   // writer: control; root distance
	_Atomic uint64_t correction_ns; // writer: control; int64_t
	_Atomic uint64_t answers;       // writer: control; polls
	_Atomic uint64_t failures;      // writer: control; polls
};

struct page_references {
	uint32_t count; // constant
	struct page_reference reference[CONFIG_REFERENCES];
	_Atomic uint64_t followed; // writer: control; index
	_Atomic uint64_t kernel;   // writer: control; enum kernel_word beside the one followed
	_Atomic uint64_t kernel_disagreements; // writer: control; times that it began to disagree
	_Atomic uint64_t changes; // writer: control; times that another one was followed
};
