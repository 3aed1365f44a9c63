// SPDX-License-Identifier: BSD-3-Clause
#include "reference/reference_check.h"

#include "common/log.h"

static bool is_compared(const struct reference_word *word)
{
	enum reference_source source = word->reference.source;
	if (source == REFERENCE_KERNEL || source == REFERENCE_FIXED)
		return false;
	return word->fault == SYNC_REASON_NONE || word->fault == SYNC_REASON_LOCAL;
}

// A PTP clock knows nothing of leap seconds.
static bool leap_agrees(const struct reference *r, struct kernel_clock kernel)
{
	enum leap told = LEAP_NONE;
	if (kernel.status & STA_INS)
		told = LEAP_INSERT;
	else if (kernel.status & STA_DEL)
		told = LEAP_DELETE;
	// Around the leap second itself nobody is in step with anybody.
	bool is_now = kernel.state == TIME_OOP || kernel.state == TIME_WAIT;
	return is_now || r->source == REFERENCE_PHC || told == r->leap;
}

enum kernel_word reference_check_compare(
	const struct reference_word *word, struct kernel_clock kernel)
{
	if (!is_compared(word) || kernel.state < 0)
		return KERNEL_NOT_COMPARED;
	if (kernel.status & STA_UNSYNC)
		return KERNEL_UNSYNC;
	if (kernel.maxerror > REFERENCE_CHECK_ERROR_US)
		return KERNEL_MAXERROR;
	return leap_agrees(&word->reference, kernel) ? KERNEL_AGREES : KERNEL_LEAP;
}

static bool is_disagreement(enum kernel_word w)
{
	return w > KERNEL_AGREES;
}

static const char *reference_check_remedy(enum kernel_word w, enum reference_source source)
{
	if (w == KERNEL_LEAP)
		return "look whether both have the same list of leap seconds";
	if (source == REFERENCE_CHRONY)
		return "chronyd says so for ever without rtcsync: put rtcsync into chrony.conf";
	return "look whether that program, or another, keeps the clock of this kernel";
}

static void reference_check_change_log(
	enum kernel_word before, enum kernel_word now, enum reference_source source)
{
	const char *name = reference_source_text(source);
	if (is_disagreement(now))
		log_warning("reference %s: kernel clock state differs: %s; the reference is served "
			    "all the same; %s",
			name, kernel_word_text(now), reference_check_remedy(now, source));
	else if (is_disagreement(before))
		log_info("reference %s: kernel clock state consistent again: %s", name,
			kernel_word_text(now));
}

void reference_check_look(
	struct reference_check *c, const struct reference_word *word, struct kernel_clock kernel)
{
	enum kernel_word now = reference_check_compare(word, kernel);
	c->looks = now == c->looks_word ? c->looks + 1 : 1;
	c->looks_word = now;
	if (now == c->word || c->looks < REFERENCE_CHECK_LOOKS)
		return;
	reference_check_change_log(c->word, now, word->reference.source);
	c->disagreements += is_disagreement(now) && !is_disagreement(c->word);
	c->word = now;
}
