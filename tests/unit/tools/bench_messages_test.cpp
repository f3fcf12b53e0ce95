#include "tools/bench_messages.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "aggregator/label_template.hpp"
#include "tests/support/loads_messages.hpp"

namespace weir::tools {
namespace {

using schema::AddHit;
using schema::Elapsed;
using schema::Timestamp;
using tests::Decoded;

const Timestamp kNow = *schema::parse_time("2026-11-21T20:00:12.250000Z");

BenchTraffic traffic(BenchForm form, std::size_t workers = 4) {
  return {.form = form, .run_id = "bench-7", .workers = workers, .labels = 500, .epoch = 42};
}

std::uint64_t failed_among(const Decoded& decoded) {
  std::uint64_t failed = 0;
  for (const schema::Message& message : decoded.messages) {
    if (!schema::succeeded(std::get<AddHit>(message.body))) ++failed;
  }
  return failed;
}

}  // namespace

TEST_CASE("every frame of a benchmark decodes to the hits, failures and worker it is said to have",
          "[tools][bench]") {
  for (const std::string& name : bench_form_names()) {
    const BenchForm form = *bench_form(name);
    CAPTURE(name);
    BenchMessages messages{traffic(form)};
    std::uint64_t failed = 0;
    const std::uint64_t frames = 10'000 / hits_per_frame(form);
    for (std::uint64_t number = 0; number < frames; ++number) {
      const Decoded decoded{messages.frame(number, kNow)};
      REQUIRE(decoded.messages.size() == hits_per_frame(form));
      REQUIRE(decoded.refused.empty());
      REQUIRE(failed_among(decoded) == messages.failed_in(number));
      failed += messages.failed_in(number);
      for (const schema::Message& message : decoded.messages) {
        REQUIRE(message.envelope.run_id == "bench-7");
        REQUIRE(message.envelope.worker_id == bench_worker_id(messages.worker_of(number)));
        REQUIRE(message.envelope.status.users == 20);
        const AddHit& hit = std::get<AddHit>(message.body);
        REQUIRE(*hit.started + hit.elapsed == kNow);
      }
    }
    CHECK(failed > 400);
    CHECK(failed < 600);
  }
}

TEST_CASE("the numbers of each worker go up by one, also when the ring begins again",
          "[tools][bench]") {
  for (const BenchForm form : {BenchForm::single, BenchForm::ndjson_50}) {
    BenchMessages messages{traffic(form, 3)};
    std::map<std::string, std::uint64_t> last;
    const std::uint64_t frames = 2 * BenchMessages::kMessages / hits_per_frame(form) + 10;
    for (std::uint64_t number = 0; number < frames; ++number) {
      const Decoded decoded{messages.frame(number, kNow)};
      for (const schema::Message& message : decoded.messages) {
        REQUIRE(message.envelope.epoch == 42U);
        REQUIRE(message.envelope.seq == ++last[std::string{message.envelope.worker_id}]);
      }
    }
    CHECK(last.size() == 3);
  }
}

TEST_CASE("batches of a benchmark have no numbers of their messages", "[tools][bench]") {
  for (const BenchForm form : {BenchForm::batch_50, BenchForm::acked_50}) {
    const Decoded decoded{BenchMessages{traffic(form)}.frame(0, kNow)};
    for (const schema::Message& message : decoded.messages) CHECK(!message.envelope.seq);
  }
}

TEST_CASE("a message of a benchmark is as long as a real one", "[tools][bench]") {
  const std::size_t size = BenchMessages{traffic(BenchForm::single)}.frame(17, kNow).size();
  CHECK(size >= 270);
  CHECK(size <= 310);
}

TEST_CASE("there are as many labels as asked for, and templating keeps them apart",
          "[tools][bench]") {
  BenchMessages messages{traffic(BenchForm::ndjson_50)};
  std::set<std::string> labels;
  for (std::uint64_t number = 0; number < BenchMessages::kMessages / 50; ++number) {
    for (const schema::Message& message : Decoded{messages.frame(number, kNow)}.messages) {
      const AddHit& hit = std::get<AddHit>(message.body);
      labels.insert(std::string{hit.method} + " " + aggregator::label_url(hit.url, true));
    }
  }
  CHECK(labels.size() == 500);
}

TEST_CASE("durations of a benchmark are skewed and of microseconds", "[tools][bench]") {
  BenchMessages messages{traffic(BenchForm::ndjson_50)};
  std::vector<Elapsed> all;
  for (std::uint64_t number = 0; number < 200; ++number) {
    for (const schema::Message& message : Decoded{messages.frame(number, kNow)}.messages) {
      all.push_back(std::get<AddHit>(message.body).elapsed);
    }
  }
  std::ranges::sort(all);
  const auto median = all[all.size() / 2];
  CHECK(median > std::chrono::milliseconds{18});
  CHECK(median < std::chrono::milliseconds{22});
  CHECK(all[all.size() * 99 / 100] > 4 * median);
  CHECK(std::ranges::count_if(all, [](Elapsed e) { return e.count() % 1'000 != 0; }) >
        static_cast<std::ptrdiff_t>(all.size() * 9 / 10));
}

TEST_CASE("times before and after a full second are both right", "[tools][bench]") {
  BenchMessages messages{traffic(BenchForm::ndjson_10)};
  const Timestamp second = *schema::parse_time("2026-11-21T20:00:12.000000Z");
  const Decoded decoded{messages.frame(0, second + Elapsed{20'000})};
  std::set<bool> before;
  for (const schema::Message& message : decoded.messages) {
    const AddHit& hit = std::get<AddHit>(message.body);
    CHECK(*hit.started + hit.elapsed == second + Elapsed{20'000});
    before.insert(*hit.started < second);
  }
  CHECK(before.size() == 2);
}

TEST_CASE("each worker begins and ends its part of the run", "[tools][bench]") {
  const BenchMessages messages{traffic(BenchForm::single)};
  const Decoded start{messages.start_message(2)};
  const Decoded stop{messages.stop_message(2)};
  REQUIRE(start.messages.size() == 1);
  REQUIRE(stop.messages.size() == 1);
  CHECK(std::holds_alternative<schema::StartTestRun>(start.messages[0].body));
  CHECK(std::holds_alternative<schema::StopTestRun>(stop.messages[0].body));
  CHECK(start.messages[0].envelope.worker_id == bench_worker_id(2));
}

}  // namespace weir::tools
