#include "store/journal_reader.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "store/journal_folder.hpp"
#include "store/journal_load.hpp"
#include "store/journal_segment_reader.hpp"

namespace weir::store {
namespace {

namespace fs = std::filesystem;
using schema::Error;
using schema::ErrorCode;
using schema::fail;
using schema::Result;

struct OwnSegment {
  SegmentFile file;
  const char* header_damage = nullptr;
};

class JournalReading {
 public:
  JournalReading(const StoreId& store_id, const JournalVisitor& visitor, const FileCalls& calls)
      : store_id_(store_id), visitor_(visitor), calls_(calls) {}

  Result<void> sort_out(const std::vector<SegmentFile>& files);
  Result<void> read(const std::vector<SegmentFile>& set_aside);
  JournalReport report() && { return std::move(report_); }

 private:
  Result<void> find_leftovers();
  Result<void> read_segment(const OwnSegment& own, std::uint64_t limit, bool is_last);
  void note_missing(PositionRange range, const std::vector<SegmentFile>& set_aside);

  const StoreId& store_id_;
  const JournalVisitor& visitor_;
  const FileCalls& calls_;
  JournalReport report_;
  std::vector<OwnSegment> own_;
  std::vector<char> bytes_;
  std::uint64_t expected_ = 0;
};

// Ours are the segments with our id and those that have lost their header: whose those are shows in
// their entries, since no other store's match our checksums.
Result<void> JournalReading::sort_out(const std::vector<SegmentFile>& files) {
  for (const SegmentFile& file : files) {
    const auto header = read_segment_header(file.path, calls_);
    if (!header) return tl::unexpected<Error>(header.error());
    if (!*header) {
      own_.push_back({file, "the segment's header is damaged"});
    } else if ((*header)->version != kJournalVersion) {
      return fail(ErrorCode::newer_schema,
                  file.path.string() + " has version " + std::to_string((*header)->version) +
                      "; this weir reads version " + std::to_string(kJournalVersion));
    } else if ((*header)->store_id != store_id_) {
      report_.foreign.push_back({file.path, (*header)->store_name});
    } else if ((*header)->first_position != file.first_position) {
      own_.push_back({file, "the segment's name is not the one it was given"});
    } else {
      own_.push_back({file});
    }
  }
  return find_leftovers();
}

// A last segment that ends before its entries begin, or is all zeros, was never written.
Result<void> JournalReading::find_leftovers() {
  while (!own_.empty() && own_.back().header_damage != nullptr) {
    const SegmentFile& file = own_.back().file;
    if (file.size_bytes >= kSegmentHeaderBytes) {
      const auto loaded = load_segment(file, calls_, bytes_);
      if (!loaded) return tl::unexpected<Error>(loaded.error());
      if (used_bytes({bytes_.data(), bytes_.size()}) > 0) return {};
    }
    report_.leftovers.push_back(file.path);
    own_.pop_back();
  }
  return {};
}

Result<void> JournalReading::read(const std::vector<SegmentFile>& set_aside) {
  for (std::size_t i = 0; i < own_.size(); ++i) {
    const bool is_last = i + 1 == own_.size();
    const std::uint64_t first = own_[i].file.first_position;
    if (expected_ != 0 && first > expected_) note_missing({expected_, first - 1}, set_aside);
    expected_ = first;
    const std::uint64_t limit = is_last ? kMaxPosition + 1 : own_[i + 1].file.first_position;
    auto read = read_segment(own_[i], limit, is_last);
    if (!read) return read;
  }
  report_.next_position = std::max<std::uint64_t>(expected_, 1);
  return {};
}

Result<void> JournalReading::read_segment(const OwnSegment& own, std::uint64_t limit,
                                          bool is_last) {
  const auto unreadable = load_segment(own.file, calls_, bytes_);
  if (!unreadable) return tl::unexpected<Error>(unreadable.error());
  SegmentReader reader{own.file.path, report_, visitor_};
  if (own.header_damage != nullptr) reader.note_damage(0, own.header_damage);
  if (own.file.size_bytes > kMaxSegmentBytes) {
    reader.note_damage(kMaxSegmentBytes, "the segment is larger than any that was written");
  }
  if (*unreadable) reader.note_damage((*unreadable)->offset, (*unreadable)->why);
  const std::uint32_t seed = entry_seed(store_id_, own.file.first_position);
  auto next = reader.read({bytes_.data(), bytes_.size()}, seed, {expected_, limit, is_last});
  if (!next) return tl::unexpected<Error>(next.error());
  expected_ = *next;
  return {};
}

// The records of a segment that was set aside have been read before it was.
void JournalReading::note_missing(PositionRange range, const std::vector<SegmentFile>& set_aside) {
  const bool known = std::any_of(set_aside.begin(), set_aside.end(), [&](const SegmentFile& file) {
    return file.first_position == range.first;
  });
  if (known) return;
  report_.lost_records += range.last - range.first + 1;
  report_.missing.push_back(range);
}

}  // namespace

Result<JournalReport> read_journal(const fs::path& folder, const StoreId& store_id,
                                   const JournalVisitor& visitor, const FileCalls& calls) {
  const auto found = list_journal_folder(folder);
  if (!found) return tl::unexpected<Error>(found.error());
  JournalReading reading{store_id, visitor, calls};
  const auto sorted = reading.sort_out(found->segments);
  if (!sorted) return tl::unexpected<Error>(sorted.error());
  auto read = reading.read(found->set_aside);
  if (!read) return tl::unexpected<Error>(read.error());
  return std::move(reading).report();
}

}  // namespace weir::store
