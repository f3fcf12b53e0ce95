#include "broker/secret.hpp"

#include <stdexcept>

#include <sodium.h>

namespace weir::broker {
namespace {

void start_sodium() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium cannot start");
}

}  // namespace

Sha256 sha256(std::string_view text) {
  static_assert(std::tuple_size_v<Sha256> == crypto_hash_sha256_BYTES);
  Sha256 hash{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as libsodium takes them
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  crypto_hash_sha256(hash.data(), bytes, text.size());
  return hash;
}

bool same(const Sha256& one, const Sha256& other) {
  return sodium_memcmp(one.data(), other.data(), one.size()) == 0;
}

std::string to_hex(const Sha256& hash) {
  std::string text(2 * hash.size() + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
  text.pop_back();
  return text;
}

std::optional<Sha256> from_hex(std::string_view text) {
  Sha256 hash{};
  std::size_t size = 0;
  if (text.size() != 2 * hash.size() ||
      sodium_hex2bin(hash.data(), hash.size(), text.data(), text.size(), nullptr, &size, nullptr) !=
          0 ||
      size != hash.size()) {
    return std::nullopt;
  }
  return hash;
}

std::string random_token() {
  start_sodium();
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::array<unsigned char, 32> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kVariant);
  text.pop_back();  // the NUL
  return "weir_" + text;
}

}  // namespace weir::broker
