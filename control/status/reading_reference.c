// SPDX-License-Identifier: BSD-3-Clause
#include "status/reading_reference.h"

#include "core/counters.h"

void reading_text_copy(char *to, size_t size, const char *from)
{
	size_t i = 0;
	for (; i < size - 1 && from[i] != '\0'; i++)
		to[i] = from[i] < ' ' || from[i] > '~' ? '?' : from[i];
	to[i] = '\0';
}

static void one_take(
	const struct statseg_reference *from, int64_t monotonic_ns, struct reading_reference *to)
{
	uint64_t fault = counters_get(&from->fault);
	int64_t heard = (int64_t)counters_get(&from->heard_ns);
	reading_text_copy(to->source, sizeof(to->source), from->source);
	reading_text_copy(to->text, sizeof(to->text), from->text);
	to->fault = fault < SYNC_REASON_COUNT ? (enum sync_reason)fault : SYNC_REASON_COUNT;
	to->answers = counters_get(&from->answers);
	to->failures = counters_get(&from->failures);
	to->has_answered = heard != 0;
	if (!to->has_answered)
		return;
	to->heard_ns = heard > 0 && heard < monotonic_ns ? monotonic_ns - heard : 0;
	to->leap = counters_get(&from->leap) & LEAP_UNKNOWN;
	to->stratum = (uint8_t)counters_get(&from->stratum);
	to->reference_id = (uint32_t)counters_get(&from->reference_id);
	to->distance_ns = (int64_t)counters_get(&from->distance_ns);
	to->correction_ns = (int64_t)counters_get(&from->correction_ns);
}

void reading_references_take(const struct statseg_head *head, int64_t monotonic_ns,
	struct reading_references *ret_references)
{
	const struct statseg_references *from = &head->references;
	struct reading_references *to = ret_references;
	uint64_t followed = counters_get(&from->followed);
	uint32_t count = from->count; // once: a status segment may change under its reader
	to->count = count < 1 || count > CONFIG_REFERENCES ? 1 : count;
	to->followed = followed < to->count ? (unsigned)followed : 0;
	to->changes = counters_get(&from->changes);
	uint64_t kernel = counters_get(&from->kernel);
	to->kernel = kernel < KERNEL_WORD_COUNT ? (enum kernel_word)kernel : KERNEL_NOT_COMPARED;
	to->kernel_disagreements = counters_get(&from->kernel_disagreements);
	for (unsigned i = 0; i < to->count; i++)
		one_take(&from->reference[i], monotonic_ns, &to->reference[i]);
}
