#include "store/journal_load.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <string_view>

namespace weir::store {
namespace {

using schema::Error;
using schema::Result;

// What a disk that is failing is asked for at once; in one piece as long as it is not.
constexpr std::size_t kBlockBytes = 4'096;
constexpr std::size_t kPieceBytes = std::size_t{1} << 20U;
constexpr char kUnreadable = '\xFF';

ssize_t read_piece(const FileCalls& calls, const OpenFile& file, char* into, std::size_t size,
                   std::size_t offset) {
  ssize_t got = -1;
  do {
    got = calls.pread(file.descriptor(), into, size, static_cast<off_t>(offset));
  } while (got < 0 && errno == EINTR);
  return got;
}

}  // namespace

Result<std::optional<SegmentHeader>> read_segment_header(const std::filesystem::path& path,
                                                         const FileCalls& calls) {
  const auto file = OpenFile::open(calls, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!file) return tl::unexpected<Error>(file.error());
  std::string bytes(kSegmentHeaderBytes, '\0');
  const ssize_t got = read_piece(calls, *file, bytes.data(), bytes.size(), 0);
  bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return decode_segment_header(bytes);
}

Result<std::optional<UnreadableBytes>> load_segment(const SegmentFile& segment,
                                                    const FileCalls& calls,
                                                    std::vector<char>& bytes) {
  const auto file = OpenFile::open(calls, segment.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!file) return tl::unexpected<Error>(file.error());
  bytes.resize(std::min<std::uint64_t>(segment.size_bytes, kMaxSegmentBytes));
  std::optional<UnreadableBytes> unreadable;
  std::size_t offset = 0, piece = kPieceBytes;
  while (offset < bytes.size()) {
    const std::size_t wanted = std::min(piece, bytes.size() - offset);
    const ssize_t got = read_piece(calls, *file, bytes.data() + offset, wanted, offset);
    if (got > 0) {
      offset += static_cast<std::size_t>(got);
      piece = kPieceBytes;
    } else if (got == 0) {
      bytes.resize(offset);
    } else if (wanted > kBlockBytes) {
      piece = kBlockBytes;
    } else {
      if (!unreadable) {
        unreadable = {offset, file_error(segment.path.string(), errno).detail};
      }
      std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), wanted, kUnreadable);
      offset += wanted;
    }
  }
  return unreadable;
}

}  // namespace weir::store
