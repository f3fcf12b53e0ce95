#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "schema/error.hpp"
#include "schema/message.hpp"

namespace weir::schema {

struct DecodeLimits {
  std::size_t frame_bytes = std::size_t{16} << 20;
  std::size_t depth = 32;
  std::size_t sample_bytes = 1024;
};

// A piece of a frame that was refused. Views are valid until the visitor returns.
struct Rejection {
  ErrorCode reason;
  std::string_view detail;  // "elapsed: not a number"
  std::string_view sample;  // the refused text, at most sample_bytes
};

struct FrameCounts {
  std::size_t messages = 0;
  std::size_t rejections = 0;
  std::size_t repaired = 0;  // NaN and Infinity read as null
};

// Gets what a frame holds, in the order in which it must be applied.
class MessageVisitor {
 public:
  virtual ~MessageVisitor() = default;
  virtual void on_message(const Message& message) = 0;
  virtual void on_rejection(const Rejection& rejection) = 0;
};

// Whether a decoder expects the next object to have the keys and spacing of an earlier one. The
// messages are the same either way; without, every object is parsed in full, which takes longer.
enum class Prediction : std::uint8_t { on, off };

// Decodes frames of the loads protocol, all three generations, and weir's additions. A frame holds
// one object, a loads batch, an array of objects, or objects one per line; a bad one costs itself,
// its neighbours count. Never throws on input; memory is bounded by a small multiple of
// frame_bytes. Used by one thread at a time; reuse one decoder, it keeps its buffers.
//
//   LoadsDecoder decoder{limits};
//   FrameCounts counts = decoder.decode(frame_bytes, visitor);
class LoadsDecoder {
 public:
  explicit LoadsDecoder(DecodeLimits limits = {}, Prediction prediction = Prediction::on);
  ~LoadsDecoder();
  LoadsDecoder(LoadsDecoder&&) noexcept;
  LoadsDecoder& operator=(LoadsDecoder&&) noexcept;

  FrameCounts decode(std::string_view frame, MessageVisitor& visitor);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::schema
