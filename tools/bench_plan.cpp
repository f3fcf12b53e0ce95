#include "tools/bench_plan.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace weir::tools {
namespace {

constexpr std::size_t kConnections = 4;
constexpr std::size_t kFlatSteps = 10;
constexpr std::uint64_t kFlatHits = 10'000'000;

struct FormEntry {
  BenchForm form;
  const char* name;
  std::size_t hits_per_frame;
  std::uint64_t hits;  // of a round, so that it lasts about two seconds
};

constexpr std::array kForms{
    FormEntry{BenchForm::single, "single", 1, 3'000'000},
    FormEntry{BenchForm::ndjson_10, "ndjson-10", 10, 4'000'000},
    FormEntry{BenchForm::ndjson_50, "ndjson-50", 50, 5'000'000},
    FormEntry{BenchForm::batch_50, "batch-50", 50, 6'000'000},
    FormEntry{BenchForm::acked_50, "acked-50", 50, 3'000'000},
};

const FormEntry& entry_of(BenchForm form) {
  return *std::ranges::find(kForms, form, &FormEntry::form);
}

constexpr double kShortestPaceSeconds = 0.1;

class Plan {
 public:
  explicit Plan(const BenchOptions& options) : options_(options) {
    for (const std::string& name : options.forms) forms_.push_back(bench_form(name).value());
  }

  std::vector<BenchCase> cases() {
    check();
    if (options_.flat) {
      add_flat();
    } else if (options_.rate_per_s > 0) {
      for (const BenchForm form : forms_or({BenchForm::single}))
        add_paced(form, options_.rate_per_s);
    } else if (options_.quick) {
      add_all(forms_or({BenchForm::single, BenchForm::ndjson_50, BenchForm::batch_50}));
    } else if (options_.forms.empty()) {
      add_default();
    } else {
      add_all(forms_);
    }
    return cases_;
  }

 private:
  std::vector<BenchForm> forms_or(const std::vector<BenchForm>& others) const {
    return forms_.empty() ? others : forms_;
  }

  std::vector<std::size_t> connections_or(const std::vector<std::size_t>& others) const {
    return options_.connections.empty() ? others : options_.connections;
  }

  void check() const {
    const bool paced = options_.rate_per_s > 0;
    if (options_.flat && paced) {
      throw std::invalid_argument("--flat is as fast as it goes: not with --rate");
    }
    if (options_.flat && (options_.rounds > 0 || options_.quick || forms_.size() > 1 ||
                          options_.connections.size() > 1)) {
      throw std::invalid_argument(
          "--flat is one run: one form, one number of connections, no --rounds and no --quick");
    }
    if (paced && (options_.hits > 0 || options_.quick)) {
      throw std::invalid_argument("--rate and --duration say what is sent: not --hits or --quick");
    }
    if (options_.duration_s < kShortestPaceSeconds) {
      throw std::invalid_argument("a --duration of less than 0.1 s is too short to be measured");
    }
  }

  BenchCase make(BenchForm form, std::size_t connections, std::uint64_t hits) const {
    const std::size_t workers = options_.workers > 0 ? options_.workers : connections;
    if (workers < connections) {
      throw std::invalid_argument("each connection needs a worker: --workers is " +
                                  std::to_string(workers) + " for " + std::to_string(connections) +
                                  " connections");
    }
    if (form == BenchForm::acked_50 && workers != connections) {
      throw std::invalid_argument("in acked-50 each connection is one worker: not with --workers");
    }
    const std::size_t rounds = options_.rounds > 0 ? options_.rounds : (options_.quick ? 3 : 5);
    const std::uint64_t each = hits_per_frame(form);
    return {.form = form,
            .connections = connections,
            .workers = workers,
            .rounds = rounds,
            .frames = std::max<std::uint64_t>(1, (hits + each - 1) / each)};
  }

  void add_all(const std::vector<BenchForm>& forms) {
    for (const BenchForm form : forms) {
      for (const std::size_t connections : connections_or({kConnections})) add(form, connections);
    }
  }

  void add(BenchForm form, std::size_t connections) {
    const std::uint64_t usual = entry_of(form).hits / (options_.quick ? 3 : 1);
    cases_.push_back(make(form, connections, options_.hits > 0 ? options_.hits : usual));
  }

  void add_default() {
    for (const std::size_t connections : connections_or({1, 4, 16})) {
      add(BenchForm::single, connections);
    }
    add_all({BenchForm::ndjson_10, BenchForm::ndjson_50, BenchForm::batch_50, BenchForm::acked_50});
    add_paced(BenchForm::single, 200'000);
    add_paced(BenchForm::batch_50, 1'000'000);
  }

  void add_paced(BenchForm form, std::uint64_t rate_per_s) {
    if (form == BenchForm::acked_50) {
      throw std::invalid_argument("acknowledged batches keep their own pace: no --rate for them");
    }
    for (const std::size_t connections : connections_or({kConnections})) {
      const double hits = static_cast<double>(rate_per_s) * options_.duration_s;
      BenchCase paced = make(form, connections, static_cast<std::uint64_t>(std::llround(hits)));
      paced.rate_per_s = rate_per_s;
      paced.rounds = options_.rounds > 0 ? options_.rounds : 1;
      cases_.push_back(paced);
    }
  }

  void add_flat() {
    const BenchForm form = forms_or({BenchForm::single}).front();
    if (form == BenchForm::acked_50) {
      throw std::invalid_argument("--flat takes single, NDJSON or batch");
    }
    BenchCase flat = make(form, connections_or({kConnections}).front(),
                          options_.hits > 0 ? options_.hits : kFlatHits);
    flat.rounds = 1;
    flat.frames = std::max<std::uint64_t>(flat.frames, kFlatSteps);
    flat.steps = kFlatSteps;
    flat.beside_bare = false;
    cases_.push_back(flat);
  }

  const BenchOptions& options_;
  std::vector<BenchForm> forms_;
  std::vector<BenchCase> cases_;
};

}  // namespace

std::string_view to_string(BenchForm form) { return entry_of(form).name; }

std::optional<BenchForm> bench_form(std::string_view name) {
  for (const FormEntry& entry : kForms) {
    if (name == entry.name) return entry.form;
  }
  return std::nullopt;
}

const std::vector<std::string>& bench_form_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    all.reserve(kForms.size());
    for (const FormEntry& entry : kForms) all.emplace_back(entry.name);
    return all;
  }();
  return names;
}

std::size_t hits_per_frame(BenchForm form) { return entry_of(form).hits_per_frame; }

std::vector<BenchCase> bench_cases(const BenchOptions& options) { return Plan{options}.cases(); }

}  // namespace weir::tools
