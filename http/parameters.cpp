#include "http/parameters.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "http/text.hpp"
#include "schema/duration.hpp"

namespace weir::http {
namespace {

constexpr std::size_t kMaxRanks = 20;
constexpr std::size_t kMaxListed = 32;

// Up to four decimals, as a sketch knows no finer ones.
std::optional<Rank> parse_rank(std::string_view text) {
  double percent = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), percent, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  const double ppm = percent * 1e4;
  if (!(ppm >= 1) || ppm > 1e6 || std::abs(ppm - std::round(ppm)) > 1e-6) return std::nullopt;
  return Rank{std::string{text}, static_cast<std::uint32_t>(std::lround(ppm))};
}

std::string joined(std::span<const std::string_view> texts) {
  std::string out;
  for (const std::string_view text : texts) {
    if (!out.empty()) out += ", ";
    out += text;
  }
  return out;
}

}  // namespace

Parameters::Parameters(const Request& request) {
  given_.reserve(request.query.size());
  for (const Field& field : request.query) given_.push_back({&field});
}

void Parameters::complain(std::string_view name, std::string message) {
  if (problem_) return;
  problem_ = HttpError{400, "bad_parameter", std::string{name} + ": " + std::move(message),
                       std::string{name}};
}

std::vector<std::string> Parameters::texts(std::string_view name, std::size_t at_most) {
  std::vector<std::string> found;
  for (Given& given : given_) {
    if (given.field->first != name) continue;
    given.read = true;
    if (given.field->second.size() > kMaxTextBytes) {
      complain(name, "longer than " + std::to_string(kMaxTextBytes) + " bytes");
    } else if (found.size() == at_most) {
      complain(name,
               "given more than " + (at_most == 1 ? "once" : std::to_string(at_most) + " times"));
    } else {
      found.push_back(given.field->second);
    }
  }
  return found;
}

std::optional<std::string> Parameters::text(std::string_view name) {
  auto found = texts(name, 1);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<std::string> Parameters::list(std::string_view name) {
  std::vector<std::string> entries;
  const auto given = text(name);
  if (!given) return entries;
  std::string_view rest = *given;
  do {
    entries.emplace_back(trimmed(take_until(rest, ',')));
  } while (!rest.empty());
  if (given->ends_with(',')) entries.emplace_back();
  if (entries.size() > kMaxListed) {
    complain(name, "more than " + std::to_string(kMaxListed) + " entries");
    entries.clear();
  }
  return entries;
}

std::optional<std::uint64_t> Parameters::number(std::string_view name, std::uint64_t min,
                                                std::uint64_t max) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  std::uint64_t value = 0;
  const char* const last = given->data() + given->size();
  const auto [end, error] = std::from_chars(given->data(), last, value);
  if (error == std::errc{} && end == last && value >= min && value <= max) return value;
  complain(name,
           "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  return std::nullopt;
}

std::optional<bool> Parameters::flag(std::string_view name) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  if (*given == "true" || *given == "1" || given->empty()) return true;
  if (*given == "false" || *given == "0") return false;
  complain(name, "must be true or false");
  return std::nullopt;
}

std::optional<std::size_t> Parameters::choice(std::string_view name,
                                              std::span<const std::string_view> choices) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const auto found = std::ranges::find(choices, *given);
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  complain(name, "must be one of " + joined(choices));
  return std::nullopt;
}

std::optional<schema::Timestamp> Parameters::time(std::string_view name) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const auto parsed = schema::parse_time(*given);
  if (parsed) return *parsed;
  complain(name, "must be a time such as 2026-11-21T20:00:12Z");
  return std::nullopt;
}

std::optional<schema::Elapsed> Parameters::duration(std::string_view name) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const auto parsed = schema::parse_duration(*given);
  constexpr schema::Elapsed kSecond = std::chrono::seconds{1};
  if (parsed && *parsed >= kSecond && *parsed % kSecond == schema::Elapsed{0}) return *parsed;
  complain(name, "must be a duration of whole seconds, such as 10s or 5m");
  return std::nullopt;
}

std::vector<Rank> Parameters::ranks(std::string_view name) {
  std::vector<Rank> ranks;
  for (const std::string& text : list(name)) {
    auto rank = parse_rank(text);
    if (!rank || ranks.size() == kMaxRanks) {
      complain(name,
               "must be up to 20 percentiles above 0 to 100, such as 50,99.99, with at most "
               "four decimals");
      return {};
    }
    if (std::ranges::find(ranks, rank->text, &Rank::text) == ranks.end()) {
      ranks.push_back(std::move(*rank));
    }
  }
  return ranks;
}

std::optional<HttpError> Parameters::problem() const {
  if (problem_) return problem_;
  for (const Given& given : given_) {
    if (given.read) continue;
    const std::string& name = given.field->first;
    return HttpError{400, "unknown_parameter", "this route has no parameter " + name, name};
  }
  return std::nullopt;
}

Page page_of(Parameters& given) {
  Page page;
  page.limit = given.number("limit", 1, 1'000).value_or(page.limit);
  page.offset = given.number("offset", 0, 1'000'000'000).value_or(page.offset);
  return page;
}

}  // namespace weir::http
