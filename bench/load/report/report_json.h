// SPDX-License-Identifier: BSD-3-Clause
// Reports as JSON, and what all commands' JSON has in common. json-c out of memory leaves fields
// away. Main thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <json-c/json.h>

#include "judge/histogram.h"
#include "report/report.h"

// A new object with the fields of every command's: command, version, device, frame_bytes, clients
// and limit.
struct json_object *json_begin(const struct run *r, enum limit limit);

// Prints the object and a newline, and frees it; style: flags of json-c beyond "pretty". -ENOMEM,
// or -EIO.
int json_end(FILE *out, struct json_object *o, int style);

// Each puts a field into `to`, which owns the value from there on.
void json_add(struct json_object *to, const char *key, struct json_object *value);
void json_add_count(struct json_object *to, const char *key, uint64_t n);
void json_add_number(struct json_object *to, const char *key, double n);
void json_add_flag(struct json_object *to, const char *key, bool on);
void json_add_text(struct json_object *to, const char *key, const char *text);

// Least, mean and percentiles, in nanoseconds.
struct json_object *json_summary(const struct summary *s);

// What report_print() shows, and more, as a new object.
struct json_object *report_make_json(const struct run *r, const struct report *p);
