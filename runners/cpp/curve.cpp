#include "runners/cpp/curve.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <zmq.h>

namespace weir::runners {
namespace {

void fill(std::string& text, const char* variable) {
  const char* value = text.empty() ? std::getenv(variable) : nullptr;
  if (value != nullptr) text = value;
}

schema::CurveKey read_file(const std::string& path) {
  constexpr std::size_t kMaxBytes = 65'536;
  std::ifstream file{path, std::ios::binary};
  std::string text(kMaxBytes, '\0');
  if (!file || !(file.read(text.data(), static_cast<std::streamsize>(text.size())) || file.eof())) {
    throw std::runtime_error("key file " + path + ": cannot be read");
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  const auto key = schema::parse_key_file(text);
  if (!key) throw std::runtime_error("key file " + path + ": " + key.error().detail);
  return *key;
}

void set(void* socket, int option, const std::string& key) {
  if (zmq_setsockopt(socket, option, key.c_str(), key.size() + 1) == 0) return;
  throw std::runtime_error(std::string{"CURVE: "} + zmq_strerror(zmq_errno()));
}

}  // namespace

schema::CurveKey read_keys(CurveOptions options) {
  fill(options.key_file, "WEIR_CLIENT_KEY");
  fill(options.server_key, "WEIR_SERVER_KEY");
  if (options.key_file.empty() && options.server_key.empty()) return {};
  if (options.key_file.empty()) {
    throw std::runtime_error("a broker's key without one's own is of no use: give a key file too");
  }
  schema::CurveKey keys = read_file(options.key_file);
  if (!options.server_key.empty()) {
    keys.server_key = schema::is_curve_key(options.server_key)
                          ? options.server_key
                          : read_file(options.server_key).public_key;
  }
  if (keys.secret_key.empty() || keys.server_key.empty()) {
    throw std::runtime_error(
        "key file " + options.key_file +
        (keys.secret_key.empty() ? ": has no secret key" : ": has no server key"));
  }
  return keys;
}

void secure(void* socket, const schema::CurveKey& keys) {
  if (keys.secret_key.empty()) return;
  set(socket, ZMQ_CURVE_PUBLICKEY, keys.public_key);
  set(socket, ZMQ_CURVE_SECRETKEY, keys.secret_key);
  set(socket, ZMQ_CURVE_SERVERKEY, keys.server_key);
}

}  // namespace weir::runners
