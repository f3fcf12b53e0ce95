#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "broker/message_sink.hpp"
#include "schema/record.hpp"

namespace weir::broker {

// Makes raw hit rows for the store, up to the cap of a run (as many failures as successes); the
// rest is only counted. Between two takes at most rows_max are kept, so that a burst costs rows,
// not memory. Used by the core thread only.
class HitRows : public MessageSink {
 public:
  HitRows(std::size_t hits_max_per_run, std::size_t rows_max, bool keep_query,
          std::size_t text_bytes);

  void accept(const aggregator::Run& run, const schema::Message& message,
              const aggregator::Applied& applied, schema::Timestamp now) override;

  // Moves rows and counts into the batch.
  void take(schema::StoreBatch& batch);
  void forget(std::int64_t run) { kept_.erase(run); }

 private:
  struct Kept {
    std::size_t successes = 0, failures = 0;
    std::uint64_t not_kept = 0;
  };

  std::size_t hits_max_;
  std::size_t rows_max_;
  bool keep_query_;
  std::size_t text_bytes_;
  std::map<std::int64_t, Kept> kept_;
  std::vector<schema::HitRecord> rows_;
};

}  // namespace weir::broker
