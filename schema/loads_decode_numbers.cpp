#include "schema/loads_decode_numbers.hpp"

#include <charconv>
#include <cmath>

#include "schema/loads_decode_text.hpp"

namespace weir::schema::loads {
namespace {

namespace dom = simdjson::dom;

tl::unexpected<ErrorCode> bad(ErrorCode code) { return tl::unexpected<ErrorCode>(code); }

Number<std::int64_t> in_range(std::int64_t value, std::int64_t max) {
  if (value < 0 || value > max) return bad(ErrorCode::out_of_range);
  return value;
}

Number<std::int64_t> whole_of(double value, std::int64_t max) {
  constexpr double kTwoTo63 = 9223372036854775808.0;
  if (!(std::abs(value) < kTwoTo63)) return bad(ErrorCode::out_of_range);
  if (value != std::trunc(value)) return bad(ErrorCode::bad_type);
  return in_range(static_cast<std::int64_t>(value), max);
}

Number<double> number_of(std::string_view text) {
  text = trim(text);
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc::invalid_argument || stop != end) return bad(ErrorCode::bad_type);
  if (error != std::errc{}) return bad(ErrorCode::out_of_range);
  // from_chars reads "inf" and "nan" as well.
  if (!std::isfinite(value)) return bad(ErrorCode::bad_type);
  return value;
}

}  // namespace

Number<std::int64_t> read_whole(std::string_view text, std::int64_t max) {
  const std::string_view digits = trim(text);
  std::int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error == std::errc{} && stop == end) return in_range(value, max);
  return number_of(digits).and_then([max](double number) { return whole_of(number, max); });
}

Number<std::int64_t> read_whole(const dom::element& value, std::int64_t max) {
  switch (value.type()) {
    case dom::element_type::INT64:
      return in_range(value.get_int64().value_unsafe(), max);
    case dom::element_type::UINT64:
      return bad(ErrorCode::out_of_range);
    case dom::element_type::DOUBLE:
      return whole_of(value.get_double().value_unsafe(), max);
    case dom::element_type::STRING:
      return read_whole(value.get_string().value_unsafe(), max);
    default:
      return bad(ErrorCode::bad_type);
  }
}

Number<double> read_number(const dom::element& value) {
  switch (value.type()) {
    case dom::element_type::INT64:
    case dom::element_type::UINT64:
    case dom::element_type::DOUBLE:
      return value.get_double().value_unsafe();
    case dom::element_type::STRING:
      return number_of(value.get_string().value_unsafe());
    default:
      return bad(ErrorCode::bad_type);
  }
}

}  // namespace weir::schema::loads
