// SPDX-License-Identifier: BSD-3-Clause
#include "keys/keyring.h"

#include <errno.h>

#include "common/log.h"
#include "core/counters.h"
#include "keys/keys_file.h"

// What a key has in its counters' slots from keys before it there.
static uint64_t slot_sum(const struct statseg *p, unsigned slot, bool is_right)
{
	uint64_t sum = 0;
	for (unsigned w = 0; w < p->shape.worker_count; w++) {
		const struct key_counters *c = statseg_key_counters(p, w);
		sum += counters_get(is_right ? &c->right[slot] : &c->wrong[slot]);
	}
	return sum;
}

static void key_show(const struct keyring *k, const struct key *key)
{
	struct statseg_key *to = &statseg_keys(k->statseg)->slot[key->slot];
	counters_set(&to->id, key->id);
	counters_set(&to->type, key->type);
}

// A slot that was another key's begins at what that key left in it.
static void slot_begin(const struct keyring *k, unsigned slot)
{
	struct statseg_key *to = &statseg_keys(k->statseg)->slot[slot];
	counters_set(&to->right_before, slot_sum(k->statseg, slot, true));
	counters_set(&to->wrong_before, slot_sum(k->statseg, slot, false));
}

static void table_show(const struct keyring *k, const struct keys *before)
{
	if (k->statseg == NULL)
		return;
	struct statseg_keys *statseg = statseg_keys(k->statseg);
	for (unsigned i = 0; before != NULL && i < before->count; i++)
		if (keys_find(k->current, before->id[i]) == NULL)
			counters_set(&statseg->slot[before->key[i].slot].id, 0);
	for (unsigned i = 0; k->current != NULL && i < k->current->count; i++) {
		if (keys_find(before, k->current->id[i]) == NULL)
			slot_begin(k, k->current->key[i].slot);
		key_show(k, &k->current->key[i]);
	}
	counters_set(&statseg->count, k->current == NULL ? 0 : k->current->count);
}

// A key that stays keeps its slot; a new one gets a slot that no key of the table before has.
static void slots_assign(struct keys *new, const struct keys *old)
{
	bool is_used[KEY_SLOTS] = {false};
	unsigned next = 0;
	for (unsigned i = 0; i < old->count; i++)
		is_used[old->key[i].slot] = true;
	for (unsigned i = 0; i < new->count; i++) {
		const struct key *same = keys_find(old, new->id[i]);
		if (same == NULL)
			while (is_used[next])
				next++;
		new->key[i].slot = same == NULL ? (uint16_t)next++ : same->slot;
	}
}

static int file_load(const struct keyring *k, struct keys **ret_keys, struct diagnostic *d)
{
	bool is_exposed;
	int r = keys_file_load(k->path, ret_keys, &is_exposed, d);
	if (r == 0 && is_exposed)
		log_warning("%s: others than its owner and group may read the keys; chmod o= it",
			k->path);
	return r;
}

int keyring_open(struct keyring *k, const char *path, struct diagnostic *d)
{
	*k = (struct keyring){.path = path};
	if (path[0] == '\0')
		return 0;
	int r = file_load(k, &k->current, d);
	if (r == 0)
		log_info("keys: %u read from %s", k->current->count, path);
	return r;
}

void keyring_join(struct keyring *k, struct key_handover *post)
{
	k->post[k->post_count++] = post;
	key_handover_publish(post, k->current);
}

void keyring_show(struct keyring *k, struct statseg *statseg)
{
	k->statseg = statseg;
	table_show(k, NULL);
}

void keyring_ask(struct keyring *k)
{
	k->is_asked = k->path[0] != '\0';
}

static void table_replace(struct keyring *k, struct keys *new)
{
	k->retired = k->current;
	slots_assign(new, k->retired);
	k->current = new;
	table_show(k, k->retired);
	for (unsigned i = 0; i < k->post_count; i++)
		key_handover_publish(k->post[i], new);
}

static void file_again(struct keyring *k)
{
	struct diagnostic d;
	struct keys *new;
	if (file_load(k, &new, &d) < 0) {
		log_error("%s; keeping the current keys", d.sentence);
		return;
	}
	table_replace(k, new);
	log_info("keys: %u read again from %s", new->count, k->path);
}

static bool all_took(const struct keyring *k)
{
	for (unsigned i = 0; i < k->post_count; i++)
		if (!key_handover_is_adopted(k->post[i]))
			return false;
	return true;
}

void keyring_tick(struct keyring *k)
{
	if (k->retired != NULL && all_took(k)) {
		keys_file_free(k->retired);
		k->retired = NULL;
	}
	if (!k->is_asked || k->retired != NULL)
		return;
	k->is_asked = false;
	file_again(k);
}

void keyring_close(struct keyring *k)
{
	keys_file_free(k->retired);
	keys_file_free(k->current);
	k->retired = k->current = NULL;
}
