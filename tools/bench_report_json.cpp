#include "tools/bench_report_json.hpp"

#include <nlohmann/json.hpp>

namespace weir::tools {
namespace {

using Json = nlohmann::ordered_json;

Json spread_json(const Spread& spread) {
  return {{"median", spread.median}, {"min", spread.min}, {"max", spread.max}};
}

Json measure_json(const BenchMeasure& round) {
  Json json{{"frames", round.frames},
            {"hits", round.hits},
            {"failed", round.failed},
            {"sent_bytes", round.bytes},
            {"elapsed_s", round.elapsed_s},
            {"hits_per_s", round.hits_per_s()},
            {"frames_per_s", round.frames_per_s()},
            {"receiver_cpu_ns", round.receiver_cpu_ns},
            {"receiver_cpu_per_hit_ns", round.receiver_ns_per_hit()},
            {"receiver_cores", round.receiver_cores()},
            {"sender_cpu_ns", round.sender_cpu_ns},
            {"sender_cpu_per_hit_ns", round.sender_ns_per_hit()},
            {"sender_elapsed_s", round.sender_elapsed_s},
            {"memory_bytes", round.memory_bytes},
            {"peak_memory_bytes", round.peak_memory_bytes}};
  if (round.longest_pause_us) json["longest_pause_us"] = *round.longest_pause_us;
  return json;
}

Json receiver_json(const BenchCase& of, const std::vector<BenchMeasure>& rounds) {
  Json json{
      {"hits_per_s", spread_json(spread_of(rounds, &BenchMeasure::hits_per_s))},
      {"frames_per_s", spread_json(spread_of(rounds, &BenchMeasure::frames_per_s))},
      {"receiver_cpu_per_hit_ns",
       spread_json(spread_of(rounds, &BenchMeasure::receiver_ns_per_hit))},
      {"receiver_cores", spread_json(spread_of(rounds, &BenchMeasure::receiver_cores))},
      {"sender_cpu_per_hit_ns", spread_json(spread_of(rounds, &BenchMeasure::sender_ns_per_hit))}};
  if (of.rate_per_s > 0) json["pace_kept"] = pace_kept(of, rounds);
  json["rounds"] = Json::array();
  for (const BenchMeasure& round : rounds) json["rounds"].push_back(measure_json(round));
  return json;
}

Json case_json(const BenchResult& result) {
  const BenchCase& of = result.of;
  Json json{{"form", std::string{to_string(of.form)}},
            {"hits_per_frame", hits_per_frame(of.form)},
            {"connections", of.connections},
            {"workers", of.workers},
            {"rate_per_s", of.rate_per_s > 0 ? Json(of.rate_per_s) : Json(nullptr)},
            {"steps_of_one_run", of.steps > 1}};
  if (of.beside_bare) {
    json["ratio"] = spread_json(ratio_spread(result));
    json["bare"] = receiver_json(of, result.bare);
  }
  json["weir"] = receiver_json(of, result.weir);
  return json;
}

}  // namespace

std::string bench_to_json(const BenchMachine& machine, const BenchOptions& options,
                          const std::vector<BenchResult>& results) {
  Json json{{"machine",
             {{"cores", machine.cores},
              {"cpu", machine.cpu},
              {"kernel", machine.kernel},
              {"folder", machine.folder},
              {"folder_in_memory", machine.folder_in_memory}}},
            {"weir_version", machine.weir},
            {"libzmq_version", machine.libzmq},
            {"build", machine.build},
            {"optimised", machine.build == "optimised"},
            {"labels", options.labels},
            {"tick_ms", options.tick_ms},
            {"subscribers", options.subscribers},
            {"stalled_subscribers", options.stalled_subscribers}};
  json["cases"] = Json::array();
  for (const BenchResult& result : results) json["cases"].push_back(case_json(result));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace weir::tools
