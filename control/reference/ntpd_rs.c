// SPDX-License-Identifier: BSD-3-Clause
#include "reference/ntpd_rs.h"

#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/wire_int.h"
#include "common/units.h"

// "XNON": it follows nothing.
#define REFERENCE_ID_NONE 0x584e4f4eu
// Over this many seconds a delay or an error is a mistake.
#define SECONDS_MAX 65535.0
// Its clock and ours are one; times of the future come from a clock that was set back.
#define FUTURE_NS NANOS_PER_S
// For how long the growth that is told must hold.
#define HORIZON_S 1800.0
// s, where no source tells its poll interval.
#define UPDATE_INTERVAL 8
#define POLL_MIN        (-7)
#define POLL_MAX        17

// The document while it is read: the first thing wrong with it, and a place for that sentence.
struct reading_json {
	const char *why; // NULL: nothing yet
};

static char sentence[96];

int ntpd_rs_length(const uint8_t *header, size_t *ret_length)
{
	struct be64 length;
	memcpy(&length, header, sizeof(length));
	uint64_t n = be64_get(length);
	if (n == 0 || n > NTPD_RS_DOCUMENT_MAX)
		return -EMSGSIZE;
	*ret_length = (size_t)n;
	return 0;
}

static void ntpd_rs_complain(struct reading_json *in, const char *field, const char *what)
{
	if (in->why != NULL)
		return;
	snprintf(sentence, sizeof(sentence), "%s %s", field, what);
	in->why = sentence;
}

// The member of that name; NULL, with a complaint, if there is none of this type.
static struct json_object *member(
	struct reading_json *in, struct json_object *of, const char *name, json_type type)
{
	struct json_object *o = NULL;
	if (!json_object_object_get_ex(of, name, &o))
		ntpd_rs_complain(in, name, "is missing");
	else if (!json_object_is_type(o, type))
		ntpd_rs_complain(in, name, "is of another type");
	else
		return o;
	return NULL;
}

static int64_t integer(struct reading_json *in, struct json_object *of, const char *name,
	int64_t least, int64_t most)
{
	struct json_object *o = member(in, of, name, json_type_int);
	int64_t n = o == NULL ? least : json_object_get_int64(o);
	if (n >= least && n <= most)
		return n;
	ntpd_rs_complain(in, name, "is out of range");
	return least;
}

// A number of seconds or of their squares: finite, and in what can be told further.
static double ntpd_rs_number(
	struct reading_json *in, struct json_object *of, const char *name, double least)
{
	struct json_object *o = NULL;
	if (!json_object_object_get_ex(of, name, &o)) {
		ntpd_rs_complain(in, name, "is missing");
		return 0;
	}
	if (!json_object_is_type(o, json_type_double) && !json_object_is_type(o, json_type_int)) {
		ntpd_rs_complain(in, name, "is no number");
		return 0;
	}
	double n = json_object_get_double(o);
	if (isfinite(n) && n >= least && n <= SECONDS_MAX)
		return n;
	ntpd_rs_complain(in, name, "is out of range");
	return 0;
}

// {"timestamp": N}, in NTP units of some era. json-c 0.16 makes the last number there is of all
// beyond it, and any version 0 of those below 0.
static struct ntp_time ntpd_rs_timestamp(
	struct reading_json *in, struct json_object *of, const char *name)
{
	struct json_object *o = member(in, of, name, json_type_object);
	if (o != NULL)
		o = member(in, o, "timestamp", json_type_int);
	uint64_t raw = o == NULL ? 0 : json_object_get_uint64(o);
	if (o != NULL && (json_object_get_int64(o) < 0 || raw == UINT64_MAX))
		ntpd_rs_complain(in, "timestamp", "is out of range");
	return (struct ntp_time){raw};
}

static enum leap leap_indicator(struct reading_json *in, struct json_object *system)
{
	static const char *const words[] = {
		[LEAP_NONE] = "NoWarning",
		[LEAP_INSERT] = "Leap61",
		[LEAP_DELETE] = "Leap59",
		[LEAP_UNKNOWN] = "Unknown",
	};
	struct json_object *o = member(in, system, "leap_indicator", json_type_string);
	if (o == NULL)
		return LEAP_UNKNOWN;
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(json_object_get_string(o), words[i]) == 0)
			return (enum leap)i;
	ntpd_rs_complain(in, "leap_indicator", "is none of the four");
	return LEAP_UNKNOWN;
}

static void variance_read(
	struct reading_json *in, struct json_object *system, struct ntpd_rs_report *ret_report)
{
	static const char *const names[] = {"root_variance_base", "root_variance_linear",
		"root_variance_quadratic", "root_variance_cubic"};
	ret_report->has_base_time = true;
	ret_report->base_time = ntpd_rs_timestamp(in, system, "root_variance_base_time");
	for (unsigned i = 0; i < 4; i++)
		ret_report->variance[i] = ntpd_rs_number(in, system, names[i], 0);
}

static void ntpd_rs_system_read(
	struct reading_json *in, struct json_object *system, struct ntpd_rs_report *ret_report)
{
	ret_report->stratum = (uint8_t)integer(in, system, "stratum", 0, 16);
	ret_report->reference_id =
		(uint32_t)integer(in, system, "reference_id", 0, (int64_t)UINT32_MAX);
	ret_report->leap = leap_indicator(in, system);
	ret_report->root_delay = ntpd_rs_number(in, system, "root_delay", 0);
	ret_report->accumulated_steps = ntpd_rs_number(in, system, "accumulated_steps", -INFINITY);
	if (json_object_object_get_ex(system, "root_dispersion", NULL))
		ret_report->root_dispersion = ntpd_rs_number(in, system, "root_dispersion", 0);
	else
		variance_read(in, system, ret_report);
}

// Sources of some kinds say nothing of their updates; one that does must say it right.
static void source_read(
	struct reading_json *in, struct json_object *source, struct ntpd_rs_report *ret_report)
{
	if (!json_object_is_type(source, json_type_object)) {
		ntpd_rs_complain(in, "sources", "holds something else than sources");
		return;
	}
	if (!json_object_object_get_ex(source, "last_update", NULL))
		return;
	struct ntp_time at = ntpd_rs_timestamp(in, source, "last_update");
	int64_t poll = integer(in, source, "poll_interval", INT8_MIN, INT8_MAX);
	if (at.raw == 0 ||
		(ret_report->has_update && !ntp_time_before(ret_report->last_update, at)))
		return;
	ret_report->has_update = true;
	ret_report->last_update = at;
	ret_report->poll_interval = (int8_t)(poll < POLL_MIN ? POLL_MIN :
					     poll > POLL_MAX ? POLL_MAX :
							       poll);
}

static void root_read(
	struct reading_json *in, struct json_object *root, struct ntpd_rs_report *ret_report)
{
	if (!json_object_is_type(root, json_type_object)) {
		ntpd_rs_complain(in, "the document", "is no object");
		return;
	}
	struct json_object *system = member(in, root, "system", json_type_object);
	struct json_object *sources = member(in, root, "sources", json_type_array);
	if (system == NULL || sources == NULL)
		return;
	ntpd_rs_system_read(in, system, ret_report);
	for (size_t i = 0; i < json_object_array_length(sources); i++)
		source_read(in, json_object_array_get_idx(sources, i), ret_report);
}

static struct json_object *document_parse(
	struct reading_json *in, const char *document, size_t length)
{
	struct json_tokener *t = json_tokener_new_ex(NTPD_RS_DEPTH);
	if (t == NULL) {
		ntpd_rs_complain(in, "the document", "needs more memory than there is");
		return NULL;
	}
	json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	struct json_object *root = json_tokener_parse_ex(t, document, (int)length);
	enum json_tokener_error e = json_tokener_get_error(t);
	bool is_whole = e == json_tokener_success && json_tokener_get_parse_end(t) == length;
	json_tokener_free(t);
	if (is_whole && root != NULL)
		return root;
	json_object_put(root);
	ntpd_rs_complain(in, "the document",
		e == json_tokener_error_parse_number ? "has a number that is none, or too large" :
						       "is not one piece of JSON");
	return NULL;
}

int ntpd_rs_parse(const char *document, size_t length, struct ntpd_rs_report *ret_report,
	const char **ret_why)
{
	struct reading_json in = {NULL};
	struct ntpd_rs_report report = {0};
	struct json_object *root = NULL;
	if (length > NTPD_RS_DOCUMENT_MAX)
		ntpd_rs_complain(&in, "the document", "is over 64 KiB");
	else
		root = document_parse(&in, document, length);
	if (root != NULL)
		root_read(&in, root, &report);
	json_object_put(root);
	if (in.why != NULL) {
		*ret_why = in.why;
		return -EBADMSG;
	}
	*ret_report = report;
	return 0;
}

static bool is_same_statement(const struct ntpd_rs_report *a, const struct ntpd_rs_report *b)
{
	return a->stratum == b->stratum && a->reference_id == b->reference_id &&
	       a->leap == b->leap && !islessgreater(a->root_delay, b->root_delay) &&
	       !islessgreater(a->root_dispersion, b->root_dispersion) &&
	       !islessgreater(a->accumulated_steps, b->accumulated_steps);
}

// The instant of an NTP timestamp near `now`. False if that is yet to come.
static bool ntpd_rs_instant(struct ntp_time t, struct nanos now, struct nanos *ret_instant)
{
	int64_t ahead = ntp_time_to_nanos(ntp_time_diff(t, ntp_time_from_unix(now))).n;
	*ret_instant = (struct nanos){now.n + (ahead > 0 ? 0 : ahead)};
	return ahead <= FUTURE_NS;
}

// Version 1.4 does not say when it last learned something: its numbers change with every update, at
// or after the poll before. At the first poll the newest source tells, if it says so.
static bool update_follow(
	struct ntpd_rs_memory *m, const struct ntpd_rs_report *report, struct nanos now)
{
	struct nanos at = m->polled_at;
	bool is_first = !m->has_last;
	bool is_new = is_first || !is_same_statement(&m->last, report);
	m->last = *report;
	m->has_last = true;
	m->polled_at = now;
	if (report->has_update) {
		struct nanos told;
		if (!ntpd_rs_instant(report->last_update, now, &told))
			return false;
		if (is_first || told.n < at.n)
			at = told;
	}
	if (is_new) {
		m->has_update = !is_first || report->has_update;
		m->updated_at = at;
	}
	return true;
}

static double error_after(const double *variance, double t)
{
	return sqrt(variance[0] + t * (variance[1] + t * (variance[2] + t * variance[3])));
}

// The steeper of the growth now and the mean over the horizon bounds a root that bends either way.
static double growth_after(const double *variance, double t)
{
	double now = error_after(variance, t);
	double mean = (error_after(variance, t + HORIZON_S) - now) / HORIZON_S;
	double slope = variance[1] + t * (2 * variance[2] + 3 * t * variance[3]);
	double tangent = now > 0 ? slope / (2 * now) : 0;
	return fmax(mean, tangent);
}

static void error_tell(const struct ntpd_rs_report *report, struct reference *r)
{
	double age = (double)(r->as_of.n - r->reference_time.n) / NANOS_PER_S;
	double error = report->root_dispersion + age * ldexp(REFERENCE_PHI, -32);
	double rate = 0;
	if (report->has_base_time) {
		error = error_after(report->variance, age);
		rate = growth_after(report->variance, age);
	}
	r->root_dispersion = reference_units(error);
	r->dispersion_rate = reference_units(rate);
}

static struct nanos update_interval(const struct ntpd_rs_report *report)
{
	double s = report->has_update ? ldexp(1, report->poll_interval) : UPDATE_INTERVAL;
	return (struct nanos){(int64_t)(s * NANOS_PER_S)};
}

static int age_find(struct ntpd_rs_memory *m, const struct ntpd_rs_report *report, struct nanos now,
	struct nanos *ret_at)
{
	if (report->has_base_time) {
		m->has_last = false;
		return ntpd_rs_instant(report->base_time, now, ret_at) ? 0 : -EBADMSG;
	}
	if (!update_follow(m, report, now)) {
		*m = (struct ntpd_rs_memory){0};
		return -EBADMSG;
	}
	*ret_at = m->updated_at;
	return m->has_update ? 0 : -EAGAIN;
}

int ntpd_rs_reference(struct ntpd_rs_memory *m, const struct ntpd_rs_report *report,
	struct nanos now, struct reference *ret_reference, const char **ret_why)
{
	struct reference r = {
		.answered = true,
		.leap = LEAP_UNKNOWN,
		.as_of = now,
		.reference_time = now,
		.source = REFERENCE_NTPD_RS,
	};
	bool is_sync = report->stratum > 0 && report->stratum < 16 && report->leap != LEAP_UNKNOWN;
	int found = is_sync ? age_find(m, report, now, &r.reference_time) : 0;
	if (found < 0) {
		*ret_why = found == -EAGAIN ? "it was not seen to update its clock yet" :
		                              "it was updated in the future";
		return found;
	}
	if (is_sync) {
		r.leap = report->leap;
		r.stratum = report->stratum;
		r.reference_id = report->reference_id;
		r.root_delay = ntp_short_from_units(reference_units(report->root_delay));
		r.update_interval = update_interval(report);
		r.is_local = report->reference_id == REFERENCE_ID_NONE;
		error_tell(report, &r);
	} else {
		*m = (struct ntpd_rs_memory){0};
	}
	*ret_reference = r;
	return 0;
}
