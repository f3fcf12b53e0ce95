#include "store/journal_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "store/failpoint.hpp"
#include "store/journal_folder.hpp"
#include "store/journal_format.hpp"
#include "store/journal_load.hpp"

namespace weir::store {

using schema::Error;
using schema::ErrorCode;
using schema::fail;
using schema::Result;

Result<JournalWriter> JournalWriter::open(const JournalConfig& config, const StoreId& store_id,
                                          std::string_view store_name,
                                          std::uint64_t next_position) {
  if (config.segment_bytes < kMinSegmentBytes || config.segment_bytes > kMaxSegmentBytes) {
    return fail(ErrorCode::invalid_setting, "a journal segment has " +
                                                std::to_string(kMinSegmentBytes) + " to " +
                                                std::to_string(kMaxSegmentBytes) + " bytes, not " +
                                                std::to_string(config.segment_bytes));
  }
  if (next_position == 0) return fail(ErrorCode::invalid_setting, "journal positions begin at 1");
  JournalWriter writer{config, store_id, store_name, next_position};
  const auto adopted = writer.adopt_segments();
  if (!adopted) return tl::unexpected<Error>(adopted.error());
  return writer;
}

JournalWriter::JournalWriter(const JournalConfig& config, const StoreId& store_id,
                             std::string_view store_name, std::uint64_t next_position)
    : config_(config),
      calls_(std::make_unique<const FileCalls>(config.calls)),
      store_id_(store_id),
      store_name_(store_name),
      next_(next_position),
      written_(next_position - 1),
      durable_(next_position - 1) {}

Result<void> JournalWriter::adopt_segments() {
  const auto files = list_segments(config_.folder);
  if (!files) return tl::unexpected<Error>(files.error());
  for (const SegmentFile& file : *files) {
    const auto header = read_segment_header(file.path, *calls_);
    if (!header) return tl::unexpected<Error>(header.error());
    // One without a sound header is set aside in time, and one of another store is not ours.
    if (!*header || (*header)->store_id != store_id_) continue;
    if (file.first_position >= next_) {
      return fail(ErrorCode::io, file.path.string() + " has records from the next position, " +
                                     std::to_string(next_) + ", on");
    }
    if (!closed_.empty()) closed_.back().last_position = file.first_position - 1;
    closed_.push_back({file.path, next_ - 1, file.size_bytes});
  }
  return {};
}

Result<std::uint64_t> JournalWriter::append(const JournalRecord& record) {
  if (failure_) return tl::unexpected<Error>(*failure_);
  if (record.key.size() > kMaxJournalKeyBytes || record.bytes.size() > kMaxJournalRecordBytes) {
    return fail(ErrorCode::too_large, "a journal record of " + std::to_string(record.bytes.size()) +
                                          " bytes with a key of " +
                                          std::to_string(record.key.size()));
  }
  if (record.source == SourceKind{0}) return fail(ErrorCode::out_of_range, "a record of no source");
  const std::uint64_t size = encoded_bytes(record);
  if (pending_bytes_ > 0 && pending_bytes_ + size > config_.pending_bytes_max) {
    return fail(ErrorCode::no_space, std::to_string(pending_bytes_) +
                                         " bytes wait to be written to " + config_.folder.string());
  }
  Group& group = group_for(size);
  JournalRecord placed = record;
  placed.position = next_;
  encode_record(placed, entry_seed(store_id_, group.segment), group.bytes);
  group.last_position = next_;
  pending_bytes_ += size;
  return next_++;
}

// A commit marker has its place behind every record, also the last of a segment.
JournalWriter::Group& JournalWriter::group_for(std::uint64_t size_bytes) {
  if (planned_segment_ == 0 ||
      planned_bytes_ + size_bytes + kEntryHeaderBytes > planned_capacity_) {
    planned_segment_ = next_;
    planned_bytes_ = kSegmentHeaderBytes;
    planned_capacity_ =
        std::max(config_.segment_bytes, planned_bytes_ + size_bytes + kEntryHeaderBytes);
  }
  planned_bytes_ += size_bytes;
  if (pending_.empty() || pending_.back().segment != planned_segment_) {
    pending_.push_back({planned_segment_, planned_capacity_, {}, 0, 0});
  }
  return pending_.back();
}

Result<void> JournalWriter::write() {
  if (failure_) return refused();
  if (pending_.empty()) return {};
  failpoint(Failpoint::journal_write);
  while (!pending_.empty()) {
    auto done = noted(write_group());
    if (!done) return done;
  }
  failpoint(Failpoint::journal_written);
  return {};
}

// Writes the first group, or closes the segment before it so that it becomes the first.
Result<void> JournalWriter::write_group() {
  const std::uint64_t wanted = pending_.front().segment;
  if (segment_ && segment_->first_position() != wanted) {
    auto closed = close_segment();
    if (!closed || pending_.front().segment != wanted) return closed;
  }
  if (!segment_) {
    auto started = start_segment(pending_.front());
    if (!started) return started;
  }
  Group& group = pending_.front();
  std::string_view rest = std::string_view{group.bytes}.substr(group.written);
  const std::size_t before = rest.size();
  auto written = segment_->write(rest);
  group.written += before - rest.size();
  pending_bytes_ -= before - rest.size();
  if (!written) return written;
  written_ = std::max(written_, group.last_position);
  pending_.pop_front();
  return {};
}

Result<void> JournalWriter::start_segment(const Group& group) {
  SegmentHeader header;
  header.first_position = group.segment;
  header.store_id = store_id_;
  header.store_name = store_name_;
  auto segment = JournalSegment::create(*calls_, config_.folder, header, group.capacity_bytes);
  if (!segment) return tl::unexpected<Error>(segment.error());
  segment_.emplace(std::move(*segment));
  return {};
}

Result<void> JournalWriter::sync() {
  if (failure_) return refused();
  if (written_ == durable_) return {};
  auto synced = noted(segment_->sync());
  if (!synced) return synced;
  durable_ = written_;
  failpoint(Failpoint::journal_synced);
  mark_durable();
  return {};
}

// The marker is written and not synced: it tells a record that was durable and is damaged now from
// one whose write was cut off. If it cannot be written now, it goes before the next group.
void JournalWriter::mark_durable() {
  // A group that was written in part has to be written on first.
  if (!pending_.empty() && pending_.front().written > 0) return;
  const std::uint64_t segment = segment_->first_position();
  Group marker{segment, 0, {}, 0, durable_};
  encode_commit_marker(durable_, entry_seed(store_id_, segment), marker.bytes);
  pending_bytes_ += marker.bytes.size();
  if (planned_segment_ == segment) planned_bytes_ += marker.bytes.size();
  pending_.push_front(std::move(marker));
  // The records are durable, whatever becomes of the marker.
  static_cast<void>(noted(write_group()));
}

// Durable as a whole before there is another: recovery relies on it.
Result<void> JournalWriter::close_segment() {
  auto synced = sync();
  if (!synced) return synced;
  if (failure_) return refused();
  if (!pending_.empty() && pending_.front().segment == segment_->first_position()) return {};
  auto trimmed = segment_->trim();
  if (!trimmed) return trimmed;
  closed_.push_back({segment_->path(), written_, segment_->size_bytes()});
  segment_.reset();
  return {};
}

Result<void> JournalWriter::finish() {
  auto done = write();
  if (!done) return done;
  if (!segment_) return {};
  auto closed = noted(close_segment());
  if (!closed) return closed;
  if (segment_) return finish();
  planned_segment_ = 0;
  return {};
}

Result<void> JournalWriter::remove_below(std::uint64_t position) {
  if (failure_) return refused();
  const auto is_old = [&] { return !closed_.empty() && closed_.front().last_position < position; };
  if (!is_old()) return {};
  const auto folder = open_folder(*calls_, config_.folder);
  if (!folder) return tl::unexpected<Error>(folder.error());
  while (is_old()) {
    const std::string path = closed_.front().path.string();
    if (calls_->unlink(path.c_str()) != 0 && errno != ENOENT) {
      return tl::unexpected<Error>(file_error("cannot remove " + path, errno));
    }
    closed_.pop_front();
  }
  return noted(sync_folder(*calls_, *folder, config_.folder));
}

std::uint64_t JournalWriter::bytes() const {
  std::uint64_t bytes = segment_ ? segment_->size_bytes() : 0;
  for (const ClosedSegment& closed : closed_) bytes += closed.size_bytes;
  return bytes;
}

Result<void> JournalWriter::noted(Result<void> result) {
  if (!result && result.error().code == ErrorCode::io && !failure_) failure_ = result.error();
  return result;
}

}  // namespace weir::store
