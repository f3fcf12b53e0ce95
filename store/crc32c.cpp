#include "store/crc32c.hpp"

#include <algorithm>
#include <cstddef>

#include <isa-l/crc.h>

namespace weir::store {

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
  constexpr std::size_t kMaxPiece = std::size_t{1} << 30U;  // the library's length is an int
  std::uint32_t state = ~before;
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), kMaxPiece);
    // It takes an unsigned char*, and only reads.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast,cppcoreguidelines-pro-type-reinterpret-cast)
    auto* from = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
    state = crc32_iscsi(from, static_cast<int>(size), state);
    bytes.remove_prefix(size);
  }
  return ~state;
}

}  // namespace weir::store
