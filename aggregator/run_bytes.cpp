#include "aggregator/run_bytes.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <exception>
#include <sstream>
#include <stdexcept>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <cereal/archives/portable_binary.hpp>
#include <cereal/types/chrono.hpp>
#include <cereal/types/common.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/vector.hpp>

#include "aggregator/collect.hpp"

// How cereal writes what has no serialize() of its own. Its own unordered containers are not used:
// they write in an order that differs from process to process.
namespace cereal {

using weir::schema::Sketch;

template <class Archive>
void save(Archive& archive, const Sketch& sketch) {
  archive(sketch.serialise());
}

template <class Archive>
void load(Archive& archive, Sketch& sketch) {
  std::string bytes;
  archive(bytes);
  auto parsed = Sketch::parse(bytes);
  if (!parsed) throw Exception(parsed.error().detail);
  sketch = std::move(*parsed);
}

template <class Archive>
void save(Archive& archive, const weir::schema::ByteSum& sum) {
  archive(sum.get());
}

template <class Archive>
void load(Archive& archive, weir::schema::ByteSum& sum) {
  std::optional<std::int64_t> bytes;
  archive(bytes);
  sum = bytes;
}

template <class Archive>
void serialize(Archive& archive, weir::schema::TagRecord& tag) {
  archive(tag.key, tag.value);
}

template <class Archive>
void serialize(Archive& archive, weir::schema::SeriesRecord& series) {
  archive(series.elapsed, series.failed, series.bytes_sent, series.bytes_received);
}

template <class Archive>
void serialize(Archive& archive, weir::schema::IntervalRecord& interval) {
  archive(interval.run, interval.label, interval.region, interval.start, interval.length,
          interval.users, interval.figures);
}

template <class Archive, class Key, class Value, class Hash, class Equal>
void save(Archive& archive, const std::unordered_map<Key, Value, Hash, Equal>& map) {
  std::vector<const std::pair<const Key, Value>*> sorted;
  sorted.reserve(map.size());
  for (const auto& entry : map) sorted.push_back(&entry);
  std::ranges::sort(sorted, {}, [](const auto* entry) -> const Key& { return entry->first; });
  archive(make_size_tag(static_cast<size_type>(sorted.size())));
  for (const auto* entry : sorted) archive(entry->first, entry->second);
}

template <class Archive, class Key, class Value, class Hash, class Equal>
void load(Archive& archive, std::unordered_map<Key, Value, Hash, Equal>& map) {
  size_type size = 0;
  archive(make_size_tag(size));
  map.clear();
  for (size_type i = 0; i < size; ++i) {
    Key key;
    archive(key);
    archive(map[std::move(key)]);
  }
}

template <class Archive, class Key, class Hash, class Equal>
void save(Archive& archive, const std::unordered_set<Key, Hash, Equal>& set) {
  std::vector<Key> sorted(set.begin(), set.end());
  std::ranges::sort(sorted);
  archive(sorted);
}

template <class Archive, class Key, class Hash, class Equal>
void load(Archive& archive, std::unordered_set<Key, Hash, Equal>& set) {
  std::vector<Key> sorted;
  archive(sorted);
  set.clear();
  set.insert(std::make_move_iterator(sorted.begin()), std::make_move_iterator(sorted.end()));
}

}  // namespace cereal

namespace weir::aggregator {

using schema::ErrorCode;
using schema::Result;

namespace {

// Rises with every change of what is saved.
constexpr std::uint8_t kFormat = 5;
constexpr std::size_t kSizeBytes = 8;
constexpr std::size_t kChecksumBytes = 8;

// At most 8 bytes, the lowest first.
std::uint64_t word_of(std::string_view bytes) {
  std::uint64_t word = 0;
  if (std::endian::native == std::endian::little) {
    std::memcpy(&word, bytes.data(), bytes.size());
    return word;
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    word |= std::uint64_t{static_cast<std::uint8_t>(bytes[i])} << (8 * i);
  }
  return word;
}

void put_word(std::string& out, std::uint64_t word) {
  for (std::size_t i = 0; i < sizeof word; ++i) {
    out.push_back(static_cast<char>(static_cast<std::uint8_t>(word >> (8 * i))));
  }
}

// Each step maps different states to different states, and different words too: a change within one
// word is always seen.
std::uint64_t checksum_of(std::string_view bytes) {
  std::uint64_t state = bytes.size();
  for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), sizeof state))) {
    state = (state ^ word_of(bytes.substr(0, sizeof state))) * 0x9e3779b97f4a7c15ULL;
    state ^= state >> 32U;
  }
  return state;
}

// The size of the fields, the fields, and a checksum of both.
template <class Value>
std::string save_part(const Value& value) {
  std::ostringstream out;
  cereal::PortableBinaryOutputArchive{out}(value);
  const std::string fields = std::move(out).str();
  std::string bytes;
  bytes.reserve(kSizeBytes + fields.size() + kChecksumBytes);
  put_word(bytes, fields.size());
  bytes += fields;
  put_word(bytes, checksum_of(bytes));
  return bytes;
}

// Takes the part off the front. Throws std::exception if it is damaged.
template <class Value>
void load_part(std::string_view& bytes, Value& value) {
  if (bytes.size() < kSizeBytes + kChecksumBytes) throw std::runtime_error("cut short");
  const std::uint64_t size = word_of(bytes.substr(0, kSizeBytes));
  if (size > bytes.size() - kSizeBytes - kChecksumBytes) throw std::runtime_error("cut short");
  const std::string_view part = bytes.substr(0, kSizeBytes + size);
  if (checksum_of(part) != word_of(bytes.substr(part.size(), kChecksumBytes))) {
    throw std::runtime_error("damaged");
  }
  std::istringstream in{std::string(part.substr(kSizeBytes))};
  cereal::PortableBinaryInputArchive{in}(value);
  if (in.peek() != std::istringstream::traits_type::eof()) {
    throw std::runtime_error("bytes after the end of a part");
  }
  bytes.remove_prefix(part.size() + kChecksumBytes);
}

tl::unexpected<schema::Error> refuse(const std::string& why) {
  return schema::fail(ErrorCode::bad_type, "saved run: " + why);
}

}  // namespace

std::string save_head(const Run& run) { return static_cast<char>(kFormat) + save_part(run); }

std::string save_label(const Run::LabelFigures& figures) { return save_part(figures); }

std::string save_run(const Run& run) {
  std::string bytes = save_head(run);
  for (const Run::LabelFigures& figures : run.label_figures()) bytes += save_label(figures);
  return bytes;
}

Result<Run> load_run(std::string_view bytes, const Settings& settings) {
  if (bytes.empty()) return refuse("cut short");
  const auto format = static_cast<std::uint8_t>(bytes.front());
  if (format != kFormat) {
    return schema::fail(ErrorCode::newer_schema, "saved run: of format " + std::to_string(format) +
                                                     ", this weir reads " +
                                                     std::to_string(kFormat));
  }
  bytes.remove_prefix(1);
  try {
    Run run{0, {}, {}, settings};
    load_part(bytes, run);
    for (Run::LabelFigures& figures : run.label_figures()) load_part(bytes, figures);
    if (!bytes.empty()) return refuse("bytes after the end");
    collect_again(run);
    return run;
  } catch (const std::exception& error) {
    return refuse(error.what());
  }
}

}  // namespace weir::aggregator
