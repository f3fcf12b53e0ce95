// A small fixed workload for tools/dev/instructions, which counts the instructions of
// weir_measured(): weir_instructions PATH. Without a path it lists them, with the messages of each.
#include <array>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "aggregator/run.hpp"
#include "schema/loads_decode.hpp"
#include "tests/support/bench_workload.hpp"

namespace weir::test {
namespace {

using tools::BenchForm;

constexpr std::size_t kMessages = 5'000;

struct Path {
  const char* name;
  BenchForm form;
  bool apply;
};

// In the forms whose messages have numbers, no message is applied twice.
constexpr std::array kPaths{
    Path{"decode-single", BenchForm::single, false},
    Path{"decode-ndjson-50", BenchForm::ndjson_50, false},
    Path{"decode-batch-50", BenchForm::batch_50, false},
    Path{"apply-single", BenchForm::single, true},
    Path{"apply-ndjson-50", BenchForm::ndjson_50, true},
    Path{"apply-batch-50", BenchForm::batch_50, true},
};

}  // namespace

struct Measured {
  schema::LoadsDecoder& decoder;
  BenchVisitor& visitor;
  const std::string* frame;
  std::size_t frames;
};

}  // namespace weir::test

// By a name that valgrind can be told.
extern "C" __attribute__((noinline)) void weir_measured(weir::test::Measured& measured) {
  for (std::size_t i = 0; i < measured.frames; ++i) {
    measured.decoder.decode(measured.frame[i], measured.visitor);
  }
}

namespace weir::test {
namespace {

// The first half makes buffers and labels; the second is what counts.
int run(const Path& path) {
  const std::vector<std::string> frames = bench_frames(path.form, 2 * kMessages);
  aggregator::RunRegistry into{{}, 1};
  BenchVisitor visitor{path.apply ? &into : nullptr};
  schema::LoadsDecoder decoder;
  const std::size_t half = frames.size() / 2;
  for (std::size_t i = 0; i < half; ++i) decoder.decode(frames[i], visitor);
  Measured measured{decoder, visitor, &frames[half], half};
  weir_measured(measured);
  const bool good = visitor.messages() == 2 * kMessages && visitor.rejections() == 0;
  if (!good) std::cerr << "weir_instructions: not every message was decoded\n";
  return good ? 0 : 1;
}

int main_of(const std::vector<std::string_view>& arguments) {
  for (const Path& path : kPaths) {
    if (arguments.empty()) std::cout << path.name << ' ' << kMessages << '\n';
    if (arguments == std::vector<std::string_view>{path.name}) return run(path);
  }
  return arguments.empty() ? 0 : 2;
}

}  // namespace
}  // namespace weir::test

int main(int argc, char** argv) { return weir::test::main_of({argv + 1, argv + argc}); }
