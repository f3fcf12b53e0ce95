#include "http/readers.hpp"

#include <utility>

namespace weir::http {

using schema::ErrorCode;

tl::expected<Readers::Lease, HttpError> Readers::take() {
  {
    const std::lock_guard lock{mutex_};
    if (!free_.empty()) {
      auto reader = std::move(free_.back());
      free_.pop_back();
      return Lease{*this, std::move(reader)};
    }
  }
  auto opened = store::RunReader::open(db_);
  if (!opened) {
    const bool is_missing = opened.error().code == ErrorCode::not_found;
    return tl::unexpected(
        http_error(is_missing ? schema::Error{ErrorCode::io, {}} : opened.error()));
  }
  return Lease{*this, std::make_unique<store::RunReader>(*std::move(opened))};
}

void Readers::give_back(std::unique_ptr<store::RunReader> reader) {
  const std::lock_guard lock{mutex_};
  free_.push_back(std::move(reader));
}

HttpError http_error(const schema::Error& error) {
  switch (error.code) {
    case ErrorCode::not_found:
      return {404, "not_found", error.detail};
    case ErrorCode::bad_type:
    case ErrorCode::out_of_range:
    case ErrorCode::invalid_setting:
      return {400, std::string{to_string(error.code)}, error.detail};
    case ErrorCode::locked:
      return {503, "locked", "the results file is in use by another program: try again"};
    default:
      return {503, "database", "the results file cannot be read; the log of the broker says why"};
  }
}

}  // namespace weir::http
