#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

#include "store/run_reader.hpp"

namespace weir::tools {

// What the commands that read the results store share.

// Adds `--db F`, by default the file that `weir serve` writes.
void add_db_option(CLI::App& command, std::string& db);

// Adds `--format text|json`, by default text.
void add_format_option(CLI::App& command, std::string& format);

// Throws std::runtime_error if the file cannot be read.
store::RunReader open_store(const std::string& db);

// The value of a result; throws std::runtime_error with its detail if there is none.
template <class T>
T value_of(schema::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  return std::move(*result);
}

// Writes to stdout. A reader that has gone away is no error; throws std::runtime_error on others,
// such as a full disk.
void print(std::string_view text);

// The same for JSON; what a terminal may obey is escaped if stdout is one.
void print_json(std::string_view json);

}  // namespace weir::tools
