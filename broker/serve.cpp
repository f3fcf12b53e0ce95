#include "broker/serve.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include <poll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <zmq.hpp>

#include "broker/claim_store.hpp"
#include "broker/core.hpp"
#include "broker/http_service.hpp"
#include "broker/log.hpp"
#include "broker/store_upkeep.hpp"
#include "broker/store_worker.hpp"
#include "broker/utc_clock.hpp"
#include "store/failpoint.hpp"
#include "store/run_writer.hpp"

namespace weir::broker {
namespace {

// SIGTERM and SIGINT as a file descriptor, for the whole process while this exists: made before
// any thread, so that every thread inherits the blocked signals.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGINT);
    if (pthread_sigmask(SIG_BLOCK, &signals_, &before_) != 0 ||
        (fd_ = signalfd(-1, &signals_, SFD_CLOEXEC)) < 0) {
      throw std::system_error(errno, std::generic_category(), "signals");
    }
  }
  ~StopSignals() {
    close(fd_);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);  // a second signal while stopping ends it here
  }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Returns when a signal came or `other` can be read. The signal is taken: it is not delivered
  // when this object goes.
  void wait(int other) const {
    std::array<pollfd, 2> fds{{{fd_, POLLIN, 0}, {other, POLLIN, 0}}};
    while (poll(fds.data(), fds.size(), -1) < 0 && errno == EINTR) {
    }
    signalfd_siginfo taken{};
    if ((fds[0].revents & POLLIN) != 0 && read(fd_, &taken, sizeof taken) < 0) {
      throw std::system_error(errno, std::generic_category(), "signals");
    }
  }

 private:
  sigset_t signals_{};
  sigset_t before_{};
  int fd_ = -1;
};

template <class T>
T value_or_throw(schema::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  return std::move(*result);
}

StoreWorker::Write write_with(store::RunWriter& writer) {
  return [&writer](const schema::StoreBatch& batch) {
    const std::uint64_t skipped = writer.records_skipped();
    auto written = writer.write(batch);
    if (!written) return written;
    for (const std::int64_t run : batch.forgotten) writer.forget_run(run);
    if (writer.records_skipped() != skipped) {
      log_event(LogLevel::warn, "store_records_skipped",
                {{"records", writer.records_skipped() - skipped}});
    }
    return written;
  };
}

// Each connection takes a file descriptor; the usual soft limit of 1,024 is for old programs.
void allow_many_connections() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

void print_endpoints(const Core& core, const std::string& url) {
  if (!url.empty()) std::cout << "listening http " << url << '\n';
  for (const std::string& endpoint : core.ingest_endpoints()) {
    std::cout << "listening ingest " << endpoint << '\n';
  }
  if (const auto acked = core.acked_endpoint()) std::cout << "listening acked " << *acked << '\n';
  std::cout << "listening feed " << core.feed_endpoint() << '\n';
  if (const auto relay = core.relay_endpoint()) std::cout << "listening relay " << *relay << '\n';
}

void print_examples(const std::string& to, const std::string& url, bool curve) {
  constexpr const char* kHit =
      R"({"data_type":"add_hit","worker_id":"try","url":"http://example/","method":"GET",)"
      R"("status":200,"elapsed":0.012})";
  if (url.empty()) {
    std::cout << "try shell:  echo '" << kHit << "' | weir send --to " << to
              << (curve ? " --key CLIENT.key" : "") << '\n';
  } else {
    std::cout << "try curl:   curl -d '" << kHit << "' " << url << "/api/messages\n";
  }
  if (!curve) {
    std::cout
        << "try Python: python3 -c 'import zmq; s=zmq.Context().socket(zmq.PUSH); s.connect(\""
        << to << R"("); s.send_json({"data_type":"add_hit","worker_id":"try",)"
        << R"("url":"http://example/","method":"GET","status":200,"elapsed":0.012})')" << '\n'
        << "try Node:   node -e 'const s=new (require(\"zeromq\").Push)(); s.connect(\"" << to
        << R"("); s.send(JSON.stringify({data_type:"add_hit",worker_id:"try",)"
        << R"(url:"http://example/",method:"GET",status:200,elapsed:0.012}))')" << '\n';
  }
  if (!url.empty()) std::cout << "dashboard:  " << url << "/\n";
  std::cout << std::flush;
}

void close_lost_runs(store::RunWriter& writer, const Recovery& recovery) {
  log_event(LogLevel::info, "recovered",
            {{"runs", recovery.runs},
             {"records", recovery.records},
             {"messages", recovery.messages},
             {"records_lost", recovery.records_lost}});
  if (recovery.runs_lost.empty()) return;
  for (const std::int64_t run : recovery.runs_lost) {
    if (const auto dropped = writer.drop_state(run); !dropped) {
      throw std::runtime_error(dropped.error().detail);
    }
  }
  static_cast<void>(value_or_throw(writer.close_interrupted(utc_now())));
}

std::unique_ptr<HttpService> start_http(const Config& config, const http::ReportText& report_text,
                                        const Core& core, Inbox& inbox, SummaryBoard& board) {
  if (config.http.endpoint.empty()) return nullptr;
  return std::make_unique<HttpService>(
      config, report_text,
      http::Endpoints{core.ingest_endpoints(), core.feed_endpoint(), core.acked_endpoint(),
                      core.relay_endpoint()},
      inbox, board);
}

void remove_journal(Core& core) {
  if (const auto removed = core.remove_journal(); !removed) {
    log_event(LogLevel::warn, "journal_not_removed", {{"detail", removed.error().detail}});
  }
}

// Runs the core in its own thread until a signal or until it fails. What is asked over HTTP until
// then is answered.
void run_core(Core& core, HttpService* http, Inbox& inbox, const StopSignals& signals) {
  std::exception_ptr failure;
  Bell ended;
  std::thread thread([&] {
    try {
      core.run();
    } catch (...) {
      failure = std::current_exception();
    }
    ended.ring();
  });
  signals.wait(ended.fd());
  if (http != nullptr) http->stop_listening();
  core.stop();
  thread.join();
  inbox.give_up();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

int serve(const Config& config, const http::ReportText& report_text) {
  const StopSignals signals;
  (void)std::signal(SIGPIPE, SIG_IGN);
  start_log(config.log);
  allow_many_connections();
  // Only fault tests set it.
  const auto armed = store::arm_failpoints(std::getenv("WEIR_FAILPOINT"));
  if (!armed) throw std::runtime_error(armed.error().detail);

  ClaimedStore claimed = value_or_throw(claim_store(config.store));
  store::RunWriter& writer = claimed.writer;
  const Before before = value_or_throw(read_before(writer, config.limits));

  constexpr std::chrono::milliseconds kStorePatience{2'000};
  bool all_written = false;
  bool frames_left = false;
  {
    zmq::context_t context(1);
    const auto doorkeeper = make_doorkeeper(context, config);
    StoreUpkeep upkeep(writer, config.store);
    std::atomic<bool> recovered{false};  // until then this thread has the writer
    StoreWorker worker(write_with(writer), config.store.queue_rows, [&] {
      return recovered ? upkeep.step(utc_now(), StoreUpkeep::Clock::now()) : UpkeepStep{};
    });
    Inbox inbox(config.http.inbox_bytes);
    SummaryBoard board;
    Core core(config, context, *doorkeeper, worker, inbox, board, before);
    close_lost_runs(writer, core.recover(before.stored));
    recovered = true;
    const auto http = start_http(config, report_text, core, inbox, board);
    const std::string url = http == nullptr ? std::string{} : http->url();
    print_endpoints(core, url);
    print_examples(core.ingest_endpoints().front(), url, config.security.curve);
    log_event(LogLevel::info, "started", {{"db", config.store.db.string()}});
    run_core(core, http.get(), inbox, signals);
    all_written = worker.stop(kStorePatience) && !core.lost_rows();
    core.answer_rest();
    if (http != nullptr) http->stop();
    frames_left = core.left_frames();
    log_event(LogLevel::info, "stopped",
              {{"frames", core.counts().frames}, {"messages", core.counts().decoded}});
    if (all_written) remove_journal(core);
  }
  if (const auto checkpoint = writer.checkpoint(); !checkpoint) {
    log_event(LogLevel::warn, "checkpoint_failed", {{"detail", checkpoint.error().detail}});
  }
  if (!all_written) {
    log_event(LogLevel::error, "rows_not_written", {{"db", config.store.db.string()}});
  }
  if (frames_left) {
    log_event(LogLevel::error, "frames_left_out",
              {{"detail", "more had been received than could be taken in before the stop"}});
  }
  stop_log();
  return all_written && !frames_left ? 0 : 1;
}

}  // namespace weir::broker
