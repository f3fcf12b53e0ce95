// The lines that a benchmark's processes say to each other.
#include <sstream>

#include "tools/bench_sender.hpp"

namespace weir::tools {

std::string to_line(const BenchOpen& open) {
  const BenchTraffic& traffic = open.traffic;
  std::ostringstream line;
  line << "open " << open.endpoint << ' ' << open.acked << ' ' << open.connections << ' '
       << to_string(traffic.form) << ' ' << traffic.run_id << ' ' << traffic.workers << ' '
       << traffic.labels << ' ' << traffic.epoch;
  return line.str();
}

std::string to_line(const BenchGo& go) {
  return "go " + std::to_string(go.frames) + ' ' + std::to_string(go.rate_per_s);
}

std::string to_line(const BenchSent& sent) {
  std::ostringstream line;
  line << "sent " << sent.frames << ' ' << sent.hits << ' ' << sent.failed << ' ' << sent.bytes
       << ' ' << sent.began_us << ' ' << sent.elapsed_ns;
  return line.str();
}

std::optional<BenchOpen> open_from_line(std::string_view line) {
  std::istringstream words{std::string{line}};
  std::string word;
  std::string form;
  BenchOpen open;
  BenchTraffic& traffic = open.traffic;
  words >> word >> open.endpoint >> open.acked >> open.connections >> form >> traffic.run_id >>
      traffic.workers >> traffic.labels >> traffic.epoch;
  const auto known = bench_form(form);
  if (!words || word != "open" || !known) return std::nullopt;
  traffic.form = *known;
  return open;
}

std::optional<BenchGo> go_from_line(std::string_view line) {
  std::istringstream words{std::string{line}};
  std::string word;
  BenchGo go;
  words >> word >> go.frames >> go.rate_per_s;
  if (!words || word != "go") return std::nullopt;
  return go;
}

std::optional<BenchSent> sent_from_line(std::string_view line) {
  std::istringstream words{std::string{line}};
  std::string word;
  BenchSent sent;
  words >> word >> sent.frames >> sent.hits >> sent.failed >> sent.bytes >> sent.began_us >>
      sent.elapsed_ns;
  if (!words || word != "sent") return std::nullopt;
  return sent;
}

}  // namespace weir::tools
