#pragma once

// What http/server*.cpp share; nothing else includes it.

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "http/application.hpp"
#include "http/routes.hpp"
#include "http/services.hpp"

namespace weir::http {

namespace asio = boost::asio;
namespace beast = boost::beast;

using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;
using Parser = beast::http::request_parser<beast::http::string_body>;

// Errors come as values: connections end all the time.
inline constexpr auto kAsValue = asio::as_tuple(asio::use_awaitable);

// The loop and what every connection shares. Used by the loop's thread, but where it says
// otherwise.
struct Loop {
  Loop(const Services& of, std::vector<Route> routes)
      : services(of), application(of, std::move(routes)), pool(of.config.query_threads) {}

  const Services& services;
  Application application;
  std::size_t connections = 0;
  std::size_t body_bytes = 0;  // of requests that are being read or answered
  std::size_t queries = 0;     // waiting for the pool or in it
  bool stopping = false;
  std::set<asio::steady_timer*> viewers;  // each waits for something to be published
  asio::thread_pool pool;
  // The last member: its end destroys whatever still waits, which uses the others.
  asio::io_context context{1};

  // Wakes the viewers.
  void announce() {
    for (asio::steady_timer* viewer : viewers) viewer->cancel();
  }
};

// Serves a connection to its end.
template <class Stream>
asio::awaitable<void> serve_connection(Stream stream, Loop& loop);
extern template asio::awaitable<void> serve_connection(PlainStream stream, Loop& loop);
extern template asio::awaitable<void> serve_connection(TlsStream stream, Loop& loop);

// Sends the live feed until the viewer goes, or is too slow.
template <class Stream>
asio::awaitable<void> serve_websocket(Stream stream, const Parser::value_type& request,
                                      const LiveStream& live, Loop& loop);
template <class Stream>
asio::awaitable<void> serve_events(Stream& stream, const Request& request, const LiveStream& live,
                                   Loop& loop);
extern template asio::awaitable<void> serve_websocket(PlainStream stream,
                                                      const Parser::value_type& request,
                                                      const LiveStream& live, Loop& loop);
extern template asio::awaitable<void> serve_websocket(TlsStream stream,
                                                      const Parser::value_type& request,
                                                      const LiveStream& live, Loop& loop);
extern template asio::awaitable<void> serve_events(PlainStream& stream, const Request& request,
                                                   const LiveStream& live, Loop& loop);
extern template asio::awaitable<void> serve_events(TlsStream& stream, const Request& request,
                                                   const LiveStream& live, Loop& loop);

}  // namespace weir::http
