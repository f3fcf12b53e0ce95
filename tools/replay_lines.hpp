#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/loads_decode.hpp"
#include "schema/time.hpp"

namespace weir::tools {

struct ReplayOptions {
  double speed = 1;         // times the recorded speed; 0: as fast as possible
  bool keep_times = false;  // leave the times of messages as they were recorded
  std::string run_id;       // not empty: goes into every message
};

// Turns recorded lines into the frames that replay them: moves their times so that the first one
// recorded falls on the start of the replay, and says when each line is due. A message's `time`
// counts, else when a hit ended; lines without any follow the line before them at once. With
// keep_times and without run_id a line stays as it is, byte for byte. Used by one thread.
class ReplayLines final : private schema::MessageVisitor {
 public:
  ReplayLines(ReplayOptions options, schema::Timestamp start);

  // Takes the next line; `now` is what its messages get at full speed.
  void read(std::string_view line, schema::Timestamp now);

  // Of the line read last: how long after the start to send it, and what. Views are valid until
  // the next read() or until the line is gone.
  std::optional<schema::Elapsed> due() const;
  const std::vector<std::string_view>& frames() const { return frames_; }
  // Lines so far that are, at least in part, no loads messages: they are sent as they are.
  std::uint64_t unreadable() const { return unreadable_; }

 private:
  void on_message(const schema::Message& message) override;
  void on_rejection(const schema::Rejection& rejection) override;
  bool rewrites() const { return !options_.keep_times || !options_.run_id.empty(); }
  schema::Timestamp moved(schema::Timestamp recorded) const;
  std::uint64_t epoch_shift();

  const ReplayOptions options_;
  const schema::Timestamp start_;
  schema::LoadsDecoder decoder_;
  std::optional<schema::Timestamp> first_;  // the first time recorded
  std::optional<std::uint64_t> epoch_shift_;
  // Of the line being read:
  schema::Timestamp now_;
  std::optional<schema::Timestamp> latest_;
  bool rejected_ = false;
  std::vector<std::string> texts_;
  std::vector<std::string_view> frames_;
  std::uint64_t unreadable_ = 0;
};

}  // namespace weir::tools
