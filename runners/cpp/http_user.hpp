#pragma once

#include <cstdint>
#include <memory>

#include <curl/curl.h>

#include "runners/cpp/http_hit.hpp"
#include "runners/cpp/http_request.hpp"

namespace weir::runners {

// One simulated user: a libcurl transfer that is used again for each of its requests, and so keeps
// its connection. Bodies that come back are read and discarded. Used by the load loop's thread.
class HttpUser {
 public:
  // The request must outlive the user. `number` counts from 1.
  HttpUser(const HttpRequest& request, std::uint32_t number);
  HttpUser(const HttpUser&) = delete;  // the transfer points back to its user
  HttpUser& operator=(const HttpUser&) = delete;

  CURL* transfer() const { return transfer_.get(); }
  // The user of a transfer.
  static HttpUser& of(CURL* transfer);

  // The hit of the request in progress: the caller fills in number, users, started and late.
  HttpHit& hit() { return hit_; }
  // Completes the hit from what libcurl has measured: elapsed becomes late and the transfer's own
  // time together.
  const HttpHit& finish(CURLcode code);

 private:
  struct FreeTransfer {
    void operator()(CURL* transfer) const { curl_easy_cleanup(transfer); }
  };
  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  static int count_header(CURL* transfer, curl_infotype kind, char* text, std::size_t size,
                          void* self);
  std::int64_t bytes_sent();

  const bool has_body_;
  std::int64_t header_bytes_ = 0;                  // of the request, once it is known
  std::unique_ptr<curl_slist, FreeList> headers_;  // used by the transfer until it is freed
  std::unique_ptr<CURL, FreeTransfer> transfer_;
  HttpHit hit_;
};

}  // namespace weir::runners
