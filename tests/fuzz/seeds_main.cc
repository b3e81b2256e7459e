// Runs a fuzz target on its seeds, without a fuzzer: weft_seeds_<name> <directory>...
//
// Each file is one input. It is run whole, and cut to every shorter length (of long ones to some):
// most of what is wrong in a parser is at an end. The copies have exactly their size and are on the
// heap, so that a build with AddressSanitizer sees every access beyond. Ends with status 1 if there
// is no seed, so that a corpus that went missing is noticed.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

// Of longer seeds this many prefixes are run, evenly spread.
constexpr std::size_t kPrefixes = 512;

std::vector<std::uint8_t> contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void run(std::span<const std::uint8_t> input) {
  const auto copy = std::make_unique<std::uint8_t[]>(input.size());
  std::copy(input.begin(), input.end(), copy.get());
  LLVMFuzzerTestOneInput(copy.get(), input.size());
}

std::size_t run_with_prefixes(const std::filesystem::path& path) {
  const std::vector<std::uint8_t> seed = contents(path);
  const std::size_t step = seed.size() / kPrefixes + 1;
  std::size_t inputs = 0;
  for (std::size_t size = 0; size < seed.size(); size += step) {
    run(std::span(seed).first(size));
    ++inputs;
  }
  run(seed);
  return inputs + 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t seeds = 0;
  std::size_t inputs = 0;
  for (int i = 1; i < argc; ++i) {
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(argv[i], failed)) {
      inputs += run_with_prefixes(entry.path());
      ++seeds;
    }
  }
  std::printf("%zu seeds, %zu inputs\n", seeds, inputs);
  return seeds == 0 ? 1 : 0;
}
