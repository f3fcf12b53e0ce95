#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "aggregator/run_registry.hpp"
#include "schema/loads_decode.hpp"
#include "tests/support/run_messages.hpp"
#include "tools/bench_messages.hpp"

namespace weir::test {

// The first frames of `weir bench`, all of a moment and a copy each.
inline std::vector<std::string> bench_frames(tools::BenchForm form, std::size_t messages,
                                             std::size_t workers = 4, std::size_t labels = 500) {
  tools::BenchMessages source{
      {.form = form, .run_id = "bench-1", .workers = workers, .labels = labels, .epoch = 1}};
  std::vector<std::string> frames;
  for (std::size_t number = 0; number * tools::hits_per_frame(form) < messages; ++number) {
    frames.emplace_back(source.frame(number, kNoon));
  }
  return frames;
}

// Counts what was decoded, and applies it to runs if there are any.
class BenchVisitor : public schema::MessageVisitor {
 public:
  explicit BenchVisitor(aggregator::RunRegistry* registry = nullptr) : registry_(registry) {}

  void on_message(const schema::Message& message) override {
    ++messages_;
    if (registry_ != nullptr && !registry_->apply(message, kNoon)) ++rejections_;
  }
  void on_rejection(const schema::Rejection& /*rejection*/) override { ++rejections_; }

  std::uint64_t messages() const { return messages_; }
  std::uint64_t rejections() const { return rejections_; }

 private:
  aggregator::RunRegistry* registry_;
  std::uint64_t messages_ = 0;
  std::uint64_t rejections_ = 0;
};

}  // namespace weir::test
