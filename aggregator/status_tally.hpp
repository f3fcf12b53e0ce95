#pragma once

#include <cstdint>
#include <memory>

#include "schema/summary.hpp"

namespace weir::aggregator {

// How often each status came, in 16 bytes while there is only one.
class StatusTally {
 public:
  // REQUIRES: 0 <= status <= 999.
  void add(int status) {
    if (status == first_status_ && first_count_ > 0) {
      ++first_count_;
    } else {
      add_other(status);
    }
  }
  schema::StatusCounts counts() const;

  // What adding this status will touch beyond the tally itself, in two steps
  // (Sketch::prefetch_body() says why inline).
  [[gnu::always_inline]] void prefetch_others(int status) const {
    if (has_apart(status)) __builtin_prefetch(others_.get());
  }
  [[gnu::always_inline]] void prefetch_count(int status) const {
    if (has_apart(status)) __builtin_prefetch(others_->data(), 1);
  }

  template <class Archive>
  void save(Archive& archive) const {
    archive(counts());
  }
  template <class Archive>
  void load(Archive& archive) {
    schema::StatusCounts counts;
    archive(counts);
    set(counts);
  }

 private:
  bool has_apart(int status) const { return status != first_status_ && others_ != nullptr; }
  void add_other(int status);
  void become_first(int status);
  // REQUIRES: ascending but for the first.
  void set(const schema::StatusCounts& counts);

  std::uint64_t first_count_ : 48 = 0;
  std::uint64_t first_status_ : 16 = 0;           // the most frequent one, or nearly so
  std::unique_ptr<schema::StatusCounts> others_;  // ascending
};

}  // namespace weir::aggregator
