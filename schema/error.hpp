#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace weir::schema {

// Why something was refused. The first group are the reject reasons of the wire: their names are
// counter names in the feed, in SQLite and in docs/protocol.md, and never change.
enum class ErrorCode : std::uint8_t {
  not_json,
  not_object,
  too_large,
  too_deep,
  missing_field,
  bad_type,
  out_of_range,
  unknown_type,
  limit_runs,
  limit_workers,
  closed_run,
  multipart,
  // Not about messages: files, databases, settings.
  not_found,
  invalid_setting,
  locked,
  newer_schema,
  not_a_database,
  io,
  no_space,
  sync_failed,
};

// Reject reasons are the codes below this number.
inline constexpr std::size_t kRejectReasons = static_cast<std::size_t>(ErrorCode::multipart) + 1;

// The name used in JSON, SQL and logs, for example "missing_field".
std::string_view to_string(ErrorCode code);

// A refusal: the code is for machines, the detail says what and where for people.
struct Error {
  ErrorCode code;
  std::string detail;
};

// A value or the reason why there is none. Dropping one is a compiler warning.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
  using tl::expected<T, Error>::expected;
};

inline tl::unexpected<Error> fail(ErrorCode code, std::string detail) {
  return tl::unexpected<Error>(Error{code, std::move(detail)});
}

}  // namespace weir::schema
