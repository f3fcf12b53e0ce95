#include "runners/cpp/client.hpp"

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include <unistd.h>

#include "schema/ids.hpp"
#include "schema/loads_encode.hpp"

namespace weir::runners {
namespace {

constexpr std::string_view kDefaultBroker = "tcp://127.0.0.1:7071";

void fill(std::string& text, const char* variable, std::string_view otherwise) {
  if (!text.empty()) return;
  const char* value = std::getenv(variable);
  text = value == nullptr ? "" : value;
  if (text.empty()) text = otherwise;
}

std::string default_worker_id() {
  std::array<char, 65> name{};  // the longest hostname of Linux, and its end
  if (gethostname(name.data(), name.size() - 1) != 0) name = {"localhost"};
  const std::string id = std::string{name.data()} + "-" + std::to_string(getpid());
  return schema::is_valid_id(id) ? id : "worker-" + std::to_string(getpid());
}

void must_be_id(std::string_view what, std::string_view text) {
  if (schema::is_valid_id(text)) return;
  throw std::invalid_argument(std::string{what} + " must be 1 to 128 bytes of UTF-8 without '/' " +
                              "or control characters");
}

schema::Timestamp now() {
  return std::chrono::time_point_cast<schema::Elapsed>(std::chrono::system_clock::now());
}

}  // namespace

std::string complete_endpoint(std::string to) {
  fill(to, "LOADS_ZMQ_RECEIVER", kDefaultBroker);
  return to;
}

ClientOptions complete(ClientOptions options) {
  options.to = complete_endpoint(std::move(options.to));
  fill(options.run_id, "LOADS_RUN_ID", "");
  fill(options.worker_id, "LOADS_AGENT_ID", "");
  fill(options.worker_id, "LOADS_WORKER_ID", default_worker_id());
  if (!options.run_id.empty()) must_be_id("run_id", options.run_id);
  must_be_id("worker_id", options.worker_id);
  for (const std::chrono::milliseconds wait : {options.send_timeout, options.linger}) {
    if (wait < std::chrono::milliseconds{1} || wait > std::chrono::hours{24}) {
      throw std::invalid_argument("send_timeout and linger must be 1 ms to 24 h");
    }
  }
  if (options.high_water <= 0) throw std::invalid_argument("high_water must be positive");
  return options;
}

Client::Client(const ClientOptions& options) : Client(Completed{complete(options)}) {}

Client::Client(Completed completed)
    : ClientCalls(completed.options.run_id, completed.options.worker_id),
      options_(std::move(completed.options)),
      socket_({options_.to, options_.send_timeout, options_.linger, options_.high_water,
               options_.curve}),
      epoch_(static_cast<std::uint64_t>(now().time_since_epoch().count())) {}

bool Client::send(std::string_view text) { return count_sent(socket_.send(text)); }

bool Client::send_message(schema::Message& message) {
  message.envelope.seq = ++seq_;
  message.envelope.epoch = epoch_;
  return count_sent(socket_.send(schema::loads_encode(message)));
}

void Client::skip(std::uint64_t messages) {
  seq_ += messages;
  report_.not_sent += messages;
}

Report Client::close() {
  report_.flush = socket_.close();
  return report_;
}

bool Client::count_sent(bool sent) {
  ++(sent ? report_.sent : report_.not_sent);
  return sent;
}

}  // namespace weir::runners
