#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>
#include <zmq.hpp>

namespace weir::tests {

// Plays a broker's acked endpoint in a test, one step at a time: a ROUTER socket, on a free port
// unless told otherwise. Answers go to whoever was heard last.
class BoundRouter {
 public:
  struct Heard {
    char kind = 0;
    std::string fields;
    std::uint64_t seq = 0;  // of a batch or an end
    std::string payload;    // of a batch
  };

  explicit BoundRouter(const std::string& endpoint = "tcp://127.0.0.1:*") {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.bind(endpoint);
  }

  std::string endpoint() { return socket_.get(zmq::sockopt::last_endpoint); }

  // The next message; empty if none comes within the timeout.
  std::optional<Heard> hear(std::chrono::milliseconds timeout = std::chrono::seconds{5}) {
    socket_.set(zmq::sockopt::rcvtimeo, static_cast<int>(timeout.count()));
    zmq::message_t kind;
    zmq::message_t fields;
    if (!socket_.recv(peer_) || !socket_.recv(kind) || !socket_.recv(fields)) return std::nullopt;
    Heard heard;
    heard.kind = kind.to_string().at(0);
    heard.fields = fields.to_string();
    if (heard.kind != 'H') {
      for (std::size_t i = 0; i < 8; ++i) {
        heard.seq = heard.seq << 8 | static_cast<unsigned char>(heard.fields.at(i));
      }
    }
    if (heard.kind == 'B') heard.payload = heard.fields.substr(9);
    return heard;
  }

  void say(char kind, const std::string& fields) {
    zmq::message_t peer;
    peer.copy(peer_);
    socket_.send(peer, zmq::send_flags::sndmore);
    socket_.send(zmq::buffer(&kind, 1), zmq::send_flags::sndmore);
    socket_.send(zmq::buffer(fields), zmq::send_flags::none);
  }

  void welcome(std::uint64_t next_seq, std::uint32_t credit = 100) {
    say('W', nlohmann::json{{"next_seq", next_seq},
                            {"credit", credit},
                            {"max_batch_bytes", 1 << 24},
                            {"durability", "disk"}}
                 .dump());
  }

  void acknowledge(std::uint64_t next_seq, std::uint32_t credit = 100) {
    std::string fields;
    for (int shift = 56; shift >= 0; shift -= 8) fields += static_cast<char>(next_seq >> shift);
    for (int shift = 24; shift >= 0; shift -= 8) fields += static_cast<char>(credit >> shift);
    say('A', fields);
  }

  void refuse(std::uint64_t seq, const std::string& code) {
    say('N', nlohmann::json{{"seq", seq}, {"code", code}, {"message", "by the test"}}.dump());
  }

 private:
  zmq::context_t context_;
  zmq::socket_t socket_{context_, zmq::socket_type::router};
  zmq::message_t peer_;
};

}  // namespace weir::tests
