#pragma once

#include <cstdint>
#include <string_view>

namespace weir::store {

// CRC-32C (Castagnoli, as in iSCSI and ext4) of `bytes`; `before` is that of what stands before
// them:
//
//   crc32c("ab") == crc32c("b", crc32c("a"))
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace weir::store
