#include "tools/feed_reader.hpp"

#include <algorithm>
#include <stdexcept>

namespace weir::tools {
namespace {

constexpr std::int64_t kMaxMessageBytes = std::int64_t{64} << 20;
constexpr int kQueuedMessagesMax = 10'000;

}  // namespace

FeedReader::FeedReader(const std::string& endpoint, std::span<const std::string> topics, Kind kind)
    : context_(1), socket_(context_, zmq::socket_type::sub), kind_(kind) {
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
  std::vector<std::string> topics{prefix + std::string{run} + "/"};
  const bool is_number = !run.empty() && std::all_of(run.begin(), run.end(),
                                                     [](char c) { return c >= '0' && c <= '9'; });
  if (is_number) topics.push_back(prefix + "run-" + std::string{run} + "/");
  return topics;
}

}  // namespace weir::tools
