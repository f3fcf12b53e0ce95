#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <simdjson.h>

namespace weir::schema::loads {

// Every key of a message that has a meaning; all others are ignored, whatever their value.
enum class Key : std::uint8_t {
  data_type,
  worker_id,
  agent_id,  // alias of worker_id
  run_id,
  seq,
  epoch,
  time,
  loads_status,
  counts,
  test,
  test_name,  // alias of test
  exc_info,
  exc,    // alias of exc_info
  error,  // alias of exc_info; the error text of a hit
  url,
  method,
  label,
  status,
  started,
  elapsed,
  success,
  bytes_sent,
  bytes_received,
  dns,
  connect,
  tls,
  first_byte,
  size,
  name,
  project,
  scenario,
  tags,
  thresholds,
};
inline constexpr std::size_t kKeys = static_cast<std::size_t>(Key::thresholds) + 1;

// The key as it is spelled on the wire, and back.
std::string_view to_string(Key key);
std::optional<Key> find_key(std::string_view text);

// The known fields of one JSON object at a time. Of duplicate keys the last one counts.
class Fields {
 public:
  void read(simdjson::dom::object object);

  bool has(Key key) const { return (present_ >> index(key) & 1U) != 0; }
  // Null if the key is missing or its value is null, which means the same for most of them.
  const simdjson::dom::element* find(Key key) const {
    return has(key) && !values_[index(key)].is_null() ? &values_[index(key)] : nullptr;
  }

 private:
  static std::size_t index(Key key) { return static_cast<std::size_t>(key); }

  std::uint64_t present_ = 0;
  std::array<simdjson::dom::element, kKeys> values_;
};

// The most keys that `counts`, `tags` and `thresholds` may have.
inline constexpr std::size_t kMaxNames = 1'000;

// All fields of an object whose keys are names, in order; of duplicates only the last. False if
// there are more than kMaxNames.
bool named_fields(simdjson::dom::object object, std::vector<simdjson::dom::key_value_pair>& out);

}  // namespace weir::schema::loads
