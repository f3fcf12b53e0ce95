#include "http/figures_json.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "schema/time.hpp"

namespace weir::http {
namespace {

std::optional<double> to_ms(std::optional<double> us) {
  if (!us) return std::nullopt;
  return std::round(*us) / 1e3;
}

// 1 means that nothing failed and 0 that nothing succeeded, however many hits there are.
std::optional<double> success_rate(std::uint64_t hits, std::uint64_t failed) {
  if (hits == 0) return std::nullopt;
  constexpr double kStep = 1e-6;
  if (failed == 0) return 1.0;
  if (failed >= hits) return 0.0;
  const double share = static_cast<double>(hits - failed) / static_cast<double>(hits);
  return std::clamp(std::round(share / kStep) * kStep, kStep, 1 - kStep);
}

void write_hits(JsonWriter& json, const store::RunRow& row) {
  const std::uint64_t count = row.response.count;
  json.object().member("count", count).member("failed", row.failed);
  json.member("success_rate", success_rate(count, row.failed));
  json.member("per_s", rounded(schema::rate(count, row.elapsed_s())));
  json.member("bytes_sent", row.bytes_sent).member("bytes_received", row.bytes_received).end();
}

}  // namespace

std::optional<double> milliseconds(std::optional<std::int64_t> us) {
  if (!us) return std::nullopt;
  return static_cast<double>(*us) / 1e3;
}

std::optional<double> rounded(std::optional<double> value) {
  if (!value) return std::nullopt;
  return std::round(*value * 1e4) / 1e4;
}

void write_durations(JsonWriter& json, const schema::DurationSummary& durations) {
  json.object().member("count", durations.count);
  json.member("mean", to_ms(durations.mean_us)).member("sd", to_ms(durations.sd_us));
  json.member("min", milliseconds(durations.min_us)).member("max", milliseconds(durations.max_us));
  json.member("p50", milliseconds(durations.p50_us)).member("p90", milliseconds(durations.p90_us));
  json.member("p95", milliseconds(durations.p95_us)).member("p99", milliseconds(durations.p99_us));
  json.member("p999", milliseconds(durations.p999_us)).end();
}

void write_counts(JsonWriter& json, const schema::StatusCounts& counts) {
  json.object();
  for (const auto& [status, count] : counts) json.member(std::to_string(status), count);
  json.end();
}

void write_counts(JsonWriter& json, const schema::NamedCounts& counts) {
  json.object();
  for (const auto& [name, count] : counts) json.member(name, count);
  json.end();
}

void write_percentiles(JsonWriter& json, const std::vector<Rank>& ranks,
                       std::span<const std::int64_t> values_us) {
  if (ranks.empty()) return;
  json.key("percentiles_ms").object();
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    json.member(ranks[i].text, i < values_us.size() ? milliseconds(values_us[i]) : std::nullopt);
  }
  json.end();
}

void write_percentiles(JsonWriter& json, const std::vector<Rank>& ranks,
                       const schema::Sketch& sketch) {
  std::vector<std::int64_t> values;
  for (const Rank& rank : ranks) {
    if (const auto value = sketch.value_at(rank.ppm)) values.push_back(*value);
  }
  write_percentiles(json, ranks, values);
}

void write_run_members(JsonWriter& json, const store::RunRow& row) {
  json.member("number", row.run).member("run_id", row.run_id).member("name", row.name);
  json.member("project", row.project).member("scenario", row.scenario);
  json.member("source", row.source).member("state", schema::to_string(row.state));
  json.key("result");
  row.result ? json.value(schema::to_string(*row.result)) : json.value(nullptr);
  json.member("started", schema::format_time(row.started)).key("ended");
  row.ended ? json.value(schema::format_time(*row.ended)) : json.value(nullptr);
  json.member("elapsed_s", row.elapsed_s()).member("users_max", row.users_max);
  json.member("workers", row.workers).key("tags").object();
  for (const schema::TagRecord& tag : row.tags) json.member(tag.key, tag.value);
  json.end().member("note", row.note).member("baseline", row.baseline);
  json.key("hits");
  write_hits(json, row);
  json.key("response_ms");
  write_durations(json, row.response);
  json.member("hits_not_kept", row.hits_not_kept).member("broker_version", row.broker_version);
}

}  // namespace weir::http
