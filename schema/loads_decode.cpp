#include "schema/loads_decode.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include <simdjson.h>

#include "schema/loads_decode_delivery.hpp"
#include "schema/loads_decode_document.hpp"
#include "schema/loads_decode_object.hpp"
#include "schema/loads_decode_predicted.hpp"
#include "schema/loads_decode_text.hpp"

namespace weir::schema {
namespace {

// Buffers larger than this are not kept for the next frame.
constexpr std::size_t kKeepBytes = std::size_t{1} << 20;
// The buffer of usual frames, so that a slightly longer one needs no other.
constexpr std::size_t kUsualBytes = std::size_t{16} << 10;

}  // namespace

class LoadsDecoder::Impl {
 public:
  Impl(DecodeLimits limits, Prediction prediction)
      : limits_(limits), document_(limits.depth), delivery_(limits.sample_bytes) {
    if (prediction == Prediction::on && limits.depth >= loads::Predictor::kDepth) {
      predictor_.emplace(delivery_);
    }
  }

  FrameCounts decode(std::string_view frame, MessageVisitor& visitor);

 private:
  bool predicted_many(std::string_view json);
  bool parse(std::string_view json);
  bool parse_any(std::string_view json);
  bool parse_whole(std::string_view json);
  void decode_text(std::string_view text);
  void decode_lines_or_whole(std::string_view text);
  bool holds_a_document(std::string_view text);
  void decode_lines(std::string_view text);
  void decode_unpredicted(std::string_view json);
  void decode_elements(std::string_view array);
  void deliver(std::string_view json);
  void deliver_parsed(std::string_view json);

  DecodeLimits limits_;
  loads::DocumentParser document_;
  loads::Delivery delivery_;
  loads::ObjectDecoder object_{delivery_};
  std::optional<loads::Predictor> predictor_;
  std::string_view text_;  // the frame being decoded
  std::string padded_;     // a copy of it for simdjson, empty until there is something to parse
};

FrameCounts LoadsDecoder::Impl::decode(std::string_view frame, MessageVisitor& visitor) {
  delivery_.begin(visitor);
  padded_.clear();
  if (frame.size() > limits_.frame_bytes) {
    delivery_.refuse({ErrorCode::too_large, {}, "frame too large"}, frame);
    return delivery_.counts();
  }
  text_ = loads::strip(frame);
  if (text_.empty()) {
    delivery_.refuse({ErrorCode::not_json, {}, "empty"}, frame);
    return delivery_.counts();
  }
  decode_text(text_);
  if (padded_.size() > kKeepBytes) {
    document_.release();
    padded_ = {};
  }
  padded_.clear();
  return delivery_.counts();
}

bool LoadsDecoder::Impl::predicted_many(std::string_view json) {
  return predictor_ && predictor_->decode_many(json);
}

// REQUIRES: json is a part of text_.
bool LoadsDecoder::Impl::parse(std::string_view json) {
  if (padded_.empty()) {
    padded_.reserve(std::max(text_.size(), kUsualBytes) + simdjson::SIMDJSON_PADDING);
    padded_.assign(text_);
    padded_.append(simdjson::SIMDJSON_PADDING, ' ');
  }
  const auto at = static_cast<std::size_t>(json.data() - text_.data());
  return document_.parse(std::string_view(padded_).substr(at, json.size()));
}

bool LoadsDecoder::Impl::parse_any(std::string_view json) {
  return parse(json) || document_.parse_repaired(json);
}

// An array is not repaired as a whole, since its elements can be read one by one.
bool LoadsDecoder::Impl::parse_whole(std::string_view json) {
  return parse(json) || (!loads::is_one_array(json) && document_.parse_repaired(json));
}

// One document, which may be pretty-printed, or one a line: if the first line is a document, the
// others are too; if the whole is none, each line is on its own.
void LoadsDecoder::Impl::decode_text(std::string_view text) {
  std::string_view rest = text;
  if (predictor_ && predictor_->decode_first(rest)) {
    decode_lines(rest);
  } else if (text.find('\n') != std::string_view::npos) {
    decode_lines_or_whole(text);
  } else if (!predicted_many(text)) {
    decode_unpredicted(text);
  }
}

void LoadsDecoder::Impl::decode_lines_or_whole(std::string_view text) {
  std::string_view rest = text;
  const std::string_view first = loads::take_line(rest);
  if (predicted_many(first)) {
    decode_lines(rest);
  } else if (predicted_many(text)) {
    // A line end inside of this one document stands between brackets, so its first line was none.
  } else if (parse_any(first)) {
    deliver(first);
    decode_lines(rest);
  } else if (parse_whole(text)) {
    deliver(text);
  } else if (loads::is_one_array(text)) {
    decode_elements(text);
  } else if (const loads::Refusal refusal = document_.refusal(); holds_a_document(text)) {
    decode_lines(text);
  } else {
    delivery_.refuse(refusal, text);
  }
}

// Garbage that happens to hold line ends is one bad frame, not many bad lines.
bool LoadsDecoder::Impl::holds_a_document(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = loads::take_line(text);
    if (!line.empty() && parse_any(line)) return true;
  }
  return false;
}

void LoadsDecoder::Impl::decode_lines(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = loads::take_line(text);
    if (line.empty() || (predictor_ && predictor_->decode(line))) continue;
    decode_unpredicted(line);
  }
}

void LoadsDecoder::Impl::decode_unpredicted(std::string_view json) {
  if (parse_whole(json)) {
    deliver(json);
  } else if (loads::is_one_array(json)) {
    decode_elements(json);
  } else {
    delivery_.refuse(document_.refusal(), json);
  }
}

// The elements of an array that is not JSON as a whole, so that a bad one costs only itself.
void LoadsDecoder::Impl::decode_elements(std::string_view array) {
  std::string_view inside = array.substr(1, array.size() - 2);
  while (!inside.empty()) {
    const std::string_view element = loads::take_element(inside);
    if (!parse_any(element)) {
      delivery_.refuse(document_.refusal(), element);
      continue;
    }
    delivery_.add_repaired(document_.repaired());
    object_.decode(document_.root(), element);
  }
}

// Delivers the document just parsed from this text.
void LoadsDecoder::Impl::deliver(std::string_view json) {
  const std::size_t refused = delivery_.counts().rejections;
  deliver_parsed(json);
  if (predictor_ && delivery_.counts().rejections == refused && document_.repaired() == 0) {
    predictor_->learn(json);
  }
}

void LoadsDecoder::Impl::deliver_parsed(std::string_view json) {
  delivery_.add_repaired(document_.repaired());
  simdjson::dom::array elements;
  if (document_.root().get_array().get(elements) != simdjson::SUCCESS) {
    object_.decode(document_.root(), json);
    return;
  }
  for (const simdjson::dom::element& element : elements) object_.decode(element, {});
}

LoadsDecoder::LoadsDecoder(DecodeLimits limits, Prediction prediction)
    : impl_(std::make_unique<Impl>(limits, prediction)) {}
LoadsDecoder::~LoadsDecoder() = default;
LoadsDecoder::LoadsDecoder(LoadsDecoder&&) noexcept = default;
LoadsDecoder& LoadsDecoder::operator=(LoadsDecoder&&) noexcept = default;

FrameCounts LoadsDecoder::decode(std::string_view frame, MessageVisitor& visitor) {
  return impl_->decode(frame, visitor);
}

}  // namespace weir::schema
