// What it costs to read a frame, by what it holds.
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "schema/loads_decode.hpp"
#include "schema/time.hpp"
#include "tests/support/bench_workload.hpp"

namespace weir::test {
namespace {

using tools::BenchForm;

// Each data_type with what its runners usually send.
constexpr std::string_view kStartTestRun =
    R"({"data_type":"startTestRun","worker_id":"w1","run_id":"nightly-7","name":"nightly",)"
    R"("tags":{"branch":"main","build":118},"thresholds":{"hits.p95":["value<500"]},)"
    R"("loads_status":[100,20,1,0]})";
constexpr std::string_view kStopTestRun =
    R"({"data_type":"stopTestRun","worker_id":"w1","run_id":"nightly-7"})";
constexpr std::string_view kStartTest =
    R"({"data_type":"startTest","worker_id":"w1","run_id":"nightly-7","test":"test_home",)"
    R"("loads_status":[100,20,1,0]})";
constexpr std::string_view kStopTest =
    R"({"data_type":"stopTest","worker_id":"w1","run_id":"nightly-7","test":"test_home",)"
    R"("loads_status":[100,20,1,0]})";
constexpr std::string_view kAddSuccess =
    R"({"data_type":"addSuccess","worker_id":"w1","run_id":"nightly-7","test":"test_home",)"
    R"("loads_status":[100,20,1,0]})";
constexpr std::string_view kAddFailure =
    R"({"data_type":"addFailure","worker_id":"w1","run_id":"nightly-7","test":"test_home",)"
    R"("exc_info":["AssertionError","500 != 200","Traceback (most recent call last):\n  File \"t.py\"\n"]})";
constexpr std::string_view kAddError =
    R"({"data_type":"addError","worker_id":"w1","run_id":"nightly-7","test":"test_home",)"
    R"("exc_info":["ConnectionResetError: [Errno 104]",""]})";
constexpr std::string_view kSocketOpen =
    R"({"data_type":"socket_open","worker_id":"w1","run_id":"nightly-7"})";
constexpr std::string_view kSocketClose =
    R"({"data_type":"socket_close","worker_id":"w1","run_id":"nightly-7"})";
constexpr std::string_view kSocketMessage =
    R"({"data_type":"socket_message","worker_id":"w1","run_id":"nightly-7","size":1200})";
constexpr std::string_view kCounter =
    R"({"data_type":"widgets-bought","worker_id":"w1","run_id":"nightly-7","test":"test_shop"})";
constexpr std::string_view kCompactHit =
    R"({"data_type":"add_hit","url":"http://h/a","method":"GET","status":200,"elapsed":0.012})";
constexpr std::string_view kLongElapsed =
    R"({"data_type":"add_hit","url":"http://h/a","method":"GET","status":200,)"
    R"("elapsed":0.01234567890123456})";

void decode_text(benchmark::State& state, std::string_view frame) {
  schema::LoadsDecoder decoder;
  BenchVisitor visitor;
  for (auto _ : state) benchmark::DoNotOptimize(decoder.decode(frame, visitor));
  if (visitor.rejections() > 0) state.SkipWithError("the message was refused");
  state.SetItemsProcessed(static_cast<std::int64_t>(visitor.messages()));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(frame.size()));
}
BENCHMARK_CAPTURE(decode_text, startTestRun, kStartTestRun);
BENCHMARK_CAPTURE(decode_text, stopTestRun, kStopTestRun);
BENCHMARK_CAPTURE(decode_text, startTest, kStartTest);
BENCHMARK_CAPTURE(decode_text, stopTest, kStopTest);
BENCHMARK_CAPTURE(decode_text, addSuccess, kAddSuccess);
BENCHMARK_CAPTURE(decode_text, addFailure, kAddFailure);
BENCHMARK_CAPTURE(decode_text, addError, kAddError);
BENCHMARK_CAPTURE(decode_text, socket_open, kSocketOpen);
BENCHMARK_CAPTURE(decode_text, socket_close, kSocketClose);
BENCHMARK_CAPTURE(decode_text, socket_message, kSocketMessage);
BENCHMARK_CAPTURE(decode_text, counter, kCounter);
BENCHMARK_CAPTURE(decode_text, add_hit_compact, kCompactHit);
BENCHMARK_CAPTURE(decode_text, add_hit_17_digits, kLongElapsed);

std::string array_of_50() {
  std::string array = "[";
  for (const std::string& message : bench_frames(BenchForm::single, 50)) {
    if (array.size() > 1) array += ',';
    array += message;
  }
  return array + "]";
}

void decode_array_50(benchmark::State& state) { decode_text(state, array_of_50()); }
BENCHMARK(decode_array_50);

void decode_frames(benchmark::State& state, BenchForm form) {
  const std::vector<std::string> frames = bench_frames(form, 1'000);
  schema::LoadsDecoder decoder;
  BenchVisitor visitor;
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(decoder.decode(frames[next], visitor));
    next = next + 1 == frames.size() ? 0 : next + 1;
  }
  if (visitor.rejections() > 0) state.SkipWithError("a message was refused");
  state.SetItemsProcessed(static_cast<std::int64_t>(visitor.messages()));
}
BENCHMARK_CAPTURE(decode_frames, single, BenchForm::single);
BENCHMARK_CAPTURE(decode_frames, ndjson_50, BenchForm::ndjson_50);
BENCHMARK_CAPTURE(decode_frames, batch_50, BenchForm::batch_50);

void parse_time(benchmark::State& state, std::string_view text) {
  for (auto _ : state) benchmark::DoNotOptimize(schema::parse_time(text));
}
BENCHMARK_CAPTURE(parse_time, microseconds, "2026-11-21T20:29:56.743477");
BENCHMARK_CAPTURE(parse_time, with_zone, "2026-11-21T20:29:56.743477+01:00");

void format_time(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(schema::format_time(kNoon));
}
BENCHMARK(format_time);

}  // namespace
}  // namespace weir::test
