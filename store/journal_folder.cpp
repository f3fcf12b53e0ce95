#include "store/journal_folder.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "store/journal_record.hpp"

namespace weir::store {
namespace {

namespace fs = std::filesystem;
using schema::ErrorCode;
using schema::fail;
using schema::Result;

constexpr std::string_view kPrefix = "journal-";
constexpr std::string_view kSegmentEnd = ".log";
constexpr std::string_view kSetAsideEnd = ".damaged";
constexpr std::string_view kUnfinishedEnd = ".new";
constexpr std::size_t kDigits = 20;

// The position in journal-<20 digits>.log<more>, and that rest.
std::optional<std::pair<std::uint64_t, std::string_view>> parse_name(std::string_view name) {
  if (!name.starts_with(kPrefix)) return {};
  name.remove_prefix(kPrefix.size());
  if (name.size() < kDigits || !name.substr(kDigits).starts_with(kSegmentEnd)) return {};
  std::uint64_t position = 0;
  const char* const end = name.data() + kDigits;
  const auto [stop, code] = std::from_chars(name.data(), end, position);
  if (code != std::errc{} || stop != end || position == 0 || position > kMaxPosition) return {};
  return {{position, name.substr(kDigits + kSegmentEnd.size())}};
}

fs::path with_end(fs::path path, std::string_view end) {
  path += end;
  return path;
}

}  // namespace

Result<JournalFolder> list_journal_folder(const fs::path& folder) {
  JournalFolder found;
  std::error_code code;
  if (!fs::exists(folder, code) && !code) return found;
  fs::directory_iterator each{folder, code};
  for (; !code && each != fs::directory_iterator{}; each.increment(code)) {
    const std::string name = each->path().filename().string();
    const auto parsed = parse_name(name);
    std::error_code unknown;
    if (!parsed || !fs::is_regular_file(each->symlink_status(unknown))) continue;
    SegmentFile file{each->path(), parsed->first, each->file_size(unknown)};
    if (unknown) {
      return fail(ErrorCode::io, file.path.string() + ": " + unknown.message());
    }
    if (parsed->second.empty()) {
      found.segments.push_back(std::move(file));
    } else if (parsed->second == kSetAsideEnd) {
      found.set_aside.push_back(std::move(file));
    } else if (parsed->second == kUnfinishedEnd) {
      found.unfinished.push_back(std::move(file));
    }
  }
  if (code) return fail(ErrorCode::io, "cannot list " + folder.string() + ": " + code.message());
  for (auto* files : {&found.segments, &found.set_aside, &found.unfinished}) {
    std::sort(files->begin(), files->end(), [](const SegmentFile& a, const SegmentFile& b) {
      return a.first_position < b.first_position;
    });
  }
  return found;
}

Result<std::vector<SegmentFile>> list_segments(const fs::path& folder) {
  auto found = list_journal_folder(folder);
  if (!found) return fail(found.error().code, found.error().detail);
  return std::move(found->segments);
}

fs::path segment_path(const fs::path& folder, std::uint64_t first_position) {
  std::string digits = std::to_string(first_position);
  digits.insert(0, kDigits - digits.size(), '0');
  return folder / (std::string{kPrefix} + digits + std::string{kSegmentEnd});
}

fs::path set_aside_path(const fs::path& segment) { return with_end(segment, kSetAsideEnd); }
fs::path unfinished_path(const fs::path& segment) { return with_end(segment, kUnfinishedEnd); }

}  // namespace weir::store
