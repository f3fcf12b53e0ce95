#pragma once

#include <string>
#include <string_view>

#include "schema/loads_decode.hpp"
#include "schema/loads_decode_reader.hpp"

namespace weir::schema::loads {

// Hands what a frame holds to its visitor, and counts it.
class Delivery {
 public:
  explicit Delivery(std::size_t sample_bytes) : sample_bytes_(sample_bytes) {}

  void begin(MessageVisitor& visitor);
  void accept(const Message& message);
  // The sample is the refused text, of any length.
  void refuse(const Refusal& refusal, std::string_view sample);
  void add_repaired(std::size_t count) { counts_.repaired += count; }
  const FrameCounts& counts() const { return counts_; }

 private:
  std::size_t sample_bytes_;
  MessageVisitor* visitor_ = nullptr;
  FrameCounts counts_;
  std::string detail_;
  std::string field_;
  std::string sample_;
};

}  // namespace weir::schema::loads
