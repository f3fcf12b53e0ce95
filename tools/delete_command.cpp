#include <chrono>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include <unistd.h>

#include "store/lock.hpp"
#include "store/run_deletion.hpp"
#include "store/stored_state.hpp"
#include "tools/command.hpp"
#include "tools/progress_line.hpp"
#include "tools/store_options.hpp"
#include "tools/terminal_text.hpp"

namespace weir::tools {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string run;
  std::string db;
  bool yes = false;
  bool force = false;
};

// The right to write the file if no broker has it: then no broker starts meanwhile.
std::optional<store::StoreLock> lock_if_free(const std::string& db) {
  auto lock = store::StoreLock::acquire(db);
  if (lock) return std::move(*lock);
  if (lock.error().code == schema::ErrorCode::locked) return std::nullopt;
  throw std::runtime_error(lock.error().detail);
}

bool confirmed(const store::RunRow& row) {
  if (isatty(STDIN_FILENO) != 1) {
    throw std::runtime_error("give --yes to delete without being asked");
  }
  std::cerr << "Delete run " << row.run << " (" << printable(row.run_id) << ", "
            << row.response.count << " hits)? [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

store::RunRow row_of(store::RunReader& reader, std::int64_t run) {
  store::RunFilter filter;
  filter.limit = 1;
  filter.before = run + 1;
  const auto rows = value_of(reader.runs(filter));
  if (rows.empty() || rows.front().run != run) {
    throw std::runtime_error("run " + std::to_string(run) + " is gone");
  }
  return rows.front();
}

// Between two steps a broker gets its turn: as long a pause as the step took.
std::uint64_t delete_rows(store::RunDeletion deletion) {
  ProgressLine progress(false);
  std::uint64_t rows = 0;
  for (;;) {
    const Clock::time_point begin = Clock::now();
    const auto now =
        std::chrono::time_point_cast<schema::Elapsed>(std::chrono::system_clock::now());
    const auto step = value_of(deletion.step(now));
    rows += step.rows;
    if (step.done) return rows;
    if (progress.due()) progress.show(std::to_string(rows) + " rows deleted");
    std::this_thread::sleep_for(Clock::now() - begin);
  }
}

int delete_run(const Options& options) {
  store::RunRow row;
  {
    store::RunReader reader = open_store(options.db);
    row = row_of(reader, value_of(reader.find(options.run)));
  }
  if (!options.yes && !confirmed(row)) {
    std::cerr << "weir: delete: nothing was deleted\n";
    return kFailed;
  }
  const auto lock = lock_if_free(options.db);
  store::Database database =
      value_of(store::open_to_delete(options.db, store::RunReader::kBusyTimeout));
  store::RunDeletion::Allowance allowance{.baseline = options.force};
  // After a crash the journal may have more of a run, and would bring that part of it back.
  allowance.unforgotten =
      lock.has_value() && value_of(database.integer("SELECT stopped FROM checkpoint")) == 1;
  const std::uint64_t rows = delete_rows(value_of(
      store::RunDeletion::begin(database, row.run, store::DeletionReason::asked, allowance)));
  std::cout << "deleted run " << row.run << " (" << printable(row.run_id) << "): " << rows
            << " rows\n";
  return kOk;
}

}  // namespace

Run add_delete(CLI::App& command) {
  auto options = std::make_shared<Options>();
  command.add_option("RUN", options->run, "run_id, number, or last")->required()->type_name("");
  add_db_option(command, options->db);
  command.add_flag("--yes", options->yes, "do not ask");
  command.add_flag("--force", options->force, "delete it even if it is a baseline");
  command.footer(
      "Deletes a run and all that belongs to it, also while a broker writes the file. Asks before\n"
      "it does, on a terminal. A run that goes on, or ended less than run.late_grace_s ago, is\n"
      "refused while a broker runs. The file does not become smaller: later runs fill the space.\n"
      "Example:\n  weir delete nightly-2026-11-21\n  weir delete 17 --db results/weir.db --yes");
  return [options] { return delete_run(*options); };
}

}  // namespace weir::tools
