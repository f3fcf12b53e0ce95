#include "schema/loads_decode_keys.hpp"

#include <algorithm>

namespace weir::schema::loads {
namespace {

namespace dom = simdjson::dom;

struct Name {
  std::string_view text;
  Key key;
};

// Ordered by length, so that a key is compared with those of its own length only.
constexpr std::array<Name, kKeys> kNames = {{
    {"seq", Key::seq},
    {"exc", Key::exc},
    {"url", Key::url},
    {"dns", Key::dns},
    {"tls", Key::tls},
    {"time", Key::time},
    {"test", Key::test},
    {"size", Key::size},
    {"name", Key::name},
    {"tags", Key::tags},
    {"epoch", Key::epoch},
    {"error", Key::error},
    {"label", Key::label},
    {"run_id", Key::run_id},
    {"counts", Key::counts},
    {"method", Key::method},
    {"status", Key::status},
    {"started", Key::started},
    {"elapsed", Key::elapsed},
    {"success", Key::success},
    {"connect", Key::connect},
    {"project", Key::project},
    {"agent_id", Key::agent_id},
    {"exc_info", Key::exc_info},
    {"scenario", Key::scenario},
    {"data_type", Key::data_type},
    {"worker_id", Key::worker_id},
    {"test_name", Key::test_name},
    {"bytes_sent", Key::bytes_sent},
    {"first_byte", Key::first_byte},
    {"thresholds", Key::thresholds},
    {"loads_status", Key::loads_status},
    {"bytes_received", Key::bytes_received},
}};
static_assert(std::is_sorted(kNames.begin(), kNames.end(), [](const Name& a, const Name& b) {
  return a.text.size() < b.text.size();
}));

constexpr std::size_t kLongestName = kNames.back().text.size();

// Where the names of each length begin; one more entry, so that [length + 1] is their end.
constexpr auto kStarts = [] {
  std::array<std::uint8_t, kLongestName + 2> starts{};
  for (std::size_t length = 0; length < starts.size(); ++length) {
    starts[length] = static_cast<std::uint8_t>(
        std::count_if(kNames.begin(), kNames.end(),
                      [length](const Name& name) { return name.text.size() < length; }));
  }
  return starts;
}();

constexpr auto kTexts = [] {
  std::array<std::string_view, kKeys> texts{};
  for (const Name& name : kNames) texts[static_cast<std::size_t>(name.key)] = name.text;
  return texts;
}();

}  // namespace

std::string_view to_string(Key key) { return kTexts[static_cast<std::size_t>(key)]; }

std::optional<Key> find_key(std::string_view text) {
  if (text.size() > kLongestName) return std::nullopt;
  for (std::size_t i = kStarts[text.size()]; i < kStarts[text.size() + 1]; ++i) {
    if (kNames[i].text == text) return kNames[i].key;
  }
  return std::nullopt;
}

void Fields::read(dom::object object) {
  present_ = 0;
  for (const dom::key_value_pair& field : object) {
    if (const std::optional<Key> key = find_key(field.key)) {
      values_[index(*key)] = field.value;
      present_ |= std::uint64_t{1} << index(*key);
    }
  }
}

bool named_fields(dom::object object, std::vector<dom::key_value_pair>& out) {
  out.clear();
  for (const dom::key_value_pair& field : object) {
    if (out.size() == kMaxNames) return false;
    out.push_back(field);
  }
  std::array<std::uint16_t, kMaxNames> order{};
  auto* const end = order.data() + out.size();
  for (std::size_t i = 0; i < out.size(); ++i) order[i] = static_cast<std::uint16_t>(i);
  std::sort(order.data(), end, [&out](std::uint16_t a, std::uint16_t b) {
    return out[a].key != out[b].key ? out[a].key < out[b].key : a < b;
  });
  std::array<bool, kMaxNames> overridden{};
  for (auto* i = order.data(); i + 1 < end; ++i) {
    overridden[i[0]] = out[i[0]].key == out[i[1]].key;
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!overridden[i]) out[kept++] = out[i];
  }
  out.erase(out.begin() + static_cast<std::ptrdiff_t>(kept), out.end());
  return true;
}

}  // namespace weir::schema::loads
