#include "runners/cpp/acked_client.hpp"

#include <cstdlib>
#include <utility>

#include "schema/loads_encode.hpp"

namespace weir::runners {
namespace {

std::string given_or(std::string text, const char* variable, const char* otherwise) {
  if (!text.empty()) return text;
  const char* value = std::getenv(variable);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

}  // namespace

std::string complete_acked_endpoint(std::string to) {
  return given_or(std::move(to), "WEIR_ACKED", "tcp://127.0.0.1:7072");
}

AckedOptions complete(AckedOptions options) {
  ClientOptions shared;
  shared.to = complete_acked_endpoint(std::move(options.to));
  shared.run_id = std::move(options.run_id);
  shared.worker_id = std::move(options.worker_id);
  shared.send_timeout = options.send_timeout;
  shared.linger = options.linger;
  shared = complete(std::move(shared));
  options.to = std::move(shared.to);
  options.run_id = std::move(shared.run_id);
  options.worker_id = std::move(shared.worker_id);
  options.token = given_or(std::move(options.token), "WEIR_TOKEN", "");
  return options;
}

AckedClient::AckedClient(const AckedOptions& options) : AckedClient(Completed{complete(options)}) {}

AckedClient::AckedClient(Completed completed)
    : ClientCalls(completed.options.run_id, completed.options.worker_id),
      options_(std::move(completed.options)),
      session_({options_.to, options_.worker_id, options_.run_id, options_.token,
                options_.batch_messages, options_.batch_bytes, options_.batch_time,
                options_.max_unacked_bytes, options_.curve}) {}

bool AckedClient::send_message(schema::Message& message) {
  return send(schema::loads_encode(message));
}

bool AckedClient::send(std::string_view text) {
  const auto wait = stalled_ ? std::chrono::milliseconds{0} : options_.send_timeout;
  const AckedSession::Put put = session_.put(text, wait);
  stalled_ = put == AckedSession::Put::full;
  const bool taken = put == AckedSession::Put::taken;
  ++(taken ? report_.sent : report_.not_sent);
  return taken;
}

Report AckedClient::close() {
  session_.finish();
  const bool settled = session_.wait_settled(options_.linger);
  session_.close();
  const AckedFigures figures = session_.figures();
  report_.acked = {figures.acknowledged, figures.refused, figures.unacknowledged, figures.failure};
  report_.flush.complete = settled;
  return report_;
}

}  // namespace weir::runners
