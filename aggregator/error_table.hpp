#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "aggregator/config.hpp"
#include "schema/message.hpp"

namespace weir::aggregator {

enum class ErrorKind : std::uint8_t { failure, error, hit };

std::string_view to_string(ErrorKind kind);

struct ErrorKey {
  ErrorKind kind = ErrorKind::error;
  std::string class_name, message, traceback;
  // clang-tidy 14 sees a null pointer in this one: NOLINTNEXTLINE(modernize-use-nullptr)
  auto operator<=>(const ErrorKey&) const = default;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(kind, class_name, message, traceback);
  }
};

struct ErrorGroup {
  std::uint64_t count = 0;
  schema::Timestamp first, last;
  std::string test;         // of the first one
  std::uint32_t label = 0;  // of the first one, for a hit
  bool changed = true;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(count, first, last, test, label);
  }
};

// Groups errors by kind, class, message and traceback, cut to their limits. Beyond errors_per_run
// groups the rest is counted as class (other) of its kind.
class ErrorTable {
 public:
  explicit ErrorTable(const LimitsConfig& limits);

  // The group it belongs to, until the next add(); with a count of 1 it is new, and without a
  // label.
  ErrorGroup& add(ErrorKind kind, const schema::Exception& what, std::string_view test,
                  schema::Timestamp at);

  struct KeyHash {
    std::size_t operator()(const ErrorKey& key) const;
  };
  using Groups = std::unordered_map<ErrorKey, ErrorGroup, KeyHash>;
  Groups& groups() { return groups_; }
  const Groups& groups() const { return groups_; }

  template <class Archive>
  void serialize(Archive& archive) {
    archive(groups_);
  }

 private:
  std::size_t groups_max_;
  std::size_t text_bytes_;
  std::size_t traceback_bytes_;
  Groups groups_;
};

}  // namespace weir::aggregator
