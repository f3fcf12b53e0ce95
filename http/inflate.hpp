#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "http/request.hpp"

namespace weir::http {

// What a gzip body may become: so many bytes, and so many times its size once it is more than
// kFreeBytes.
struct InflateLimits {
  std::size_t bytes_max = std::size_t{32} << 20U;
  std::size_t ratio_max = 200;
  static constexpr std::size_t kFreeBytes = std::size_t{1} << 20U;
};

// Errors: 400 (not gzip, or cut off), 413 (more than the limits).
tl::expected<std::string, HttpError> inflate(std::string_view gzip, const InflateLimits& limits);

}  // namespace weir::http
