#include "runners/cpp/http_user.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace weir::runners {
namespace {

std::size_t discard(char* /*bytes*/, std::size_t size, std::size_t count, void* /*nothing*/) {
  return size * count;
}

std::int64_t number_of(CURL* transfer, CURLINFO info) {
  curl_off_t value = 0;
  curl_easy_getinfo(transfer, info, &value);
  return value;
}

long small_number_of(CURL* transfer, CURLINFO info) {
  long value = 0;
  curl_easy_getinfo(transfer, info, &value);
  return value;
}

// libcurl gives the moment at which each phase was over, counted from the start; 0 if it was not
// reached. Its pre-transfer moment is of no use: it comes after the request has been sent, and the
// answer may be there by then.
HttpPhases phases_of(CURL* transfer, bool connected_now) {
  using schema::Elapsed;
  const std::int64_t resolved = number_of(transfer, CURLINFO_NAMELOOKUP_TIME_T);
  const std::int64_t connected = number_of(transfer, CURLINFO_CONNECT_TIME_T);
  const std::int64_t secured = number_of(transfer, CURLINFO_APPCONNECT_TIME_T);
  const std::int64_t answering = number_of(transfer, CURLINFO_STARTTRANSFER_TIME_T);
  HttpPhases phases;
  if (connected_now) {
    if (resolved > 0) phases.dns = Elapsed{resolved};
    if (connected >= resolved && connected > 0) phases.connect = Elapsed{connected - resolved};
    if (secured >= connected && secured > 0) phases.tls = Elapsed{secured - connected};
  }
  const std::int64_t sending = std::max({resolved, connected, secured});
  if (answering >= sending && answering > 0) phases.first_byte = Elapsed{answering - sending};
  return phases;
}

void set_method(CURL* transfer, const HttpRequest& request) {
  if (request.has_body) {
    curl_easy_setopt(transfer, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(transfer, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  if (request.method == "HEAD") curl_easy_setopt(transfer, CURLOPT_NOBODY, 1L);
  curl_easy_setopt(transfer, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

}  // namespace

HttpUser::HttpUser(const HttpRequest& request, std::uint32_t number)
    : has_body_(request.has_body), transfer_(curl_easy_init()) {
  CURL* transfer = transfer_.get();
  if (transfer == nullptr) throw std::runtime_error("libcurl: out of memory");
  for (const std::string& header : request.headers) {
    curl_slist* longer = curl_slist_append(headers_.get(), header.c_str());
    if (longer == nullptr) throw std::runtime_error("libcurl: out of memory");
    (void)headers_.release();  // it is part of the longer list
    headers_.reset(longer);
  }
  curl_easy_setopt(transfer, CURLOPT_PRIVATE, this);
  curl_easy_setopt(transfer, CURLOPT_URL, request.url.c_str());
  set_method(transfer, request);
  curl_easy_setopt(transfer, CURLOPT_HTTPHEADER, headers_.get());
  curl_easy_setopt(transfer, CURLOPT_USERAGENT, "weir");
  curl_easy_setopt(transfer, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  curl_easy_setopt(transfer, CURLOPT_PROXY, request.proxy.c_str());
  curl_easy_setopt(transfer, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(transfer, CURLOPT_SSL_VERIFYPEER, request.insecure ? 0L : 1L);
  curl_easy_setopt(transfer, CURLOPT_SSL_VERIFYHOST, request.insecure ? 0L : 2L);
  curl_easy_setopt(transfer, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(transfer, CURLOPT_WRITEFUNCTION, &discard);
  if (has_body_) {
    curl_easy_setopt(transfer, CURLOPT_DEBUGFUNCTION, &HttpUser::count_header);
    curl_easy_setopt(transfer, CURLOPT_DEBUGDATA, this);
    curl_easy_setopt(transfer, CURLOPT_VERBOSE, 1L);
  }
  hit_.user = number;
}

int HttpUser::count_header(CURL* /*transfer*/, curl_infotype kind, char* /*text*/, std::size_t size,
                           void* self) {
  if (kind == CURLINFO_HEADER_OUT) {
    static_cast<HttpUser*>(self)->header_bytes_ += static_cast<std::int64_t>(size);
  }
  return 0;
}

// libcurl's request size holds the part of a body that left together with the header, and its
// upload size holds it again. The header's own size is the same in each request, and is learned
// from the trace of the first.
std::int64_t HttpUser::bytes_sent() {
  CURL* transfer = transfer_.get();
  const std::int64_t request = small_number_of(transfer, CURLINFO_REQUEST_SIZE);
  if (!has_body_ || request == 0) return request;
  curl_easy_setopt(transfer, CURLOPT_VERBOSE, 0L);
  return std::min(request, header_bytes_) + number_of(transfer, CURLINFO_SIZE_UPLOAD_T);
}

HttpUser& HttpUser::of(CURL* transfer) {
  char* self = nullptr;
  curl_easy_getinfo(transfer, CURLINFO_PRIVATE, &self);
  return *static_cast<HttpUser*>(static_cast<void*>(self));
}

const HttpHit& HttpUser::finish(CURLcode code) {
  CURL* transfer = transfer_.get();
  hit_.elapsed = hit_.late + schema::Elapsed{number_of(transfer, CURLINFO_TOTAL_TIME_T)};
  hit_.status = static_cast<int>(small_number_of(transfer, CURLINFO_RESPONSE_CODE));
  hit_.error = {};
  if (code != CURLE_OK) {
    // An answer that broke off is no answer.
    hit_.status = 0;
    hit_.error = curl_easy_strerror(code);
  }
  hit_.bytes_sent = bytes_sent();
  hit_.bytes_received = small_number_of(transfer, CURLINFO_HEADER_SIZE) +
                        number_of(transfer, CURLINFO_SIZE_DOWNLOAD_T);
  hit_.connections = static_cast<std::uint32_t>(small_number_of(transfer, CURLINFO_NUM_CONNECTS));
  hit_.phases = phases_of(transfer, hit_.connections > 0);
  return hit_;
}

}  // namespace weir::runners
