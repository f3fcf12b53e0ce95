#include "http/server.hpp"

#include <atomic>
#include <stdexcept>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>

#include "http/server_loop.hpp"

namespace weir::http {
namespace {

using asio::ip::tcp;
namespace ssl = asio::ssl;

constexpr int kBacklog = 1'024;
// Of a failed accept: there are no file descriptors left.
constexpr std::chrono::milliseconds kAcceptAgain{100};

struct Address {
  std::string host, port;
};

// host:port, [v6]:port; * as port is 0.
Address parse_address(const std::string& endpoint) {
  const auto colon = endpoint.rfind(':');
  Address address{endpoint.substr(0, colon), endpoint.substr(colon + 1)};
  if (address.host.starts_with('[')) address.host = address.host.substr(1, address.host.size() - 2);
  if (address.host == "localhost") address.host = "127.0.0.1";
  if (address.port == "*") address.port = "0";
  return address;
}

tcp::acceptor bind(asio::io_context& context, const std::string& endpoint) {
  try {
    const Address address = parse_address(endpoint);
    const tcp::endpoint at{asio::ip::make_address(address.host),
                           static_cast<asio::ip::port_type>(std::stoul(address.port))};
    tcp::acceptor acceptor{context};
    acceptor.open(at.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(at);
    acceptor.listen(kBacklog);
    return acceptor;
  } catch (const std::exception& error) {
    throw std::runtime_error("http.endpoint " + endpoint + " cannot be bound: " + error.what() +
                             "; give another with --http");
  }
}

std::optional<ssl::context> tls_context(const HttpConfig& config) {
  if (config.tls_cert.empty()) return std::nullopt;
  try {
    ssl::context context{ssl::context::tls_server};
    context.set_options(ssl::context::default_workarounds | ssl::context::no_tlsv1 |
                        ssl::context::no_tlsv1_1);
    context.use_certificate_chain_file(config.tls_cert.string());
    context.use_private_key_file(config.tls_key.string(), ssl::context::pem);
    return context;
  } catch (const std::exception& error) {
    throw std::runtime_error("http.tls_cert and http.tls_key cannot be used: " +
                             std::string{error.what()});
  }
}

asio::awaitable<void> serve_tls(TlsStream stream, Loop& loop) {
  beast::get_lowest_layer(stream).expires_after(loop.services.config.request_timeout);
  const auto [error] = co_await stream.async_handshake(ssl::stream_base::server, kAsValue);
  if (error) co_return;
  co_await serve_connection(std::move(stream), loop);
}

}  // namespace

class Server::State {
 public:
  State(const Services& services, SummarySource& source)
      : source_(source),
        tls_(tls_context(services.config)),
        loop_(services, routes(services)),
        acceptor_(bind(loop_.context, services.config.endpoint)),
        url_(make_url()) {
    asio::co_spawn(loop_.context, accept(), asio::detached);
    thread_ = std::thread{[this] { loop_.context.run(); }};
  }

  const std::string& url() const { return url_; }

  // Many a time before the loop looks is once.
  void wake() {
    if (woken_.exchange(true)) return;
    asio::post(loop_.context, [this] {
      woken_ = false;
      loop_.services.live.put(source_.take(), LiveBoard::Clock::now());
      loop_.announce();
    });
  }

  void stop_listening() {
    asio::post(loop_.context, [this] {
      boost::system::error_code ignored;
      acceptor_.close(ignored);
    });
  }

  void stop(std::chrono::milliseconds patience) {
    if (!thread_.joinable()) return;
    asio::post(loop_.context, [this, patience] {
      loop_.stopping = true;
      loop_.announce();
      asio::co_spawn(loop_.context, end_after(patience), asio::detached);
    });
    thread_.join();
    loop_.pool.join();
  }

 private:
  std::string make_url() const {
    const tcp::endpoint at = acceptor_.local_endpoint();
    const std::string address = at.address().to_string();
    return std::string{tls_ ? "https://" : "http://"} +
           (at.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(at.port());
  }

  asio::awaitable<void> accept() {
    for (;;) {
      auto [error, socket] = co_await acceptor_.async_accept(kAsValue);
      if (!acceptor_.is_open()) co_return;
      if (error) {
        asio::steady_timer pause{loop_.context, kAcceptAgain};
        co_await pause.async_wait(kAsValue);
        continue;
      }
      boost::system::error_code ignored;
      socket.set_option(tcp::no_delay{true}, ignored);
      PlainStream stream{std::move(socket)};
      if (tls_) {
        asio::co_spawn(loop_.context, serve_tls(TlsStream{std::move(stream), *tls_}, loop_),
                       asio::detached);
      } else {
        asio::co_spawn(loop_.context, serve_connection(std::move(stream), loop_), asio::detached);
      }
    }
  }

  // When all viewers are gone, or after so long.
  asio::awaitable<void> end_after(std::chrono::milliseconds patience) {
    static constexpr std::chrono::milliseconds kLook{10};
    const auto until = std::chrono::steady_clock::now() + patience;
    asio::steady_timer timer{loop_.context};
    while (!loop_.viewers.empty() && std::chrono::steady_clock::now() < until) {
      timer.expires_after(kLook);
      co_await timer.async_wait(kAsValue);
    }
    loop_.context.stop();
  }

  SummarySource& source_;
  std::optional<ssl::context> tls_;
  std::atomic<bool> woken_{false};
  Loop loop_;
  tcp::acceptor acceptor_;
  std::string url_;
  std::thread thread_;
};

Server::Server(const Services& services, SummarySource& source)
    : state_(std::make_unique<State>(services, source)) {}

Server::~Server() { stop(std::chrono::milliseconds{0}); }

std::string Server::url() const { return state_->url(); }

void Server::wake() { state_->wake(); }

void Server::stop_listening() { state_->stop_listening(); }

void Server::stop(std::chrono::milliseconds patience) { state_->stop(patience); }

}  // namespace weir::http
