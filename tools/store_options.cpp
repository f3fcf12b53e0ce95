#include "tools/store_options.hpp"

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <system_error>

#include <unistd.h>

#include "store/config.hpp"
#include "tools/terminal_text.hpp"

namespace weir::tools {

void add_db_option(CLI::App& command, std::string& db) {
  db = store::StoreConfig{}.db.string();
  command.add_option("--db", db, "the results file")->capture_default_str()->type_name("F");
}

void add_format_option(CLI::App& command, std::string& format) {
  format = "text";
  command.add_option("--format", format, "text or json")
      ->capture_default_str()
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"text", "json"}));
}

store::RunReader open_store(const std::string& db) {
  std::error_code unknown;  // is for open() to tell
  if (std::filesystem::is_directory(db, unknown)) {
    throw std::runtime_error(db + ": is a folder, not a results file");
  }
  schema::Result<store::RunReader> reader = store::RunReader::open(db);
  if (!reader) throw std::runtime_error(reader.error().detail);
  return std::move(*reader);
}

void print(std::string_view text) {
  (void)std::signal(SIGPIPE, SIG_IGN);
  while (!text.empty()) {
    const ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      return;
    } else if (errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "output");
    }
  }
}

void print_json(std::string_view json) {
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  print(terminal ? escape_json(json) + "\n" : std::string{json} + "\n");
}

}  // namespace weir::tools
