#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "schema/ids.hpp"
#include "schema/loads_decode.hpp"
#include "schema/loads_encode.hpp"

// Whatever the bytes: no crash, every refusal printable and for a reason of the wire, and every
// message equal to itself after encoding and decoding it.

using namespace weir::schema;

namespace {

void must(bool condition, const char* what, std::string_view text) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s: %.*s\n", what, static_cast<int>(text.size()), text.data());
  std::abort();
}

bool equal(const Envelope& a, const Envelope& b) {
  return a.run_id == b.run_id && a.worker_id == b.worker_id && a.seq == b.seq &&
         a.epoch == b.epoch && a.time == b.time && a.status == b.status;
}

class Same : public MessageVisitor {
 public:
  Same(const Message& expected, std::string_view text) : expected_(expected), text_(text) {}
  void on_message(const Message& message) override {
    must(equal(message.envelope, expected_.envelope), "envelope changed", text_);
    must(message.body == expected_.body, "body changed", text_);
  }
  void on_rejection(const Rejection& rejection) override {
    must(false, "own message refused", rejection.detail);
  }

 private:
  const Message& expected_;
  std::string_view text_;
};

class Checker : public MessageVisitor {
 public:
  void on_message(const Message& message) override {
    for (std::string_view id : {message.envelope.run_id, message.envelope.worker_id}) {
      must(id.empty() || is_valid_id(id), "bad id", id);
    }
    const std::string text = loads_encode(message);
    Same same(message, text);
    const FrameCounts counts = decoder_.decode(text, same);
    must(counts.messages == 1 && counts.repaired == 0, "not one message", text);
  }
  void on_rejection(const Rejection& rejection) override {
    must(rejection.reason <= ErrorCode::unknown_type, "not a reason of the wire", rejection.detail);
    must(is_utf8(rejection.detail) && rejection.detail.size() < 256, "detail", rejection.detail);
    must(is_utf8(rejection.sample) && rejection.sample.size() <= 1'024, "sample", rejection.sample);
  }

 private:
  LoadsDecoder decoder_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static LoadsDecoder decoder;
  static Checker checker;
  decoder.decode({reinterpret_cast<const char*>(data), size}, checker);
  return 0;
}
