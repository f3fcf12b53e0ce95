// Requests of a connection, one after the other: reading, limits, handlers, writing.
#include <algorithm>
#include <string>

#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "http/inflate.hpp"
#include "http/server_loop.hpp"
#include "http/server_waiting.hpp"
#include "http/text.hpp"

namespace weir::http {
namespace {

namespace bhttp = beast::http;
using boost::system::error_code;

constexpr std::uint32_t kHeaderBytes = 16'384;
constexpr std::size_t kTargetBytes = 4'096;
constexpr std::size_t kFieldsMax = 100;
// Room of the buffer beyond a header: what a client sends ahead.
constexpr std::size_t kBufferBytes = std::size_t{64} << 10U;
constexpr std::size_t kReadBytes = 4'096;
// 16 bytes in base64.
constexpr std::size_t kWebSocketKeyBytes = 24;

// Bytes of bodies, until this goes.
class BodyRoom {
 public:
  explicit BodyRoom(Loop& loop) : loop_(loop) {}
  ~BodyRoom() { loop_.body_bytes -= taken_; }
  BodyRoom(const BodyRoom&) = delete;
  BodyRoom& operator=(const BodyRoom&) = delete;

  bool grow_to(std::size_t bytes) {
    if (bytes <= taken_) return true;
    if (loop_.body_bytes + (bytes - taken_) > loop_.services.config.bodies_bytes) return false;
    loop_.body_bytes += bytes - std::exchange(taken_, bytes);
    return true;
  }

 private:
  Loop& loop_;
  std::size_t taken_ = 0;
};

Method method_of(bhttp::verb verb) {
  switch (verb) {
    case bhttp::verb::get:
      return Method::get;
    case bhttp::verb::head:
      return Method::head;
    case bhttp::verb::post:
      return Method::post;
    case bhttp::verb::put:
      return Method::put;
    case bhttp::verb::patch:
      return Method::patch;
    case bhttp::verb::delete_:
      return Method::delete_;
    case bhttp::verb::options:
      return Method::options;
    default:
      return Method::other;
  }
}

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

Request request_of(const Parser::value_type& message) {
  Request request;
  request.method = method_of(message.method());
  request.target = view(message.target());
  for (const auto& field : message) {
    request.fields.emplace_back(view(field.name_string()), view(field.value()));
  }
  return request;
}

// The answer to what could not be read; empty: there is nobody to answer.
std::optional<HttpError> error_of(const error_code& error) {
  if (error == bhttp::error::header_limit || error == bhttp::error::buffer_overflow) {
    return HttpError{431, "header_too_large", "the header has more than 16384 bytes"};
  }
  if (error == bhttp::error::body_limit) {
    return HttpError{413, "too_large", "the body has more than http.body_bytes"};
  }
  if (error == beast::error::timeout) return HttpError{408, "timeout", "that took too long"};
  const bool is_gone =
      error == bhttp::error::end_of_stream || error == bhttp::error::partial_message;
  if (is_gone || error.category() != bhttp::make_error_code(bhttp::error::bad_target).category()) {
    return {};
  }
  return HttpError{400, "bad_request", "that is not HTTP: " + error.message()};
}

// One connection. In its coroutines what is passed on has a name: GCC 12 destroys some temporaries
// of a co_await twice.
template <class Stream>
class Connection {
 public:
  Connection(Stream stream, Loop& loop) : stream_(std::move(stream)), loop_(loop) {
    ++loop_.connections;
  }
  ~Connection() { --loop_.connections; }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  asio::awaitable<void> serve() {
    if (loop_.connections > loop_.services.config.connections) {
      const HttpError busy{503, "busy", "http.connections are open: try again"};
      const Request nobody;
      co_await refuse_and_close(nobody, busy);
      co_await close();
      co_return;
    }
    while (!loop_.stopping && co_await wait_for_request()) {
      parser_.emplace();
      parser_->header_limit(kHeaderBytes);
      parser_->body_limit(boost::none);
      if (!co_await serve_request()) break;
    }
    co_await close();
  }

 private:
  const HttpConfig& config() const { return loop_.services.config; }
  auto& socket() { return beast::get_lowest_layer(stream_); }

  // Returns whether there is the beginning of one.
  asio::awaitable<bool> wait_for_request() {
    if (buffer_.size() == 0) {
      socket().expires_after(config().idle_timeout);
      const auto [error, bytes] =
          co_await stream_.async_read_some(buffer_.prepare(kReadBytes), kAsValue);
      if (error) co_return false;
      buffer_.commit(bytes);
    }
    socket().expires_after(config().request_timeout);
    co_return true;
  }

  // Returns whether the connection goes on.
  asio::awaitable<bool> serve_request() {
    const auto [error, bytes] =
        co_await bhttp::async_read_header(stream_, buffer_, *parser_, kAsValue);
    Request request = request_of(parser_->get());
    std::optional<HttpError> wrong = error ? error_of(error) : check_header(request);
    if (error || wrong) co_return co_await refuse_and_close(request, wrong);
    const bool keeps_alive = parser_->get().keep_alive();
    if (auto options = loop_.application.options(request)) {
      Response& allowed = *options;
      co_return co_await answer(request, allowed, keeps_alive && parser_->is_done());
    }
    const bool is_upgrade = beast::websocket::is_upgrade(parser_->get());
    const auto route = loop_.application.admit(request, is_upgrade);
    // A body that nobody wants is not read: the connection ends.
    if (!route) {
      Response refusal = Application::refusal(route.error());
      co_return co_await answer(request, refusal, keeps_alive && parser_->is_done());
    }
    BodyRoom room{loop_};
    wrong = co_await read_body(request, room);
    if (wrong && wrong->status == 0) co_return false;
    if (wrong) co_return co_await refuse_and_close(request, wrong);
    socket().expires_never();
    Handled handled = co_await handle(loop_, **route, request);
    co_return co_await finish(request, handled, keeps_alive, is_upgrade);
  }

  std::optional<HttpError> check_header(const Request& request) {
    if (request.target.size() > kTargetBytes) {
      return HttpError{414, "target_too_long", "the target has more than 4096 bytes"};
    }
    if (request.fields.size() > kFieldsMax) {
      return HttpError{431, "header_too_large", "the header has more than 100 fields"};
    }
    const std::string_view coding = request.field("transfer-encoding");
    if (!coding.empty() && !same_ignoring_case(trimmed(coding), "chunked")) {
      return HttpError{400, "bad_request", "of the transfer codings only chunked is known",
                       "Transfer-Encoding"};
    }
    const auto hosts = std::ranges::count_if(
        request.fields, [](const auto& field) { return same_ignoring_case(field.first, "host"); });
    if (hosts > 1) return HttpError{400, "bad_request", "there is more than one Host", "Host"};
    return {};
  }

  // An error of status 0: whoever sent it is gone.
  asio::awaitable<std::optional<HttpError>> read_body(Request& request, BodyRoom& room) {
    const auto declared = parser_->content_length();
    const std::size_t known = declared ? static_cast<std::size_t>(*declared) : 0;
    if (declared && *declared > config().body_bytes) {
      co_return too_large();
    }
    if (!room.grow_to(known)) co_return full();
    parser_->body_limit(config().body_bytes);
    if (!parser_->is_done() && same_ignoring_case(request.field("expect"), "100-continue")) {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      const auto [error, bytes] = co_await asio::async_write(
          stream_, asio::buffer(kContinue.data(), kContinue.size()), kAsValue);
      if (error) co_return gone();
    }
    while (!parser_->is_done()) {
      const auto [error, bytes] =
          co_await bhttp::async_read_some(stream_, buffer_, *parser_, kAsValue);
      if (error) co_return error_of(error).value_or(gone());
      if (!room.grow_to(std::max(known, parser_->get().body().size()))) co_return full();
    }
    request.body = std::move(parser_->get().body());
    co_return inflate_body(request, room);
  }

  static HttpError gone() { return {0, "", ""}; }
  HttpError too_large() const {
    return {413, "too_large",
            "the body has more than " + std::to_string(config().body_bytes) +
                " bytes (http.body_bytes)"};
  }
  static HttpError full() {
    return {503, "busy", "the bodies of all requests are more than http.bodies_bytes: try again"};
  }

  std::optional<HttpError> inflate_body(Request& request, BodyRoom& room) {
    const std::string_view coding = trimmed(request.field("content-encoding"));
    if (coding.empty() || same_ignoring_case(coding, "identity")) return {};
    if (!same_ignoring_case(coding, "gzip")) {
      return HttpError{415, "unsupported_encoding", "of the content codings only gzip is known",
                       "Content-Encoding"};
    }
    auto inflated = inflate(request.body, {.bytes_max = config().inflated_bytes});
    if (!inflated) return inflated.error();
    if (!room.grow_to(inflated->size())) return full();
    request.body = *std::move(inflated);
    return {};
  }

  asio::awaitable<bool> finish(Request& request, Handled& handled, bool keeps_alive,
                               bool is_upgrade) {
    if (handled && std::holds_alternative<LiveStream>(*handled)) {
      auto& live = std::get<LiveStream>(*handled);
      if (live.events) {
        co_await serve_events(stream_, request, live, loop_);
        co_return false;
      }
      if (is_upgrade && request.field("sec-websocket-key").size() == kWebSocketKeyBytes) {
        auto message = parser_->release();
        co_await serve_websocket(std::move(stream_), message, live, loop_);
        is_moved_ = true;
        co_return false;
      }
      handled =
          refuse(400, "no_upgrade", "this is a WebSocket; /api/live/sse is the same for curl");
    }
    if (handled && std::holds_alternative<Later>(*handled)) {
      const Later& later = std::get<Later>(*handled);
      Reply reply = co_await settle(loop_, later);
      handled = reply ? Handled{*std::move(reply)} : Handled{tl::unexpected(reply.error())};
    }
    Response response =
        handled ? std::get<Response>(*std::move(handled)) : Application::refusal(handled.error());
    co_return co_await answer(request, response, keeps_alive);
  }

  asio::awaitable<bool> refuse_and_close(const Request& request,
                                         const std::optional<HttpError>& error) {
    if (!error) co_return false;
    Response refusal = Application::refusal(*error);
    co_return co_await answer(request, refusal, false);
  }

  // Returns whether the connection goes on.
  asio::awaitable<bool> answer(const Request& request, Response& response, bool keeps_alive) {
    loop_.application.complete(request, response);
    const std::string_view body =
        response.lasting_body.empty() ? std::string_view{response.body} : response.lasting_body;
    const bool has_body = response.status != 204 && response.status != 304;
    bhttp::response<bhttp::span_body<const char>> message{
        bhttp::int_to_status(static_cast<unsigned>(response.status)), 11};
    for (const auto& [name, value] : response.fields) message.insert(name, value);
    if (has_body) {
      message.set(bhttp::field::content_type, response.type);
      message.content_length(body.size());
      if (request.method != Method::head) message.body() = {body.data(), body.size()};
    }
    keeps_alive = keeps_alive && !loop_.stopping;
    message.keep_alive(keeps_alive);
    bhttp::serializer<false, bhttp::span_body<const char>> serializer{message};
    while (!serializer.is_done()) {
      socket().expires_after(config().request_timeout);
      const auto [error, bytes] = co_await bhttp::async_write_some(stream_, serializer, kAsValue);
      if (error) co_return false;
    }
    co_return keeps_alive;
  }

  // What the peer still sends is read for a moment: else it may lose the answer.
  asio::awaitable<void> close() {
    if (is_moved_) co_return;
    static constexpr std::chrono::milliseconds kLinger{500};
    error_code ignored;
    socket().socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    socket().expires_after(kLinger);
    static constexpr std::size_t kLingerReads = 256;
    for (std::size_t i = 0; i < kLingerReads; ++i) {
      buffer_.clear();
      const auto [error, bytes] =
          co_await socket().async_read_some(buffer_.prepare(kReadBytes), kAsValue);
      if (error) break;
    }
  }

  Stream stream_;
  Loop& loop_;
  beast::flat_buffer buffer_{kBufferBytes};
  std::optional<Parser> parser_;
  bool is_moved_ = false;
};

}  // namespace

template <class Stream>
asio::awaitable<void> serve_connection(Stream stream, Loop& loop) {
  Connection<Stream> connection{std::move(stream), loop};
  co_await connection.serve();
}

template asio::awaitable<void> serve_connection(PlainStream stream, Loop& loop);
template asio::awaitable<void> serve_connection(TlsStream stream, Loop& loop);

}  // namespace weir::http
