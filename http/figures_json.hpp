#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "http/json_writer.hpp"
#include "http/parameters.hpp"
#include "schema/sketch.hpp"
#include "schema/summary.hpp"
#include "store/run_report.hpp"

namespace weir::http {

// The shapes that figures have in every answer, as in the live feed: milliseconds, null without
// data. What is written is one value, or (the members) what stands inside an object.

std::optional<double> milliseconds(std::optional<std::int64_t> us);
// To four decimals, as rates are given.
std::optional<double> rounded(std::optional<double> value);

void write_durations(JsonWriter& json, const schema::DurationSummary& durations);
void write_counts(JsonWriter& json, const schema::StatusCounts& counts);
void write_counts(JsonWriter& json, const schema::NamedCounts& counts);

// "percentiles_ms": {...}, if ranks were asked for; null for each without values.
void write_percentiles(JsonWriter& json, const std::vector<Rank>& ranks,
                       std::span<const std::int64_t> values_us);
void write_percentiles(JsonWriter& json, const std::vector<Rank>& ranks,
                       const schema::Sketch& sketch);

// The members of a Run of openapi.yaml.
void write_run_members(JsonWriter& json, const store::RunRow& row);

}  // namespace weir::http
