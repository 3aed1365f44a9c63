// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <benchmark/benchmark.h>
#include <chrono>
#include <vector>

#include "bench.h"

// The counter's rate, against the steady clock over 0.2 s: no library's idea of it is trusted.
static double counter_hz()
{
	using clock = std::chrono::steady_clock;
	auto begin = clock::now();
	uint64_t first = bench_counter();
	while (clock::now() - begin < std::chrono::milliseconds(200)) {
	}
	uint64_t last = bench_counter();
	std::chrono::duration<double> passed = clock::now() - begin;
	return (double)(last - first) / passed.count();
}

static bool all_right = true;

static void run_case(benchmark::State &state, const bench_case *c, double hz)
{
	std::vector<double> cycles;
	for (auto _ : state) {
		if (c->restore != nullptr)
			c->restore();
		uint64_t before = bench_counter();
		c->run();
		uint64_t spent = bench_counter() - before;
		state.SetIterationTime((double)spent / hz);
		cycles.push_back((double)spent / c->packets);
	}
	if (!c->check()) {
		all_right = false;
		state.SkipWithError("the answer is wrong");
	}
	std::sort(cycles.begin(), cycles.end());
	state.SetItemsProcessed((int64_t)state.iterations() * c->packets);
	state.counters["min_cycles"] = cycles.front();
	state.counters["median_cycles"] = cycles[cycles.size() / 2];
}

int main(int argc, char **argv)
{
	double hz = counter_hz();
	benchmark::Initialize(&argc, argv);
	if (benchmark::ReportUnrecognizedArguments(argc, argv))
		return 1;
	benchmark::AddCustomContext("counter_hz", std::to_string((uint64_t)hz));
	benchmark::AddCustomContext("cycles", "of the counter, a packet");
	size_t count;
	const bench_case *cases = bench_cases(&count);
	for (size_t i = 0; i < count; i++)
		benchmark::RegisterBenchmark(cases[i].name, run_case, &cases[i], hz)
			->UseManualTime();
	return benchmark::RunSpecifiedBenchmarks() > 0 && all_right ? 0 : 1;
}
