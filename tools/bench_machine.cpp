#include "tools/bench_machine.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <linux/magic.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

#include "tools/bench_push_socket.hpp"

namespace weir::tools {
namespace {

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::string kernel_text() {
  utsname name{};
  if (uname(&name) != 0) return "unknown";
  return std::string{&name.sysname[0]} + " " + &name.release[0];
}

std::string build_text() {
#if defined(__SANITIZE_ADDRESS__)
  return "with AddressSanitizer";
#elif defined(__SANITIZE_THREAD__)
  return "with ThreadSanitizer";
#elif defined(__OPTIMIZE__)
  return "optimised";
#else
  return "not optimised";
#endif
}

}  // namespace

std::filesystem::path bench_folders() {
  std::error_code no_folder;
  std::filesystem::path folder = std::filesystem::temp_directory_path(no_folder);
  if (no_folder) throw std::runtime_error("TMPDIR is no folder: " + no_folder.message());
  return folder;
}

BenchMachine this_machine() {
  BenchMachine machine;
  machine.cores = std::thread::hardware_concurrency();
  machine.cpu = cpu_model();
  machine.kernel = kernel_text();
  machine.libzmq = libzmq_version();
  machine.weir = WEIR_VERSION;
  machine.build = build_text();
  machine.folder = bench_folders().string();
  struct statfs filesystem {};
  machine.folder_in_memory = statfs(machine.folder.c_str(), &filesystem) == 0 &&
                             (filesystem.f_type == TMPFS_MAGIC || filesystem.f_type == RAMFS_MAGIC);
  return machine;
}

}  // namespace weir::tools
