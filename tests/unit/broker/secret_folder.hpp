#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <stdlib.h>
#include <sys/stat.h>

// A folder of its own for a test, gone at the end.
struct SecretFolder {
  std::filesystem::path path;

  SecretFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-secret-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~SecretFolder() { std::filesystem::remove_all(path); }
  SecretFolder(const SecretFolder&) = delete;
  SecretFolder& operator=(const SecretFolder&) = delete;

  std::filesystem::path write(const std::string& name, const std::string& text,
                              mode_t mode = 0600) const {
    std::ofstream{path / name} << text;
    ::chmod((path / name).c_str(), mode);
    return path / name;
  }
  std::string text_of(const std::string& name) const {
    std::ifstream file{path / name};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
  mode_t mode_of(const std::string& name) const {
    struct stat found {};
    return ::stat((path / name).c_str(), &found) == 0 ? found.st_mode & 07777U : 0;
  }
};
