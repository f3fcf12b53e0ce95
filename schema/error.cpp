#include "schema/error.hpp"

namespace weir::schema {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::not_json:
      return "not_json";
    case ErrorCode::not_object:
      return "not_object";
    case ErrorCode::too_large:
      return "too_large";
    case ErrorCode::too_deep:
      return "too_deep";
    case ErrorCode::missing_field:
      return "missing_field";
    case ErrorCode::bad_type:
      return "bad_type";
    case ErrorCode::out_of_range:
      return "out_of_range";
    case ErrorCode::unknown_type:
      return "unknown_type";
    case ErrorCode::limit_runs:
      return "limit_runs";
    case ErrorCode::limit_workers:
      return "limit_workers";
    case ErrorCode::closed_run:
      return "closed_run";
    case ErrorCode::multipart:
      return "multipart";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::invalid_setting:
      return "invalid_setting";
    case ErrorCode::locked:
      return "locked";
    case ErrorCode::newer_schema:
      return "newer_schema";
    case ErrorCode::not_a_database:
      return "not_a_database";
    case ErrorCode::io:
      return "io";
    case ErrorCode::no_space:
      return "no_space";
    case ErrorCode::sync_failed:
      return "sync_failed";
  }
  return "unknown";
}

}  // namespace weir::schema
