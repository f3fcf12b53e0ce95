#include "tools/run_text.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "schema/duration.hpp"
#include "schema/time.hpp"
#include "tools/figure_text.hpp"
#include "tools/terminal_text.hpp"

namespace weir::tools {
namespace {

using runners::HttpLoadResult;
using runners::LoadFigures;

std::string per_second(std::uint64_t count, schema::Elapsed elapsed) {
  if (elapsed.count() <= 0) return decimal_text(std::nullopt);
  return decimal_text(static_cast<double>(count) / schema::to_seconds(elapsed));
}

// A rate as it was given: 50 and not 50.0.
std::string rate_text(double per_s) {
  const auto whole = static_cast<std::uint64_t>(per_s);
  return static_cast<double>(whole) == per_s ? count_text(whole) : decimal_text(per_s);
}

std::string ms(std::optional<std::int64_t> us) {
  return ms_text(us ? std::optional<double>{static_cast<double>(*us)} : std::nullopt);
}

std::string row(std::string_view name, const std::string& text) {
  constexpr std::size_t kNames = 10;
  return pad_right(name, kNames) + text + '\n';
}

std::string percentiles(const LoadFigures& figures) {
  const schema::Sketch& responses = figures.response_us;
  return "mean " + ms_text(responses.mean()) + "  p50 " + ms(responses.value_at(500'000)) +
         "  p90 " + ms(responses.value_at(900'000)) + "  p95 " + ms(responses.value_at(950'000)) +
         "  p99 " + ms(responses.value_at(990'000)) + "  p99.9 " + ms(responses.value_at(999'000)) +
         "  max " + ms(responses.max()) + "  (ms)";
}

std::string outcomes(const LoadFigures& figures) {
  std::string rows;
  std::string statuses;
  for (const auto& [status, count] : figures.statuses) {
    statuses += (statuses.empty() ? "" : "  ") + std::to_string(status) + ": " + count_text(count);
  }
  if (!statuses.empty()) rows += row("status", statuses);
  for (const auto& [error, count] : figures.errors) {
    rows += row("no answer", count_text(count) + ": " + printable(error));
  }
  return rows;
}

std::string schedule(const HttpLoadResult& result) {
  std::string rows = row("sent_late", count_text(result.figures.sent_late) +
                                          " more than 1 ms after they were due" + ", at most " +
                                          ms(result.figures.late_max.count()) + " ms");
  if (result.due_not_sent > 0) {
    rows += row("not sent", count_text(result.due_not_sent) +
                                " that were due: no user was free (raise --users?)");
  }
  return rows;
}

std::string reported(const runners::ReportOutcome& report) {
  std::string text = count_text(report.hits_reported) + " hits";
  if (report.hits_not_reported > 0) {
    text += ", not reported " + count_text(report.hits_not_reported);
  }
  if (const auto& acked = report.messages.acked) {
    text += ", acknowledged ";
    text += report.messages.complete() ? "all" : count_text(acked->acknowledged);
    text += " of " + count_text(report.messages.sent) + " messages";
  }
  return text;
}

// Of a load that was reported with acknowledgement, and not completely.
std::string acked_trouble(const runners::Report& messages, const std::string& broker) {
  const runners::Acknowledgement& acked = *messages.acked;
  if (!acked.failure.empty()) {
    return "the broker at " + broker + " says " + printable(acked.failure);
  }
  if (messages.sent == 0) return "nothing reported: no broker at " + broker;
  std::string text = "not all was acknowledged by the broker at " + broker;
  const auto add = [&text](std::uint64_t count, std::string_view what) {
    if (count > 0) text += ", " + count_text(count) + " messages " + std::string{what};
  };
  add(acked.unacknowledged, "without an answer in time");
  add(acked.refused, "refused");
  add(messages.not_sent, "not sent for want of room");
  return text;
}

}  // namespace

std::string load_text(const runners::HttpLoadOptions& options) {
  const std::uint32_t count = options.users_needed();
  const std::string users = count_text(std::uint64_t{count}) + (count == 1 ? " user" : " users");
  std::string text = users;
  if (options.rate_per_s > 0) text = rate_text(options.rate_per_s) + "/s";
  if (options.hits > 0) text += ", " + count_text(options.hits) + " hits";
  if (options.duration) text += " for " + schema::format_duration(*options.duration);
  if (options.ramp.count() > 0) text += ", ramp " + schema::format_duration(options.ramp);
  if (options.rate_per_s > 0) text += " with up to " + users;
  return text;
}

// What matters most comes first: a terminal may cut the end.
std::string progress_text(const runners::HttpLoadProgress& progress) {
  std::string text = span_text(schema::to_seconds(progress.elapsed)) + "  " +
                     count_text(progress.hits) + " hits  " +
                     per_second(progress.hits, progress.elapsed) + "/s  " +
                     count_text(progress.failed) + " failed";
  if (!progress.broker_reached) text += "  no broker yet";
  if (progress.not_reported > 0) text += "  " + count_text(progress.not_reported) + " not reported";
  return text + "  " + count_text(std::uint64_t{progress.users}) + " users  p50 " +
         ms(progress.p50_us) + "  p95 " + ms(progress.p95_us) + "  p99 " + ms(progress.p99_us) +
         " ms";
}

std::string summary_text(const runners::HttpLoadOptions& options, const HttpLoadResult& result) {
  const LoadFigures& figures = result.figures;
  std::string text =
      row("url", printable(options.request.method + " " + runners::public_url(options.request)));
  text += row("load", load_text(options) + (result.stopped ? " (stopped)" : ""));
  text += row("hits", count_text(figures.hits()) + "  failed " + count_text(figures.failed) + " (" +
                          percent_text(figures.failed, figures.hits()) + " %)  " +
                          per_second(figures.hits(), result.elapsed) + "/s over " +
                          decimal_text(schema::to_seconds(result.elapsed)) + " s");
  text += row("response", percentiles(figures));
  text += outcomes(figures);
  if (result.cut_off > 0) {
    text += row("cut off", count_text(result.cut_off) + " unanswered when the test was stopped");
  }
  if (options.rate_per_s > 0) text += schedule(result);
  text += row("bytes", "sent " + bytes_text(figures.bytes_sent) + "  received " +
                           bytes_text(figures.bytes_received) + "  over " +
                           count_text(figures.connections) +
                           (figures.connections == 1 ? " connection" : " connections"));
  return text + row("reported", reported(result.report));
}

std::string reporting_trouble(const runners::ReportOutcome& report, const std::string& broker) {
  const runners::Report& messages = report.messages;
  if (report.complete && report.hits_not_reported == 0) return {};
  if (messages.acked) return acked_trouble(messages, broker);
  if (messages.sent == 0) return "nothing reported: no broker at " + broker;
  if (messages.not_sent > 0) {
    return count_text(messages.not_sent) + " messages not reported: the broker at " + broker +
           " did not take them in time";
  }
  if (messages.flush.disconnects > 0) {
    return "unknown how much was reported: the connection to " + broker + " broke";
  }
  return "unknown how much was reported: the broker at " + broker +
         " did not take all of it in time";
}

}  // namespace weir::tools
