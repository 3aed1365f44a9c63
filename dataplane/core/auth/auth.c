// SPDX-License-Identifier: BSD-3-Clause
#include "core/auth/auth.h"

#include <string.h>

#include "core/auth/aes_cmac.h"
#include "core/counters.h"
#include "core/ntp.h"
#include "core/wire_int.h"

static uint32_t key_id_read(const uint8_t *code)
{
	struct be32 id;
	memcpy(id.byte, code, sizeof(id));
	return be32_get(id);
}

void auth_add(struct auth *a, unsigned i, struct packet *p)
{
	const struct frame *f = &p->frame;
	size_t code = ntp_mac_length(f->ntp, f->ntp_length);
	size_t length = f->ntp_length - code;
	const struct key *key = keys_find(a->keys, key_id_read(f->ntp + length));
	if (key == NULL)
		return;
	p->verdict = V_NTP_MAC_WRONG;
	if (!key_has_length(key, code - KEY_ID_LENGTH)) {
		counters_add(&a->counters->wrong[key->slot], 1);
		return;
	}
	a->job[a->count++] = (struct auth_job){.key = key,
		.message = f->ntp,
		.length = (uint16_t)length,
		.code_length = (uint8_t)code,
		.packet = (uint8_t)i};
}

// Messages with keys of one length go together: those fill lanes.
static unsigned cmac_gather(struct auth *a, uint8_t ret_job[static RESPONDER_BURST])
{
	static const enum key_type types[] = {KEY_AES128, KEY_AES256};
	unsigned n = 0;
	for (unsigned t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
		for (unsigned i = 0; i < a->count; i++) {
			const struct auth_job *j = &a->job[i];
			if (j->key->type != types[t])
				continue;
			ret_job[n] = (uint8_t)i;
			a->aes[n++] = (struct aes_cmac_job){
				.key = &j->key->aes, .message = {j->message, j->length}};
		}
	}
	return n;
}

static void digests_cmac(struct auth *a)
{
	uint8_t job[RESPONDER_BURST];
	unsigned n = cmac_gather(a, job);
	aes_cmac_compute(a->aes, n, a->keys->unit);
	for (unsigned i = 0; i < n; i++)
		memcpy(a->job[job[i]].digest, a->aes[i].tag, AES_CMAC_LENGTH);
}

static void digests_make(struct auth *a)
{
	for (unsigned i = 0; i < a->count; i++)
		if (!key_is_cmac(a->job[i].key->type))
			key_hash(a->job[i].key, (struct span){a->job[i].message, a->job[i].length},
				a->job[i].digest);
	digests_cmac(a);
}

// Looks at every byte, whatever the ones before were (E7).
static bool digest_is_right(const struct auth_job *j)
{
	const uint8_t *given = j->message + j->length + KEY_ID_LENGTH;
	unsigned differs = 0;
	for (unsigned i = 0; i < j->code_length - (unsigned)KEY_ID_LENGTH; i++)
		differs |= (unsigned)(given[i] ^ j->digest[i]);
	return differs == 0;
}

unsigned auth_check(struct auth *a, struct packet *packets)
{
	unsigned right = 0;
	digests_make(a);
	for (unsigned i = 0; i < a->count; i++) {
		struct auth_job *j = &a->job[i];
		if (!digest_is_right(j)) {
			counters_add(&a->counters->wrong[j->key->slot], 1);
			continue;
		}
		counters_add(&a->counters->right[j->key->slot], 1);
		packets[j->packet].verdict = ntp_verdict_first(j->message[0]);
		a->members |= 1ull << j->packet;
		j->length = NTP_LENGTH;
		a->job[right++] = *j;
	}
	a->count = right;
	return right;
}

void auth_sign(struct auth *a)
{
	digests_make(a);
	for (unsigned i = 0; i < a->count; i++) {
		const struct auth_job *j = &a->job[i];
		struct be32 id = be32_put(j->key->id);
		uint8_t *code = j->message + NTP_LENGTH;
		memcpy(code, id.byte, sizeof(id));
		memcpy(code + KEY_ID_LENGTH, j->digest, j->code_length - (size_t)KEY_ID_LENGTH);
	}
}
