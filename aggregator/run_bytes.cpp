#include "aggregator/run_bytes.hpp"

#include <algorithm>
#include <exception>
#include <sstream>
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
constexpr std::uint8_t kFormat = 2;
constexpr std::size_t kChecksumBytes = 8;

// At most 8 bytes, the lowest first.
std::uint64_t word_of(std::string_view bytes) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    word |= std::uint64_t{static_cast<std::uint8_t>(bytes[i])} << (8 * i);
  }
  return word;
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

tl::unexpected<schema::Error> refuse(const std::string& why) {
  return schema::fail(ErrorCode::bad_type, "saved run: " + why);
}

}  // namespace

std::string save_run(const Run& run) {
  std::ostringstream out;
  out.put(static_cast<char>(kFormat));
  cereal::PortableBinaryOutputArchive{out}(run);
  std::string bytes = std::move(out).str();
  const std::uint64_t checksum = checksum_of(bytes);
  for (std::size_t i = 0; i < kChecksumBytes; ++i) {
    bytes.push_back(static_cast<char>(static_cast<std::uint8_t>(checksum >> (8 * i))));
  }
  return bytes;
}

Result<Run> load_run(std::string_view bytes, const Settings& settings) {
  if (bytes.size() <= kChecksumBytes) return refuse("cut short");
  const auto format = static_cast<std::uint8_t>(bytes.front());
  if (format != kFormat) {
    return schema::fail(ErrorCode::newer_schema, "saved run: of format " + std::to_string(format) +
                                                     ", this weir reads " +
                                                     std::to_string(kFormat));
  }
  const std::string_view fields = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (checksum_of(fields) != word_of(bytes.substr(fields.size()))) return refuse("damaged");
  try {
    std::istringstream in{std::string(fields.substr(1))};
    Run run{0, {}, {}, settings};
    cereal::PortableBinaryInputArchive{in}(run);
    if (in.peek() != std::istringstream::traits_type::eof()) return refuse("bytes after the end");
    collect_again(run);
    return run;
  } catch (const std::exception& error) {
    return refuse(error.what());
  }
}

}  // namespace weir::aggregator
