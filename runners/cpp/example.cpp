// A small load test of a shop: each user browses, opens an item, logs in and checks out, again and
// again, over a connection of its own, and every step is reported to a weir broker.
//
//   weir serve &                  # the broker
//   runners/python/target.py &    # something to load, on http://127.0.0.1:8080
//   weir_cpp_example [TARGET [USERS [SECONDS]]]
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <curl/curl.h>

#include "runners/cpp/client.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using weir::schema::Elapsed;

struct Step {
  const char* name;
  const char* method;
  const char* path;
  const char* body;
};

constexpr std::array kSteps{Step{"browse", "GET", "/", nullptr},
                            Step{"item", "GET", "/api/items/42", nullptr},
                            Step{"login", "POST", "/login", R"({"user": "ada"})"},
                            Step{"checkout", "POST", "/checkout", R"({"item": 42})"}};

std::size_t discard(char*, std::size_t size, std::size_t count, void*) { return size * count; }

// One request as a hit. Url and error are views of texts that live longer.
weir::schema::AddHit request(CURL* curl, const Step& step, const std::string& url) {
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
  if (step.body != nullptr) curl_easy_setopt(curl, CURLOPT_POSTFIELDS, step.body);
  weir::schema::AddHit hit;
  hit.url = url;
  hit.method = step.method;
  hit.started = std::chrono::time_point_cast<Elapsed>(std::chrono::system_clock::now());
  const CURLcode code = curl_easy_perform(curl);
  curl_off_t elapsed_us = 0;
  curl_off_t received = 0;
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_TOTAL_TIME_T, &elapsed_us);
  curl_easy_getinfo(curl, CURLINFO_SIZE_DOWNLOAD_T, &received);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  hit.elapsed = Elapsed{elapsed_us};
  hit.bytes_received = received;
  hit.status = code == CURLE_OK ? static_cast<int>(status) : 0;
  if (code != CURLE_OK) hit.error = curl_easy_strerror(code);
  return hit;
}

void carry_out(weir::runners::Client& client, CURL* curl, const Step& step,
               const std::string& target) {
  const std::string url = target + step.path;
  client.start_test(step.name);
  const weir::schema::AddHit hit = request(curl, step, url);
  client.add_hit(hit);
  if (!hit.error.empty()) {  // no answer
    client.add_error(step.name, {"TransportError", hit.error, {}});
  } else if (hit.status != 200) {  // an answer, but not the one that the test asks for
    client.add_failure(step.name, {"Unexpected", "status " + std::to_string(hit.status), {}});
  } else {
    client.add_success(step.name);
  }
  client.stop_test(step.name);
}

// A user is a thread with a client, which is a worker of its own, and a connection.
weir::runners::Report run_user(const weir::runners::ClientOptions& options, int number,
                               const std::string& target, Clock::time_point end) {
  weir::runners::ClientOptions mine = options;
  mine.worker_id += "-" + std::to_string(number);
  weir::runners::Client client{mine};
  CURL* curl = curl_easy_init();
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &discard);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
  client.set_status({0, 1, {}, number});
  client.start_test_run("shop", "weir examples", "shop", {{"runner", "cpp"}});
  while (Clock::now() < end) {
    for (const Step& step : kSteps) carry_out(client, curl, step, target);
    client.count("rounds", "checkout");
  }
  client.stop_test_run();
  curl_easy_cleanup(curl);
  return client.close();
}

// 0 if it is none.
int number(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string target = argc > 1 ? argv[1] : "http://127.0.0.1:8080";
  const int users = argc > 2 ? number(argv[2]) : 5;
  const int seconds = argc > 3 ? number(argv[3]) : 10;
  if (!target.starts_with("http") || users < 1 || users > 1000 || seconds < 1) {
    std::cerr << "usage: weir_cpp_example [TARGET [USERS [SECONDS]]]\n";
    return 2;
  }
  curl_global_init(CURL_GLOBAL_DEFAULT);
  weir::runners::ClientOptions options = weir::runners::complete({});
  // All workers report to one run.
  if (options.run_id.empty()) options.run_id = "shop-" + options.worker_id;
  const auto end = Clock::now() + std::chrono::seconds{seconds};

  std::vector<weir::runners::Report> reports(static_cast<std::size_t>(users));
  std::vector<std::thread> threads;
  threads.reserve(reports.size());
  for (int i = 0; i < users; ++i) {
    threads.emplace_back(
        [&, i] { reports[static_cast<std::size_t>(i)] = run_user(options, i + 1, target, end); });
  }
  for (std::thread& thread : threads) thread.join();

  std::uint64_t sent = 0;
  std::uint64_t not_sent = 0;
  bool sure = true;
  for (const weir::runners::Report& report : reports) {
    sent += report.sent;
    not_sent += report.not_sent;
    sure = sure && report.flush.complete && report.flush.disconnects == 0;
  }
  std::cout << "run " << options.run_id << ": " << sent << " messages sent to " << options.to
            << ", " << not_sent << " not sent" << (sure ? "" : ", some perhaps lost on their way")
            << '\n';
  return not_sent == 0 && sure ? 0 : 1;
}
