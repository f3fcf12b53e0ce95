#pragma once

#include <string_view>

namespace weir::schema {

inline constexpr std::size_t kMaxIdBytes = 128;
// The worker of messages that name none.
inline constexpr std::string_view kUnknownWorker = "unknown";

// Whether a text can be a run_id or worker_id: 1 to 128 bytes of UTF-8 without control
// characters (U+0000..U+001F, U+007F..U+009F) and without '/'.
bool is_valid_id(std::string_view text);

// Whether bytes are well-formed UTF-8.
bool is_utf8(std::string_view text);

// The longest prefix of at most max_bytes that does not cut a UTF-8 character.
std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes);

}  // namespace weir::schema
