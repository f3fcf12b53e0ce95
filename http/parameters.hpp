#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/request.hpp"
#include "schema/time.hpp"

namespace weir::http {

// A percentile as it was asked for and as a sketch wants it.
struct Rank {
  std::string text;
  std::uint32_t ppm = 0;
  bool operator==(const Rank&) const = default;
};

// Reads the query of a request, each parameter with its form and range:
//
//   Parameters given{request};
//   const auto limit = given.number("limit", 1, 500).value_or(50);
//   if (auto problem = given.problem()) return tl::unexpected{*problem};
//
// problem() is the first thing that is wrong, or a parameter that nobody asked for; what is wrong
// reads as if it had not been given.
class Parameters {
 public:
  static constexpr std::size_t kMaxTextBytes = 1'024;

  explicit Parameters(const Request& request);

  std::optional<std::string> text(std::string_view name);
  // Given several times.
  std::vector<std::string> texts(std::string_view name, std::size_t at_most);
  // One parameter, separated by commas.
  std::vector<std::string> list(std::string_view name);
  std::optional<std::uint64_t> number(std::string_view name, std::uint64_t min, std::uint64_t max);
  std::optional<bool> flag(std::string_view name);
  // The index of the choice.
  std::optional<std::size_t> choice(std::string_view name,
                                    std::span<const std::string_view> choices);
  std::optional<schema::Timestamp> time(std::string_view name);
  // A duration of whole seconds, at least one.
  std::optional<schema::Elapsed> duration(std::string_view name);
  // Ranks above 0 to 100.
  std::vector<Rank> ranks(std::string_view name);

  void complain(std::string_view name, std::string message);
  std::optional<HttpError> problem() const;

 private:
  struct Given {
    const Field* field;
    bool read = false;
  };
  std::vector<Given> given_;
  std::optional<HttpError> problem_;
};

// A page of a list.
struct Page {
  std::size_t limit = 100, offset = 0;
};
Page page_of(Parameters& given);

}  // namespace weir::http
