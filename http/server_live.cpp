// The live feed to one viewer, as WebSocket or Server-Sent Events.
#include <array>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "http/server_loop.hpp"

namespace weir::http {
namespace {

namespace websocket = beast::websocket;

// What a viewer may say at once: nothing is expected of it.
constexpr std::size_t kMessageBytes = 4'096;
constexpr std::chrono::seconds kHeartbeat{15};
constexpr std::chrono::seconds kSilence{60};

schema::Timestamp utc_now() {
  return std::chrono::time_point_cast<schema::Elapsed>(std::chrono::system_clock::now());
}

// Is woken when something is published.
class Signal {
 public:
  explicit Signal(Loop& loop) : loop_(loop), timer_(loop.context) { loop_.viewers.insert(&timer_); }
  ~Signal() { loop_.viewers.erase(&timer_); }
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  asio::awaitable<void> wait(std::chrono::steady_clock::duration at_most) {
    timer_.expires_after(at_most);
    co_await timer_.async_wait(kAsValue);
  }
  void wake() { timer_.cancel(); }

 private:
  Loop& loop_;
  asio::steady_timer timer_;
};

using Buffers = std::vector<asio::const_buffer>;

Buffers buffers_of(const std::vector<Text>& parts) {
  Buffers buffers;
  buffers.reserve(parts.size());
  for (const Text& part : parts) buffers.emplace_back(part->data(), part->size());
  return buffers;
}

template <class Stream>
struct Viewer {
  Viewer(Stream stream, Loop& loop) : socket(std::move(stream)), signal(loop) {}
  websocket::stream<Stream> socket;
  Signal signal;
  bool is_open = true;
};

// Nothing is expected, but pings and a close have to be read.
template <class Stream>
asio::awaitable<void> listen_to(std::shared_ptr<Viewer<Stream>> viewer) {
  beast::flat_buffer buffer{kMessageBytes};
  for (;;) {
    const auto [error, bytes] = co_await viewer->socket.async_read(buffer, kAsValue);
    if (error) break;
    buffer.clear();
  }
  viewer->is_open = false;
  viewer->signal.wake();
}

// What waits in the kernel is old by the time it is read: little may, so that who is slow gets what
// is new.
void keep_little_unsent(asio::ip::tcp::socket& socket) {
  constexpr int kUnsentBytes = 64 << 10;
  const asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT> unsent{kUnsentBytes};
  boost::system::error_code ignored;
  socket.set_option(unsent, ignored);
}

template <class Stream>
void set_up(websocket::stream<Stream>& socket, const HttpConfig& config) {
  websocket::stream_base::timeout timeout{};
  timeout.handshake_timeout = config.request_timeout;
  timeout.idle_timeout = kSilence;
  timeout.keep_alive_pings = true;
  socket.set_option(timeout);
  // Not which library it is.
  socket.set_option(websocket::stream_base::decorator([](websocket::response_type& response) {
    response.set(beast::http::field::server, "weir");
  }));
  socket.read_message_max(kMessageBytes);
  socket.auto_fragment(false);
  socket.text(true);
}

}  // namespace

template <class Stream>
asio::awaitable<void> serve_websocket(Stream stream, const Parser::value_type& request,
                                      const LiveStream& live, Loop& loop) {
  const auto viewer = std::make_shared<Viewer<Stream>>(std::move(stream), loop);
  auto& socket = viewer->socket;
  auto& lowest = beast::get_lowest_layer(socket);
  const HttpConfig& config = loop.services.config;
  lowest.expires_never();
  keep_little_unsent(lowest.socket());
  set_up(socket, config);
  if (const auto [error] = co_await socket.async_accept(request, kAsValue); error) co_return;
  asio::co_spawn(loop.context, listen_to(viewer), asio::detached);
  const auto send = [&](const Buffers& buffers) -> asio::awaitable<bool> {
    lowest.expires_after(config.viewer_timeout);
    const auto [error, bytes] = co_await socket.async_write(buffers, kAsValue);
    lowest.expires_never();
    co_return !error;
  };
  LiveBoard& board = loop.services.live;
  const auto snapshot = board.snapshot(live.prefixes, utc_now());
  LiveBoard::Version seen = snapshot.version;
  const Buffers first = buffers_of(snapshot.parts);
  if (!co_await send(first)) viewer->is_open = false;
  while (viewer->is_open) {
    if (const auto next = board.next(live.prefixes, seen)) {
      seen = next->version;
      const Buffers message{asio::buffer(*next->json)};
      if (!co_await send(message)) break;
    } else if (loop.stopping) {
      lowest.expires_after(config.viewer_timeout);
      co_await socket.async_close(websocket::close_code::going_away, kAsValue);
      break;
    } else {
      co_await viewer->signal.wait(std::chrono::hours{1});
    }
  }
  beast::error_code ignored;
  lowest.socket().close(ignored);
}

template <class Stream>
asio::awaitable<void> serve_events(Stream& stream, const Request& request, const LiveStream& live,
                                   Loop& loop) {
  Signal signal{loop};
  auto& lowest = beast::get_lowest_layer(stream);
  const auto send = [&](const Buffers& buffers) -> asio::awaitable<bool> {
    lowest.expires_after(loop.services.config.viewer_timeout);
    const auto [error, bytes] = co_await asio::async_write(stream, buffers, kAsValue);
    co_return !error;
  };
  const auto send_event = [&](const std::string& type,
                              const std::vector<Text>& parts) -> asio::awaitable<bool> {
    static constexpr std::string_view kEnd = "\n\n";
    const std::string begin = "event: " + type + "\ndata: ";
    Buffers buffers = buffers_of(parts);
    buffers.insert(buffers.begin(), asio::buffer(begin));
    buffers.emplace_back(kEnd.data(), kEnd.size());
    const bool is_sent = co_await send(buffers);
    co_return is_sent;
  };
  keep_little_unsent(lowest.socket());
  Response head;
  head.type = "text/event-stream";
  loop.application.complete(request, head);
  std::string text = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n";
  for (const auto& [name, value] : head.fields)
    text.append(name).append(": ").append(value).append("\r\n");
  text += "\r\n";
  const Buffers header{asio::buffer(text)};
  const bool is_begun = co_await send(header);
  if (!is_begun || request.method == Method::head) co_return;
  LiveBoard& board = loop.services.live;
  const auto snapshot = board.snapshot(live.prefixes, utc_now());
  LiveBoard::Version seen = snapshot.version;
  bool is_open = co_await send_event("snapshot", snapshot.parts);
  while (is_open) {
    if (const auto next = board.next(live.prefixes, seen)) {
      seen = next->version;
      const std::vector<Text> message{next->json};
      is_open = co_await send_event(next->type, message);
      continue;
    }
    if (loop.stopping) co_return;
    const auto before = std::chrono::steady_clock::now();
    co_await signal.wait(kHeartbeat);
    // Who is gone is noticed by writing.
    if (std::chrono::steady_clock::now() - before < kHeartbeat) continue;
    static constexpr std::string_view kComment = ":\n\n";
    const Buffers comment{{kComment.data(), kComment.size()}};
    is_open = co_await send(comment);
  }
}

template asio::awaitable<void> serve_websocket(PlainStream stream,
                                               const Parser::value_type& request,
                                               const LiveStream& live, Loop& loop);
template asio::awaitable<void> serve_websocket(TlsStream stream, const Parser::value_type& request,
                                               const LiveStream& live, Loop& loop);
template asio::awaitable<void> serve_events(PlainStream& stream, const Request& request,
                                            const LiveStream& live, Loop& loop);
template asio::awaitable<void> serve_events(TlsStream& stream, const Request& request,
                                            const LiveStream& live, Loop& loop);

}  // namespace weir::http
