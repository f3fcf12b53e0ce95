#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "aggregator/intervals.hpp"
#include "aggregator/series.hpp"
#include "schema/record.hpp"
#include "tests/support/run_messages.hpp"

namespace weir::test {

// One hit of a random stream with the memory its message points to, and when it arrives.
struct StreamHit {
  schema::Timestamp arrival;
  std::string worker, method, path, url;
  schema::AddHit body;
  std::optional<schema::Timestamp> time;

  schema::Message message() const {
    schema::Message made{.envelope = {}, .body = {}};
    made.envelope.worker_id = worker;
    made.envelope.time = time;
    schema::AddHit own = body;
    own.method = method;
    own.url = url;
    made.body = own;
    return made;
  }
  std::string label() const { return method + " http://h" + path; }
};

// Hits of several labels and workers over `seconds` from kNoon: most on time, some late, some far
// too early or too late to be believed, some ahead of the clock, many in one second, some pauses.
inline std::vector<StreamHit> hit_stream(std::uint64_t seed, std::size_t size, int seconds) {
  std::mt19937_64 random{seed};
  const std::vector<std::pair<std::string, std::string>> paths{
      {"/a", "/a"}, {"/items/{id}", "/items/17?x=1"}, {"/b/c", "/b/c#f"}, {"/", "/"}};
  const std::vector<std::string> methods{"GET", "GET", "POST"};
  std::vector<StreamHit> stream;
  for (std::size_t i = 0; i < size; ++i) {
    StreamHit one;
    one.arrival = kNoon + schema::Elapsed{seconds * std::int64_t{1'000'000}} *
                              static_cast<std::int64_t>(i) / static_cast<std::int64_t>(size);
    one.worker = "w" + std::to_string(random() % 4);
    one.method = methods[random() % methods.size()];
    const auto& [path, url] = paths[random() % paths.size()];
    one.path = path;
    one.url = "http://h" + url;
    const std::vector<int> statuses{200, 200, 302, 404, 500, 0};
    one.body.status = statuses[random() % statuses.size()];
    one.body.elapsed = schema::Elapsed{
        static_cast<std::int64_t>(std::exp(static_cast<double>(random() % 2'000) / 100.0))};
    if (random() % 3 == 0) one.body.bytes_sent = static_cast<std::int64_t>(random() % 5'000);
    if (random() % 3 == 0) one.body.bytes_received = static_cast<std::int64_t>(random() % 5'000);
    const auto offset = [&](std::int64_t from_s, std::int64_t to_s) {
      return schema::Elapsed{std::uniform_int_distribution<std::int64_t>{from_s * 1'000'000,
                                                                         to_s * 1'000'000}(random)};
    };
    switch (random() % 10) {
      case 0:
        one.time = one.arrival + offset(-9, 0);
        break;
      case 1:
        one.time = one.arrival + offset(-60, 9);
        break;
      case 2:
        one.time = one.arrival + offset(-4'000, 4'000);
        break;
      case 3:
        one.body.started = one.arrival - one.body.elapsed;
        break;
      case 4:
        one.body.started = one.arrival + offset(-200, 20);
        break;
      default:
        break;
    }
    stream.push_back(std::move(one));
  }
  return stream;
}

using Place = std::pair<std::string, schema::Timestamp>;  // label text, or empty for all; start
using Timeline = std::map<Place, aggregator::Series>;

// Where and as what each hit must be found in the end, from the rules alone.
struct Expected {
  Timeline intervals;
  std::map<std::string, aggregator::Series> labels;
  aggregator::Series total;
  std::uint64_t skewed = 0;

  void add(const StreamHit& one, schema::Timestamp first_arrival) {
    const std::optional<schema::Timestamp> said =
        one.time ? one.time
                 : (one.body.started ? std::optional{*one.body.started + one.body.elapsed}
                                     : std::nullopt);
    const bool believed = said && *said >= first_arrival - 60s && *said <= one.arrival + 10s;
    skewed += said && !believed ? 1U : 0U;
    const schema::Timestamp at = believed ? *said : one.arrival;
    const aggregator::Sample sample{one.body.elapsed.count(),
                                    one.body.status < 200 || one.body.status >= 400,
                                    one.body.bytes_sent, one.body.bytes_received};
    const std::int64_t us = at.time_since_epoch().count();
    intervals[{"", schema::Timestamp{schema::Elapsed{us - us % 1'000'000}}}].record(sample);
    intervals[{one.label(), schema::Timestamp{schema::Elapsed{us - us % 10'000'000}}}].record(
        sample);
    labels[one.label()].record(sample);
    total.record(sample);
  }
};

inline bool same(const aggregator::Series& a, const schema::SeriesRecord& b) {
  return a.elapsed.serialise() == b.elapsed.serialise() && a.failed == b.failed &&
         a.bytes_sent == b.bytes_sent && a.bytes_received == b.bytes_received;
}

}  // namespace weir::test
