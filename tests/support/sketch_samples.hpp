#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "schema/sketch.hpp"

namespace weir::test {

// Values with the shapes that response times have, and some they should not have.
struct Sample {
  std::string name;
  std::vector<std::int64_t> values;
};

inline std::vector<Sample> distributions(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  const auto draw = [&](auto distribution) {
    std::vector<std::int64_t> values(size);
    for (auto& value : values) value = static_cast<std::int64_t>(distribution(random));
    return values;
  };
  std::vector<Sample> samples{
      {"uniform", draw(std::uniform_int_distribution<std::int64_t>{0, 10'000'000})},
      {"small", draw(std::uniform_int_distribution<std::int64_t>{0, 3'000})},
      {"exponential", draw(std::exponential_distribution<double>{1.0 / 50'000})},
      {"lognormal", draw(std::lognormal_distribution<double>{9.0, 2.0})},
      {"constant", std::vector<std::int64_t>(size, 123'456)},
      {"wide", draw(std::uniform_int_distribution<std::int64_t>{-1'000'000, 90'000'000'000})},
  };
  Sample bimodal{"bimodal", draw(std::normal_distribution<double>{2'000, 100})};
  for (std::size_t i = 0; i < size; i += 7) bimodal.values[i] += 30'000'000;
  Sample pareto{"pareto", {}};
  std::uniform_real_distribution<double> unit{1e-9, 1};
  for (std::size_t i = 0; i < size; ++i) {
    pareto.values.push_back(static_cast<std::int64_t>(1'000 * std::pow(unit(random), -1 / 1.1)));
  }
  samples.push_back(std::move(bimodal));
  samples.push_back(std::move(pareto));
  return samples;
}

inline schema::Sketch sketch_of(const std::vector<std::int64_t>& values) {
  schema::Sketch sketch;
  for (const std::int64_t value : values) sketch.record(value);
  return sketch;
}

// What the sketch takes a value as.
inline std::vector<std::int64_t> taken_as(std::vector<std::int64_t> values) {
  for (auto& value : values) {
    value = std::clamp(value, std::int64_t{0}, schema::Sketch::kMaxValue);
  }
  return values;
}

}  // namespace weir::test
