#include "runners/cpp/client_calls.hpp"

#include <utility>
#include <variant>

namespace weir::runners {
namespace {

schema::Timestamp now() {
  return std::chrono::time_point_cast<schema::Elapsed>(std::chrono::system_clock::now());
}

}  // namespace

bool Report::complete() const {
  if (not_sent > 0) return false;
  return acked ? acked->refused == 0 && acked->unacknowledged == 0 && acked->failure.empty()
               : flush.complete && flush.disconnects == 0;
}

ClientCalls::ClientCalls(std::string run_id, std::string worker_id)
    : run_id_(std::move(run_id)), worker_id_(std::move(worker_id)) {}

bool ClientCalls::start_test_run(std::string_view name, std::string_view project,
                                 std::string_view scenario, const std::vector<schema::Tag>& tags) {
  return report(schema::StartTestRun{name, project, scenario, tags, {}}, now());
}
bool ClientCalls::stop_test_run() { return report(schema::StopTestRun{}, now()); }
bool ClientCalls::start_test(std::string_view test) {
  return report(schema::StartTest{test}, now());
}
bool ClientCalls::stop_test(std::string_view test) { return report(schema::StopTest{test}, now()); }
bool ClientCalls::add_success(std::string_view test) {
  return report(schema::AddSuccess{test}, now());
}
bool ClientCalls::add_failure(std::string_view test, const schema::Exception& exc) {
  return report(schema::AddFailure{test, exc}, now());
}
bool ClientCalls::add_error(std::string_view test, const schema::Exception& exc) {
  return report(schema::AddError{test, exc}, now());
}
bool ClientCalls::add_hit(const schema::AddHit& hit) { return report(hit, now()); }
bool ClientCalls::socket_open() { return report(schema::SocketOpen{}, now()); }
bool ClientCalls::socket_close() { return report(schema::SocketClose{}, now()); }
bool ClientCalls::socket_message(std::int64_t size_bytes) {
  return report(schema::SocketMessage{size_bytes}, now());
}
bool ClientCalls::count(std::string_view name, std::string_view test) {
  return report(schema::Counter{name, test}, now());
}

bool ClientCalls::report(const schema::Body& body, schema::Timestamp time) {
  schema::Message message;
  message.envelope.run_id = run_id_;
  message.envelope.worker_id = worker_id_;
  const auto* hit = std::get_if<schema::AddHit>(&body);
  if (hit == nullptr || !hit->started) message.envelope.time = time;
  message.envelope.status = status_;
  message.body = body;
  return send_message(message);
}

}  // namespace weir::runners
