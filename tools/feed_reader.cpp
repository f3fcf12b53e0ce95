#include "tools/feed_reader.hpp"

#include <charconv>
#include <cstdint>
#include <stdexcept>

#include "tools/run_number_json.hpp"

namespace weir::tools {
namespace {

// Empty if the name of a run is no number.
std::optional<std::int64_t> number_of(std::string_view run) {
  std::int64_t number = 0;
  const char* end = run.data() + run.size();
  const auto [stop, error] = std::from_chars(run.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

constexpr std::int64_t kMaxMessageBytes = std::int64_t{64} << 20;
constexpr int kQueuedMessagesMax = 10'000;

}  // namespace

FeedReader::FeedReader(const std::string& endpoint, std::span<const std::string> topics, Kind kind,
                       const runners::CurveOptions& curve)
    : context_(1), socket_(context_, zmq::socket_type::sub), kind_(kind) {
  runners::secure(socket_.handle(), runners::read_keys(curve));
  socket_.set(zmq::sockopt::linger, 0);
  socket_.set(zmq::sockopt::maxmsgsize, kMaxMessageBytes);
  socket_.set(zmq::sockopt::rcvhwm, kQueuedMessagesMax);
  socket_.set(zmq::sockopt::ipv6, true);
  for (const std::string& topic : topics) socket_.set(zmq::sockopt::subscribe, topic);
  try {
    socket_.connect(endpoint);
  } catch (const zmq::error_t& error) {
    throw std::invalid_argument("cannot connect to " + endpoint + ": " + error.what());
  }
}

bool FeedReader::wait(std::chrono::milliseconds timeout, std::span<const int> files) {
  std::vector<zmq::pollitem_t> items{{socket_.handle(), 0, ZMQ_POLLIN, 0}};
  for (const int file : files) items.push_back({nullptr, file, ZMQ_POLLIN | ZMQ_POLLERR, 0});
  try {
    zmq::poll(items, timeout);
  } catch (const zmq::error_t& error) {
    if (error.num() != EINTR) throw;
    return true;
  }
  return std::none_of(items.begin() + 1, items.end(), [](const zmq::pollitem_t& item) {
    return (item.revents & ZMQ_POLLERR) != 0;
  });
}

std::optional<FeedMessage> FeedReader::receive() {
  const std::size_t wanted = kind_ == Kind::feed ? 2 : 1;
  for (;;) {
    std::vector<std::string> frames;
    bool more = true;
    while (more) {
      zmq::message_t frame;
      if (!socket_.recv(frame, zmq::recv_flags::dontwait)) return std::nullopt;
      more = frame.more();
      if (frames.size() <= wanted) frames.push_back(frame.to_string());
    }
    if (frames.size() != wanted) continue;
    if (kind_ == Kind::relay) return FeedMessage{{}, std::move(frames[0])};
    return FeedMessage{std::move(frames[0]), std::move(frames[1])};
  }
}

std::vector<std::string> topics_of_run(std::string_view kind, std::string_view run) {
  const std::string prefix = std::string{kind} + "/";
  return {number_of(run) ? prefix : prefix + std::string{run} + "/"};
}

bool is_of_run(const FeedMessage& message, std::string_view run) {
  const std::string_view topic = message.topic;
  const std::size_t slash = topic.find('/');
  if (slash != std::string_view::npos && topic.substr(slash + 1) == std::string{run} + "/") {
    return true;
  }
  const std::optional<std::int64_t> number = number_of(run);
  return number && run_number_from_json(message.body) == number;
}

}  // namespace weir::tools
