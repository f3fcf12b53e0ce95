#include "broker/endpoint.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::broker {
namespace {

constexpr std::string_view kTcp = "tcp://";
constexpr std::string_view kIpc = "ipc://";

struct TcpAddress {
  std::string_view host;
  std::string_view port;
};

std::optional<TcpAddress> tcp_address(std::string_view endpoint) {
  if (!endpoint.starts_with(kTcp)) return std::nullopt;
  endpoint.remove_prefix(kTcp.size());
  const auto colon = endpoint.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  return TcpAddress{endpoint.substr(0, colon), endpoint.substr(colon + 1)};
}

bool is_number(std::string_view text, std::uint32_t max) {
  std::uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stop == end && number <= max;
}

// 127.a.b.c in full: libzmq would look anything shorter up as a host name.
bool is_loopback_ipv4(std::string_view host) {
  if (!host.starts_with("127.")) return false;
  for (int part = 1; part < 4; ++part) {
    const auto dot = host.find('.');
    if (dot == std::string_view::npos || !is_number(host.substr(0, dot), 255)) return false;
    host.remove_prefix(dot + 1);
  }
  return is_number(host, 255);
}

}  // namespace

bool is_endpoint(std::string_view text) {
  const bool printable =
      std::none_of(text.begin(), text.end(), [](char c) { return c >= 0 && c <= ' '; });
  if (!printable) return false;
  if (text.starts_with(kIpc)) return text.size() > kIpc.size();
  const auto address = tcp_address(text);
  return address && !address->host.empty() &&
         (address->port == "*" || is_number(address->port, 65'535));
}

bool is_address(std::string_view text) {
  const std::string endpoint = std::string{kTcp} + std::string{text};
  if (!is_endpoint(endpoint)) return false;
  const std::string_view host = text.substr(0, text.rfind(':'));
  if (host.starts_with('[')) return host.size() > 2 && host.ends_with(']');
  return host == "localhost" || (host.find_first_not_of("0123456789.") == std::string_view::npos);
}

bool is_loopback_endpoint(std::string_view endpoint) {
  if (endpoint.starts_with(kIpc)) return true;
  const auto address = tcp_address(endpoint);
  if (!address) return false;
  return address->host == "localhost" || address->host == "[::1]" ||
         is_loopback_ipv4(address->host);
}

}  // namespace weir::broker
