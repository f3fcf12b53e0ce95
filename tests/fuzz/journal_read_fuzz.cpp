#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "store/journal_folder.hpp"
#include "store/journal_format.hpp"
#include "store/journal_reader.hpp"
#include "store/journal_repair.hpp"
#include "store/journal_writer.hpp"

// The input says which records are written, and then which bytes of which segment change; or it is
// a segment. Whatever it is: no crash, nothing is read that was not written, what was read can be
// read again after the repair, and a journal goes on behind it.

using namespace weir;
using namespace weir::store;

namespace {

constexpr StoreId kId{1, 2, 3, 4, 5, 6, 7, 8};

void must(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

class Input {
 public:
  Input(const std::uint8_t* bytes, std::size_t size)
      : bytes_{reinterpret_cast<const char*>(bytes), size} {}
  bool empty() const { return bytes_.empty(); }
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const auto byte = static_cast<std::uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return byte;
  }
  std::size_t word() { return byte() * std::size_t{256} + byte(); }
  std::string_view rest() const { return bytes_; }

 private:
  std::string_view bytes_;
};

FileCalls unsynced_calls() {
  FileCalls calls;
  calls.fsync = calls.fdatasync = [](int) { return 0; };
  return calls;
}

const std::filesystem::path& folder() {
  // In memory if there is such a place: a disk makes it ten times slower.
  static const std::filesystem::path around = std::filesystem::is_directory("/dev/shm")
                                                  ? "/dev/shm"
                                                  : std::filesystem::temp_directory_path();
  static const std::filesystem::path path =
      around / ("weir-fuzz-journal-" + std::to_string(::getpid()));
  return path;
}

void overwrite(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
}

std::string text_of(std::uint64_t position) { return std::string(position % 97, 'a'); }

JournalWriter open_at(std::uint64_t position) {
  JournalConfig config;
  config.folder = folder();
  config.segment_bytes = kMinSegmentBytes;
  config.calls = unsynced_calls();
  auto writer = JournalWriter::open(config, kId, "weir.db", position);
  must(writer.has_value(), "a journal that was repaired cannot go on");
  return std::move(*writer);
}

void append(JournalWriter& writer) {
  const std::string text = text_of(writer.next_position());
  must(writer.append({0, {}, SourceKind::acked_batch, "key", text}).has_value(), "append");
}

void write_journal(Input& input) {
  JournalWriter writer = open_at(1);
  for (int steps = input.byte() % 32; steps > 0; --steps) {
    const int step = input.byte() % 8;
    if (step < 4) append(writer);
    if (step < 6) must(writer.write().has_value(), "write");
    if (step == 0 || step == 6) must(writer.sync().has_value(), "sync");
    if (step == 7) must(writer.finish().has_value(), "finish");
  }
}

void damage_journal(Input& input) {
  auto segments = list_segments(folder());
  must(segments.has_value(), "list");
  while (!input.empty() && !segments->empty()) {
    const SegmentFile& file = (*segments)[input.byte() % segments->size()];
    std::string bytes(file.size_bytes, '\0');
    std::ifstream{file.path, std::ios::binary}.read(bytes.data(),
                                                    static_cast<std::streamsize>(bytes.size()));
    const int kind = input.byte() % 4;
    const std::size_t at = input.word() % (bytes.size() + 1);
    const std::size_t size = std::min<std::size_t>(input.byte(), bytes.size() - at);
    if (kind == 0) bytes.resize(at);
    if (kind == 1) bytes.erase(at, size);
    if (kind == 2) std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), size, '\0');
    if (kind == 3 && at < bytes.size()) bytes[at] = static_cast<char>(input.byte());
    overwrite(file.path, bytes);
    segments = list_segments(folder());
    must(segments.has_value(), "list");
  }
}

JournalReport read_all(std::vector<std::uint64_t>& positions, bool as_written) {
  auto report =
      read_journal(folder(), kId, [&](const JournalRecord& record) -> schema::Result<void> {
        must(positions.empty() || positions.back() < record.position, "order");
        must(!as_written || record.bytes == text_of(record.position), "not as written");
        positions.push_back(record.position);
        return {};
      });
  must(report.has_value(), "read");
  must(report->records == positions.size(), "count");
  must(positions.empty() || report->next_position > positions.back(), "next position");
  return std::move(*report);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*count*/, char*** /*words*/) {
  folder();
  std::atexit([] { std::filesystem::remove_all(folder()); });
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  Input input{bytes, size};
  std::filesystem::remove_all(folder());
  std::filesystem::create_directory(folder());
  if (input.byte() % 2 == 0) {
    write_journal(input);
    damage_journal(input);
  } else {
    const std::string header = encode_segment_header({kJournalVersion, 1, kId, ""});
    overwrite(segment_path(folder(), 1), header + std::string{input.rest()});
  }
  std::vector<std::uint64_t> before, after;
  const JournalReport report = read_all(before, true);
  must(truncate_torn(folder(), report, unsynced_calls()).has_value(), "truncate");
  {
    JournalWriter writer = open_at(report.next_position);
    append(writer);
    must(writer.finish().has_value(), "finish");
  }
  const JournalReport again = read_all(after, true);
  before.push_back(report.next_position);
  must(before == after, "not the same after the repair");
  must(again.torn_bytes == 0, "torn after the repair");
  must(set_aside(folder(), again, unsynced_calls()).has_value(), "set aside");
  return 0;
}
