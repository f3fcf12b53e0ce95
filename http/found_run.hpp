#pragma once

#include <cstdint>

#include "http/services.hpp"
#include "store/run_reader.hpp"

namespace weir::http {

// The run that a request is about, with a reader of its file.
struct FoundRun {
  Readers::Lease reader;
  store::RunRow row;

  // What read(database) finds about it, all of one moment.
  template <class Read>
  auto look(Read&& read) {
    return reader->look(std::forward<Read>(read));
  }
};

// Errors: 404, 503.
tl::expected<FoundRun, HttpError> find_run(Readers& readers, const std::string& run);

// What an error of the results file is to the handler's caller; `field` is blamed for a 400.
tl::unexpected<HttpError> refused(const schema::Error& error, const std::string& field = {});

}  // namespace weir::http
