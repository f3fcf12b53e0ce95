#include "broker/doorkeeper.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <utility>

#include "broker/bind.hpp"
#include "broker/log.hpp"

namespace weir::broker {
namespace {

constexpr const char* kEndpoint = "inproc://zeromq.zap.01";
constexpr std::string_view kVersion = "1.0";

// The frames of a question: who asks and an empty frame, then those of RFC 27.
enum Frame : std::size_t {
  asker,
  delimiter,
  version,
  request,
  domain,
  address,
  identity,
  mechanism,
  credentials
};

std::string z85_of(const zmq::message_t& key) {
  constexpr std::size_t kKeyBytes = 32;
  constexpr std::size_t kZ85Bytes = 41;
  if (key.size() != kKeyBytes) return {};
  std::array<char, kZ85Bytes> text{};
  const auto* encoded = zmq_z85_encode(text.data(), key.data<std::uint8_t>(), key.size());
  return encoded == nullptr ? std::string{} : std::string{encoded};
}

template <class T>
T value_or_throw(schema::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  return std::move(*result);
}

}  // namespace

Doorkeeper::Doorkeeper(zmq::context_t& context, SocketGuard guard, Admission admission)
    : guard_(std::move(guard)),
      socket_(context, zmq::socket_type::router),
      admission_(std::move(admission)) {
  socket_.set(zmq::sockopt::linger, 0);
  socket_.bind(kEndpoint);
  thread_ = std::thread([this] { run(); });
}

Doorkeeper::~Doorkeeper() {
  stop_.ring();
  thread_.join();
}

void Doorkeeper::seen(const OpenConnections& open) {
  const std::lock_guard lock{mutex_};
  open_ = open;
}

Doorkeeper::Counts Doorkeeper::counts() const {
  const std::lock_guard lock{mutex_};
  return counts_;
}

void Doorkeeper::run() {
  std::array<zmq_pollitem_t, 2> items{
      {{socket_.handle(), 0, ZMQ_POLLIN, 0}, {nullptr, stop_.fd(), ZMQ_POLLIN, 0}}};
  std::vector<zmq::message_t> question;
  while (!stop_.was_rung()) {
    // The C function, because a signal is no exception here.
    zmq_poll(items.data(), static_cast<int>(items.size()), -1);
    bool more = true;
    for (question.clear(); more; more = question.back().more()) {
      zmq::message_t frame;
      if (!socket_.recv(frame, zmq::recv_flags::dontwait)) break;
      question.push_back(std::move(frame));
    }
    if (question.size() > mechanism) answer(question);
  }
}

void Doorkeeper::answer(std::vector<zmq::message_t>& question) {
  std::string name;
  ConnectionQuestion asked{
      question[domain].to_string_view(), question[mechanism].to_string_view(), {}};
  const std::string key = question.size() > credentials ? z85_of(question[credentials]) : "";
  asked.public_key = key;
  const Verdict verdict = judge(asked, name);
  if (verdict != Verdict::admitted) {
    log_event(LogLevel::warn, "connection_refused",
              {{"why", to_string(verdict)},
               {"socket", asked.domain},
               {"address", question[address].to_string_view()},
               {"client", name},
               {"key", key}});
  }
  if (verdict == Verdict::refused_limit) return;
  const bool admitted = verdict == Verdict::admitted;
  // Status, text, the client's name as User-Id, no metadata.
  const std::array<std::string_view, 5> reply{kVersion, question[request].to_string_view(),
                                              admitted ? "200" : "400", admitted ? "OK" : "refused",
                                              admitted ? std::string_view{name} : ""};
  socket_.send(question[asker], zmq::send_flags::sndmore);
  socket_.send(question[delimiter], zmq::send_flags::sndmore);
  for (const std::string_view frame : reply) {
    socket_.send(zmq::buffer(frame), zmq::send_flags::sndmore);
  }
  socket_.send(zmq::message_t{}, zmq::send_flags::none);
}

// Outside the mutex it may read a file, for which the core must not wait.
Verdict Doorkeeper::judge(const ConnectionQuestion& asked, std::string& name) {
  std::optional<OpenConnections> open;
  {
    const std::lock_guard lock{mutex_};
    open = std::exchange(open_, std::nullopt);
  }
  if (open) admission_.seen(*open);
  const Verdict verdict = admission_.decide(asked, Admission::Clock::now(), name);
  const std::lock_guard lock{mutex_};
  if (verdict == Verdict::refused_key) ++counts_.refused_key;
  if (verdict == Verdict::refused_role) ++counts_.refused_role;
  if (verdict == Verdict::refused_limit) ++counts_.refused_limit;
  return verdict;
}

std::unique_ptr<Doorkeeper> make_doorkeeper(zmq::context_t& context, const Config& config) {
  SocketGuard guard = value_or_throw(make_guard(config));
  std::optional<ClientKeys> keys;
  if (config.security.curve) keys = value_or_throw(ClientKeys::open(clients_file(config)));
  const auto handshake = std::max(config.ingest.handshake_ivl, kSubscriberHandshake) + kTimerLate;
  return std::make_unique<Doorkeeper>(
      context, std::move(guard),
      Admission{std::move(keys), ConnectionLimit{config.security.connections, handshake}});
}

}  // namespace weir::broker
