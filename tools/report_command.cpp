#include <memory>
#include <string>

#include <unistd.h>

#include "store/run_reader.hpp"
#include "tools/command.hpp"
#include "tools/report_text.hpp"
#include "tools/run_json.hpp"
#include "tools/store_options.hpp"

namespace weir::tools {
namespace {

struct Options {
  std::string run;
  std::string db;
  std::string format;
};

int print_report(const Options& options) {
  store::RunReader reader = open_store(options.db);
  const store::RunReport report = value_of(reader.report(value_of(reader.find(options.run))));
  if (options.format == "json") {
    print(report_to_json(report) + "\n");
  } else {
    const TextForm form = text_form(STDOUT_FILENO);
    print(to_text(report_text(report, form), form.colour));
  }
  return report.summary.hits.count == 0 ? kNoData : kOk;
}

}  // namespace

Run add_report(CLI::App& command) {
  auto options = std::make_shared<Options>();
  command.add_option("RUN", options->run, "run_id, number, or last")->required()->type_name("");
  add_db_option(command, options->db);
  add_format_option(command, options->format);
  command.footer(
      "Reads the results file, while a broker writes it or after. Exit code 98: the run has no "
      "hits.\n"
      "Example:\n  weir report last\n  weir report checkout-7 --format json | jq .response_ms");
  return [options] { return print_report(*options); };
}

}  // namespace weir::tools
