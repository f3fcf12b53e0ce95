#include "http/native_charts.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "http/figures_json.hpp"
#include "http/found_run.hpp"
#include "store/table_reader.hpp"
#include "store/timeline_reader.hpp"

namespace weir::http {
namespace {

using schema::Sketch;

// The labels.id of a label, 0 for all.
schema::Result<std::int64_t> label_id(store::Database& database, std::int64_t run,
                                      const std::optional<std::string>& label) {
  if (!label) return std::int64_t{schema::kAllLabels};
  return store::find_label(database, run, *label);
}

void write_point(JsonWriter& json, const store::TimelinePoint& point, schema::Elapsed step,
                 schema::Timestamp started, const std::vector<Rank>& ranks) {
  json.object().member("time", schema::format_time(point.start));
  json.member("elapsed_s", schema::to_seconds(point.start - started)).member("users", point.users);
  json.member("hits", point.response.count).member("failed", point.failed);
  json.member("per_s", rounded(schema::rate(point.response.count, schema::to_seconds(step))));
  json.member("bytes_sent", point.bytes_sent).member("bytes_received", point.bytes_received);
  write_durations(json.key("response_ms"), point.response);
  write_percentiles(json, ranks, point.extra_us);
  json.end();
}

void begin_chart(JsonWriter& json, const store::RunRow& row,
                 const std::optional<std::string>& label) {
  json.object().member("number", row.run).member("run_id", row.run_id).member("label", label);
}

// Counts by buckets whose edges have the same ratio, from min to max.
class Histogram {
 public:
  Histogram(const Sketch& sketch, std::size_t buckets)
      : min_(static_cast<double>(std::max<std::int64_t>(*sketch.min(), 1))),
        max_(static_cast<double>(std::max<std::int64_t>(*sketch.max(), 1))),
        counts_(max_ > min_ ? buckets : 1) {
    const double last = static_cast<double>(*sketch.max());
    sketch.for_each([&](std::uint32_t bucket, std::uint64_t count) {
      const double value = std::min(static_cast<double>(Sketch::upper_edge(bucket)), last);
      counts_[place_of(value)] += count;
    });
  }

  void write(JsonWriter& json) const {
    json.array();
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      json.object().member("from_ms", i == 0 ? min_ / 1e3 : edge(i)).member("to_ms", edge(i + 1));
      json.member("count", counts_[i]).end();
    }
    json.end();
  }

 private:
  double edge(std::size_t i) const {
    if (i == counts_.size()) return max_ / 1e3;
    const double share = static_cast<double>(i) / static_cast<double>(counts_.size());
    return std::round(min_ * std::pow(max_ / min_, share)) / 1e3;
  }
  // The first bucket whose upper edge is not below the value.
  std::size_t place_of(double value) const {
    std::size_t low = 0, high = counts_.size() - 1;
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (value <= edge(middle + 1) * 1e3 + kRounding) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
  static constexpr double kRounding = 1e-3;  // of an edge in milliseconds

  double min_, max_;  // microseconds
  std::vector<std::uint64_t> counts_;
};

}  // namespace

Handled get_timeline(const Services& services, const Request& request) {
  Parameters given{request};
  store::TimelineQuery query;
  query.step = given.duration("step");
  query.from = given.time("from");
  query.to = given.time("to");
  const auto label = given.text("label");
  const std::vector<Rank> ranks = given.ranks("p");
  if (auto problem = given.problem()) return tl::unexpected(*problem);
  for (const Rank& rank : ranks) query.ppms.push_back(rank.ppm);
  auto found = find_run(services.readers, request.run);
  if (!found) return tl::unexpected(found.error());
  query.run = found->row.run;
  using Found = schema::Result<store::Timeline>;
  const Found timeline = found->look([&](store::Database& database) -> Found {
    const auto id = label_id(database, query.run, label);
    if (!id) return tl::make_unexpected(id.error());
    query.label = *id;
    return store::read_timeline(database, query);
  });
  if (!timeline) return refused(timeline.error(), "step");
  JsonWriter json;
  begin_chart(json, found->row, label);
  json.member("step_s", std::chrono::duration_cast<std::chrono::seconds>(timeline->step).count());
  json.member("started", schema::format_time(found->row.started)).key("points").array();
  for (const store::TimelinePoint& point : timeline->points) {
    write_point(json, point, timeline->step, found->row.started, ranks);
  }
  json.end().end();
  return json_response(std::move(json).text());
}

Handled get_histogram(const Services& services, const Request& request) {
  constexpr std::size_t kUsualBuckets = 60;
  Parameters given{request};
  const auto label = given.text("label");
  const std::size_t buckets = given.number("buckets", 1, 1'000).value_or(kUsualBuckets);
  if (auto problem = given.problem()) return tl::unexpected(*problem);
  auto found = find_run(services.readers, request.run);
  if (!found) return tl::unexpected(found.error());
  using Found = schema::Result<Sketch>;
  const Found sketch = found->look([&](store::Database& database) -> Found {
    const auto id = label_id(database, found->row.run, label);
    if (!id) return tl::make_unexpected(id.error());
    return store::read_sketch(database, found->row.run, *id);
  });
  if (!sketch) return refused(sketch.error(), "label");
  JsonWriter json;
  begin_chart(json, found->row, label);
  json.member("count", sketch->count()).member("min_ms", milliseconds(sketch->min()));
  json.member("max_ms", milliseconds(sketch->max())).key("buckets");
  if (sketch->count() == 0) {
    json.array().end();
  } else {
    Histogram{*sketch, buckets}.write(json);
  }
  json.end();
  return json_response(std::move(json).text());
}

}  // namespace weir::http
