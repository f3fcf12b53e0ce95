#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/loads_frame_pieces.hpp"

namespace weir::tests {

// Endless frames as several clients would send them, and as none should: each client has a form,
// which its frames keep for a while with other values in it; then forms change, values turn odd,
// bytes break. The same seed gives the same frames.
class FrameStream {
 public:
  explicit FrameStream(std::uint64_t seed) : state_(seed * 2 + 1) {
    for (std::string& client : clients_) client = pick(kClientForms);
    for (std::string& event : events_) event = pick(kEventForms);
  }

  // Makes a text one of the forms in use.
  void adopt(std::string_view form) { clients_[below(clients_.size())] = form; }

  const std::string& next() {
    frame_.clear();
    switch (below(16)) {
      case 0:
        for (std::size_t n = 1 + below(4); n > 0; --n) frame_.append(object()).append(line_end());
        break;
      case 1:
        put_list(frame_, [this]() -> std::string& { return object(); });
        break;
      case 2:
      case 3:
        put_batch();
        break;
      default:
        frame_ = object();
    }
    if (below(64) == 0) break_bytes(frame_);
    return frame_;
  }

 private:
  struct Span {
    std::size_t key, value, end;
  };

  std::size_t below(std::size_t limit) {
    state_ = state_ * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    return static_cast<std::size_t>((state_ >> 33) % limit);
  }
  template <class Pieces>
  std::string_view pick(const Pieces& pieces) {
    return pieces[below(pieces.size())];
  }
  std::string_view line_end() { return below(8) == 0 ? "\r\n" : "\n"; }

  std::string& object() { return one_of(clients_, kClientForms); }

  // What one of them sends next.
  template <class Sources, class Forms>
  std::string& one_of(Sources& sources, const Forms& forms) {
    if (below(3) == 0) turn_ = below(sources.size());
    std::string& source = sources[turn_ % sources.size()];
    const std::size_t change = below(128);
    if (change < 4 || source.size() > kLongest) source = pick(forms);
    if (change < 3) change_form(source);
    object_ = source;
    if (below(4) != 0) vary_digits(object_);
    if (below(16) == 0) vary_value(object_);
    if (below(64) == 0) change_form(object_);
    return object_;
  }

  template <class Item>
  void put_list(std::string& out, Item item) {
    out.push_back('[');
    const std::size_t size = below(5);
    for (std::size_t i = 0; i < size; ++i) {
      if (i > 0) out.append(below(2) == 0 ? "," : ", ");
      out.append(item());
    }
    out.push_back(']');
  }

  void put_batch() {
    if (below(16) == 0) batch_opening_ = pick(kBatchOpenings);
    frame_.append(batch_opening_).append("\"counts\": {");
    const std::size_t groups = 1 + below(3);
    for (std::size_t i = 0; i < groups; ++i) {
      if (i > 0) frame_.push_back(',');
      frame_.append(pick(kGroupNames)).append(": ");
      put_list(frame_, [this]() -> std::string& { return one_of(events_, kEventForms); });
    }
    frame_.append(below(8) == 0 ? R"(}, "run_id": "late"})" : "}}");
  }

  void vary_digits(std::string& text) {
    for (std::size_t n = 1 + below(2); n > 0; --n) {
      const std::size_t at = text.find_first_of("0123456789", below(text.size() + 1));
      if (at != std::string::npos)
        text[at] = static_cast<char>('0' + (below(8) == 0 ? 0 : 1 + below(9)));
    }
  }

  // Where the fields of all objects in the text are, as far as it has any.
  void find_fields(const std::string& text) {
    fields_.clear();
    for (std::size_t at = text.find("\":"); at != std::string::npos;
         at = text.find("\":", at + 2)) {
      const std::size_t key = at == 0 ? at : text.rfind('"', at - 1);
      if (key == std::string::npos) continue;
      std::size_t value = at + 2;
      while (value < text.size() && text[value] == ' ') ++value;
      fields_.push_back({key, value, end_of_value(text, value)});
    }
  }

  static std::size_t end_of_value(const std::string& text, std::size_t at) {
    std::size_t depth = 0;
    bool quoted = false;
    for (; at < text.size(); ++at) {
      const char c = text[at];
      if (quoted && c == '\\') ++at;
      if (c == '"') quoted = !quoted;
      if (quoted) continue;
      if (depth == 0 && (c == ',' || c == '}' || c == ']')) break;
      if (c == '[' || c == '{') ++depth;
      if (c == ']' || c == '}') --depth;
    }
    return std::min(at, text.size());
  }

  void vary_value(std::string& text) {
    find_fields(text);
    if (fields_.empty()) return;
    const Span field = fields_[below(fields_.size())];
    text.replace(field.value, field.end - field.value, odd_value());
  }

  std::string odd_value() {
    switch (below(4)) {
      case 0:
        return decimal();
      case 1:
        return '"' + std::string(below(140), static_cast<char>('!' + below(90))) + '"';
      default:
        return std::string(pick(kOddValues));
    }
  }

  // Often near to half of a microsecond, where rounding is decided.
  std::string decimal() {
    std::string text = std::to_string(below(below(3) == 0 ? 2'000'000'000 : 20)) + '.';
    const std::size_t places = below(24);
    for (std::size_t i = 0; i < places; ++i) {
      const bool tie = i > 6 && below(8) != 0;
      text.push_back(static_cast<char>('0' + (tie ? (places % 2 ? 0 : 9) : below(10))));
    }
    if (places > 7 && below(2) == 0) text[text.find('.') + 7] = places % 2 ? '5' : '4';
    return text;
  }

  void change_form(std::string& text) {
    find_fields(text);
    if (fields_.empty()) return;
    const Span field = fields_[below(fields_.size())];
    const Span other = fields_[below(fields_.size())];
    const std::string whole = text.substr(field.key, field.end - field.key);
    switch (below(8)) {
      case 0:
        text.insert(other.end, ", " + whole);
        break;
      case 1:
        text.erase(field.key, text[std::min(field.end, text.size() - 1)] == ','
                                  ? text.find_first_not_of(", ", field.end) - field.key
                                  : field.end - field.key);
        break;
      case 2:
        text.replace(other.value, other.end - other.value,
                     text.substr(field.value, field.end - field.value));
        break;
      case 3:
      case 4:
        text.insert(other.end, "," + std::string(pick(kKeys)) + ":" + odd_value());
        break;
      case 5:
        text.replace(field.key, text.find(':', field.key) - field.key, pick(kKeys));
        break;
      case 6:
        text.insert(below(2) == 0 ? field.key : field.value, pick(kSpaces));
        break;
      default:
        vary_value(text);
    }
  }

  void break_bytes(std::string& text) {
    const std::size_t at = below(text.size() + 1);
    switch (below(6)) {
      case 0:
        text.insert(at, pick(kFragments));
        break;
      case 1:
        text.erase(at, below(20));
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(below(256));
        break;
      case 3:
        text.resize(at);
        break;
      case 4:
        text.append(pick(kFragments));
        break;
      default:
        text.replace(at, below(8), pick(kFragments));
    }
  }

  static constexpr std::size_t kLongest = 1'500;

  std::uint64_t state_;
  std::size_t turn_ = 0;
  std::array<std::string, 6> clients_;
  std::array<std::string, 4> events_;
  std::string_view batch_opening_ = kBatchOpenings[0];
  std::vector<Span> fields_;
  std::string object_;
  std::string frame_;
};

}  // namespace weir::tests
