#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "http/request.hpp"
#include "store/run_reader.hpp"

namespace weir::http {

// Open readers of the results file, one for each thread that asks at the same time. Any thread.
class Readers {
 public:
  explicit Readers(std::filesystem::path db) : db_(std::move(db)) {}

  // A reader of one's own until it goes.
  class Lease {
   public:
    Lease(Readers& from, std::unique_ptr<store::RunReader> reader)
        : from_(&from), reader_(std::move(reader)) {}
    ~Lease() {
      if (reader_ != nullptr) from_->give_back(std::move(reader_));
    }
    Lease(Lease&&) noexcept = default;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Lease& operator=(Lease&&) = delete;
    store::RunReader* operator->() const { return reader_.get(); }
    store::RunReader& operator*() const { return *reader_; }

   private:
    Readers* from_;
    std::unique_ptr<store::RunReader> reader_;
  };

  // Errors: 503 (the file cannot be read).
  tl::expected<Lease, HttpError> take();

 private:
  void give_back(std::unique_ptr<store::RunReader> reader);

  std::filesystem::path db_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<store::RunReader>> free_;
};

// What an error of the results file is to who asked over HTTP.
HttpError http_error(const schema::Error& error);

}  // namespace weir::http
