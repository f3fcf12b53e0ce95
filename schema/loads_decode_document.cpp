#include "schema/loads_decode_document.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "schema/loads_decode_text.hpp"

namespace weir::schema::loads {
namespace {

constexpr std::size_t kSmallestCapacity = std::size_t{16} << 10;
// Beyond this the parser is sized exactly, since what it takes is soon released.
constexpr std::size_t kLargestRounded = std::size_t{1} << 20;

std::size_t capacity_for(std::size_t bytes) {
  return bytes > kLargestRounded ? bytes : std::bit_ceil(std::max(bytes, kSmallestCapacity));
}

}  // namespace

bool DocumentParser::parse(std::string_view json) {
  repaired_ = 0;
  error_ = try_parse(json);
  return error_ == simdjson::SUCCESS;
}

bool DocumentParser::parse_repaired(std::string_view json) {
  const std::size_t nulls = repair(json, repaired_text_);
  if (repaired_text_ == json) return false;
  const std::size_t size = repaired_text_.size();
  repaired_text_.append(simdjson::SIMDJSON_PADDING, ' ');
  error_ = try_parse(std::string_view(repaired_text_).substr(0, size));
  if (error_ != simdjson::SUCCESS) return false;
  repaired_ = nulls;
  return true;
}

// simdjson counts an empty array or object one level lower than a full one. So parse one level
// short of the limit, and where that is not enough count the levels ourselves.
simdjson::error_code DocumentParser::try_parse(std::string_view json) {
  const simdjson::error_code error = parse_at(json, depth_);
  if (error != simdjson::DEPTH_ERROR || nesting_depth(json) > depth_) return error;
  return parse_at(json, depth_ + 1);
}

simdjson::error_code DocumentParser::parse_at(std::string_view json, std::size_t depth) {
  if (parser_->capacity() < json.size() || parser_->max_depth() != depth) {
    const std::size_t capacity = std::max(capacity_for(json.size()), parser_->capacity());
    if (const auto error = parser_->allocate(capacity, depth)) return error;
    if (parser_->doc.capacity() < capacity) {
      if (const auto error = parser_->doc.allocate(capacity)) return error;
    }
  }
  return parser_->parse(json.data(), json.size(), false).get(root_);
}

Refusal DocumentParser::refusal() const {
  if (error_ == simdjson::DEPTH_ERROR) return {ErrorCode::too_deep, {}, "nested too deep"};
  return {ErrorCode::not_json, {}, simdjson::error_message(error_)};
}

void DocumentParser::release() {
  parser_ = std::make_unique<simdjson::dom::parser>();
  repaired_text_ = {};
}

}  // namespace weir::schema::loads
