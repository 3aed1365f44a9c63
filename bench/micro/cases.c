// SPDX-License-Identifier: BSD-3-Clause
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "core/checksum.h"
#include "core/responder.h"
#include "frames.h"
#include "interleaved.h"

#if defined(__x86_64__)
#include <x86intrin.h>
uint64_t bench_counter(void)
{
	unsigned core;
	return __rdtscp(&core);
}

static uint64_t counter_plain(void)
{
	return __rdtsc();
}
#elif defined(__aarch64__)
uint64_t bench_counter(void)
{
	uint64_t count;
	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(count));
	return count;
}

static uint64_t counter_plain(void)
{
	uint64_t count;
	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(count));
	return count;
}
#else
#error "no counter known for this machine"
#endif

static uint64_t counter_kernel(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// As a worker reads it: through a hook, and without waiting for what stands before it, which is
// what half of bench_counter's cost is.
static uint64_t (*volatile counter_read)(void) = counter_plain;

static uint64_t (*volatile counter_kernel_read)(void) = counter_kernel;

static struct responder responder;
static struct packet packets[FRAMES_BURST]; // a worker's: the same ones for every burst
static enum verdict verdicts[FRAMES];
static struct frame frames[FRAMES];
static struct snapshot snapshot;
static struct snapshot_cache cache;
static struct clock_view view = {
	.ref_cycles = {1000},
	.ref_time = {0xed0000000000000},
	.mult = 0x1bd70a3d70a3d, // 2.3 GHz
	.reference_time = {0xecffff000000000},
	.root_dispersion = 1 << 20,
	.dispersion_rate = 64425,
	.valid_cycles = {1ull << 40},
	.reference_id = 0x4c4f434c,
	.stratum = 1,
	.precision = -26,
};
static struct ntp_answer answer;
static uint64_t result;

static void restore_kind(enum frames_kind kind)
{
	frames_build(kind);
	frames_restore();
}

static void restore_ip4(void)
{
	restore_kind(FRAMES_IP4);
}

static void restore_ip6(void)
{
	restore_kind(FRAMES_IP6);
}

static void restore_vlan(void)
{
	restore_kind(FRAMES_VLAN);
}

static void restore_mode6(void)
{
	restore_kind(FRAMES_MODE6);
}

static void restore_not_ours(void)
{
	restore_kind(FRAMES_NOT_OURS);
}

static void restore_arp(void)
{
	restore_kind(FRAMES_ARP);
}

static void restore_bad_checksum(void)
{
	restore_kind(FRAMES_BAD_CHECKSUM);
}

static void restore_junk(void)
{
	restore_kind(FRAMES_JUNK);
}

// What a worker does between receive and send, for each burst of the set.
static void run_whole(void)
{
	for (unsigned i = 0; i < FRAMES; i += FRAMES_BURST) {
		struct cycles now = {2000 + i};
		frames_load(packets, i);
		snapshot_read(&snapshot, &cache);
		if (responder_open(&responder, packets, FRAMES_BURST) == 0)
			continue;
		ntp_answer_prepare(&cache.view, now, 0, &answer);
		struct burst_times t = {
			.receive = clock_view_time(&cache.view, now),
			.transmit = clock_view_time(&cache.view, (struct cycles){now.n + 1000}),
		};
		responder_answer(&responder, packets, FRAMES_BURST, &answer, &t);
	}
}

// A whole reply: mode 4, our stratum, and the sum over pseudo-header and datagram comes out.
static bool is_reply(const uint8_t *data)
{
	const uint8_t *ntp = data + frames_length() - NTP_LENGTH;
	const uint8_t *udp = ntp - 8;
	size_t addresses = data[12] == 0x86 ? 32 : 8;
	uint64_t sum = checksum_bytes(udp - addresses, addresses + 56);
	sum = checksum_join(sum, checksum_term16(17) + checksum_term16(56));
	return ntp[0] == 0x24 && ntp[1] == 1 && checksum_fold(sum) == UINT16_MAX;
}

static bool check_whole(void)
{
	for (unsigned i = 0; i < FRAMES; i++)
		if (!is_reply(frames_at(i)))
			return false;
	return true;
}

static void run_responder_open(void)
{
	result = 0;
	for (unsigned i = 0; i < FRAMES; i += FRAMES_BURST) {
		frames_load(packets, i);
		result += responder_open(&responder, packets, FRAMES_BURST);
	}
}

static bool check_all_opened(void)
{
	return result == FRAMES;
}

static bool check_dropped(void)
{
	for (unsigned i = 0; i < FRAMES; i++)
		if (!frames_is_pristine(i))
			return false;
	for (unsigned i = 0; i < FRAMES_BURST; i++)
		if (verdict_is_answer(packets[i].verdict))
			return false;
	return true;
}

static void open_all(void)
{
	struct checksum_report unknown = {0};
	for (unsigned i = 0; i < FRAMES; i++)
		verdicts[i] = frame_open(
			&responder.service, frames_at(i), frames_length(), unknown, &frames[i]);
}

static void run_frame_open(void)
{
	open_all();
}

static bool check_opened(void)
{
	for (unsigned i = 0; i < FRAMES; i++)
		if (!verdict_is_answer(verdicts[i]))
			return false;
	return true;
}

static void restore_opened(void)
{
	restore_kind(FRAMES_IP4);
	open_all();
}

static void run_request_read(void)
{
	for (unsigned i = 0; i < FRAMES; i++)
		verdicts[i] = ntp_request_read(
			frames[i].ntp, frames[i].ntp_length, frames[i].source_port);
}

static void run_reply_write(void)
{
	for (unsigned i = 0; i < FRAMES; i++)
		result += ntp_reply_write(frames[i].ntp, V_ANSWER_V4, &answer, (struct ntp_time){1},
			(struct ntp_time){2 + i});
}

static bool check_written(void)
{
	for (unsigned i = 0; i < FRAMES; i++)
		if (frames[i].ntp[0] != 0x24 || frames[i].ntp[39] != 1)
			return false;
	return true;
}

static void run_frame_reply(void)
{
	for (unsigned i = 0; i < FRAMES; i++)
		result += frame_reply(&responder.service, frames_at(i), &frames[i], i);
}

static bool check_turned(void)
{
	for (unsigned i = 0; i < FRAMES; i++)
		if (frames_at(i)[0] != 2 || frames_at(i)[5] != 2)
			return false;
	return true;
}

static void run_snapshot_read(void)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < FRAMES; i++) {
		cache.sequence = 0;
		sum += snapshot_read(&snapshot, &cache);
	}
	result += sum;
}

static void run_counter(void)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < FRAMES; i++)
		sum += counter_read();
	result += sum;
}

static void run_counter_kernel(void)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < FRAMES; i++)
		sum += counter_kernel_read();
	result += sum;
}

// Nothing was published since: what a worker finds nearly always.
static void run_snapshot_unchanged(void)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < FRAMES; i++) {
		sum += snapshot_read(&snapshot, &cache);
		// The next look is at memory again.
		atomic_signal_fence(memory_order_seq_cst);
	}
	result += sum;
}

static void run_convert(void)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < FRAMES; i++) {
		struct cycles now = {2000 + i};
		clock_view_cross(&cache.view, now);
		sum += clock_view_time(&cache.view, now).raw;
		atomic_signal_fence(memory_order_seq_cst);
	}
	result += sum;
}

// All that a worker does once a burst to know the time.
static inline __attribute__((always_inline)) void clock_run(uint64_t (*volatile *read)(void))
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < FRAMES; i++) {
		struct cycles now = {(*read)()};
		sum += snapshot_read(&snapshot, &cache);
		clock_view_cross(&cache.view, now);
		sum += clock_view_time(&cache.view, now).raw;
		atomic_signal_fence(memory_order_seq_cst);
	}
	result += sum;
}

static void run_clock(void)
{
	clock_run(&counter_read);
}

static void run_clock_kernel(void)
{
	clock_run(&counter_kernel_read);
}

static bool check_view(void)
{
	return memcmp(&cache.view, &view, sizeof(view)) == 0 && result != 0;
}

// Message authentication codes of 48 bytes, each with a key of its own.
#define CODES 32
static struct aes_cmac_key code_keys[CODES];
static struct aes_cmac_job codes[CODES];
static uint8_t code_messages[CODES][NTP_LENGTH];
static struct digest digest_key;
static uint8_t digest_out[DIGEST_LENGTH_MAX];

static void restore_codes_of(enum aes_key_length length)
{
	static enum aes_key_length prepared;
	for (unsigned i = 0; i < CODES; i++) {
		uint8_t bytes[AES_KEY_256] = {(uint8_t)i};
		if (prepared != length)
			aes_cmac_key_init(&code_keys[i], bytes, length);
		memset(code_messages[i], (int)i, sizeof(code_messages[i]));
		codes[i].key = &code_keys[i];
		codes[i].message = (struct span){code_messages[i], NTP_LENGTH};
	}
	prepared = length;
}

static void restore_codes(void)
{
	restore_codes_of(AES_KEY_128);
}

static void restore_codes_256(void)
{
	restore_codes_of(AES_KEY_256);
}

static void run_codes(enum aes_unit unit, unsigned at_once)
{
	for (unsigned i = 0; i < FRAMES; i += at_once)
		aes_cmac_compute(&codes[i % CODES], at_once, unit);
}

static void run_cmac_single(void)
{
	run_codes(aes_unit_best(), 1);
}

static void run_cmac_batch(void)
{
	run_codes(aes_unit_best(), CODES);
}

static void run_cmac_planes_single(void)
{
	run_codes(AES_PORTABLE, 1);
}

static void run_cmac_planes_batch(void)
{
	run_codes(AES_PORTABLE, CODES);
}

// A key of 20 bytes, prepared as when it is read.
static void restore_digest(enum digest_method method)
{
	restore_codes();
	digest_begin(&digest_key, method, (struct span){code_messages[1], 20});
}

static void run_digest(void)
{
	for (unsigned i = 0; i < FRAMES; i++)
		digest_finish(&digest_key, (struct span){code_messages[i % CODES], NTP_LENGTH},
			digest_out);
}

static void restore_md5(void)
{
	restore_digest(DIGEST_MD5);
}

static void restore_sha1(void)
{
	restore_digest(DIGEST_SHA1);
}

static void restore_sha256(void)
{
	restore_digest(DIGEST_SHA256);
}

static void restore_sha384(void)
{
	restore_digest(DIGEST_SHA384);
}

static void restore_sha512(void)
{
	restore_digest(DIGEST_SHA512);
}

static bool check_digest(void)
{
	uint8_t none[DIGEST_LENGTH_MAX] = {0};
	return memcmp(digest_out, none, digest_length(DIGEST_MD5)) != 0;
}

// Each as it comes out alone, by the other unit.
static bool check_codes(void)
{
	for (unsigned i = 0; i < CODES; i++) {
		struct aes_cmac_job alone = codes[i];
		aes_cmac_compute(&alone, 1, AES_PORTABLE);
		if (memcmp(alone.tag, codes[i].tag, sizeof(alone.tag)) != 0)
			return false;
	}
	return true;
}

static const struct bench_case cases[] = {
	{"answer/ip4", FRAMES, restore_ip4, run_whole, check_whole},
	{"answer/ip6", FRAMES, restore_ip6, run_whole, check_whole},
	{"answer/vlan", FRAMES, restore_vlan, run_whole, check_whole},
	{"pairs/off", FRAMES, interleaved_restore_off, run_interleaved, interleaved_check_basic},
	{"pairs/basic", FRAMES, interleaved_restore_basic, run_interleaved,
		interleaved_check_basic},
	{"pairs/asked", FRAMES, interleaved_restore_asked, run_interleaved,
		interleaved_check_asked},
	{"step/responder_open", FRAMES, restore_ip4, run_responder_open, check_all_opened},
	{"step/frame_open", FRAMES, restore_ip4, run_frame_open, check_opened},
	{"step/ntp_request_read", FRAMES, restore_opened, run_request_read, check_opened},
	{"step/ntp_reply_write", FRAMES, restore_opened, run_reply_write, check_written},
	{"step/frame_reply", FRAMES, restore_opened, run_frame_reply, check_turned},
	{"drop/mode6", FRAMES, restore_mode6, run_whole, check_dropped},
	{"drop/not_ours", FRAMES, restore_not_ours, run_whole, check_dropped},
	{"drop/arp", FRAMES, restore_arp, run_whole, check_dropped},
	{"drop/bad_checksum", FRAMES, restore_bad_checksum, run_whole, check_dropped},
	{"drop/junk", FRAMES, restore_junk, run_whole, check_dropped},
	{"code/aes_single", FRAMES, restore_codes, run_cmac_single, check_codes},
	{"code/aes_batch", FRAMES, restore_codes, run_cmac_batch, check_codes},
	{"code/aes256_single", FRAMES, restore_codes_256, run_cmac_single, check_codes},
	{"code/aes256_batch", FRAMES, restore_codes_256, run_cmac_batch, check_codes},
	{"code/aes_planes_single", FRAMES, restore_codes, run_cmac_planes_single, check_codes},
	{"code/aes_planes_batch", FRAMES, restore_codes, run_cmac_planes_batch, check_codes},
	{"code/md5", FRAMES, restore_md5, run_digest, check_digest},
	{"code/sha1", FRAMES, restore_sha1, run_digest, check_digest},
	{"code/sha256", FRAMES, restore_sha256, run_digest, check_digest},
	{"code/sha384", FRAMES, restore_sha384, run_digest, check_digest},
	{"code/sha512", FRAMES, restore_sha512, run_digest, check_digest},
	{"time/counter", FRAMES, NULL, run_counter, check_view},
	{"time/counter_kernel", FRAMES, NULL, run_counter_kernel, check_view},
	{"time/snapshot_unchanged", FRAMES, NULL, run_snapshot_unchanged, check_view},
	{"time/snapshot_read", FRAMES, NULL, run_snapshot_read, check_view},
	{"time/convert", FRAMES, NULL, run_convert, check_view},
	{"time/counter_snapshot_convert", FRAMES, NULL, run_clock, check_view},
	{"time/counter_kernel_snapshot_convert", FRAMES, NULL, run_clock_kernel, check_view},
};

const struct bench_case *bench_cases(size_t *ret_count)
{
	snapshot_publish(&snapshot, &view);
	snapshot_read(&snapshot, &cache);
	ntp_answer_prepare(&view, (struct cycles){2000}, 0, &answer);
	responder_init(&responder, frames_service(), 1);
	interleaved_begin(&view);
	*ret_count = sizeof(cases) / sizeof(cases[0]);
	return cases;
}
