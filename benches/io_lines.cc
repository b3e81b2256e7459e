// How many lines a second does Lines give out of memory, beside std::getline and a loop of memchr?
//
// Peer: std::getline over a std::istringstream; the loop is the floor.

#include <cstddef>
#include <cstring>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include <benches/support/bench.h>
#include <weft/io/io.h>

namespace {

constexpr int kLines = 100'000;

const std::string& content() {
  static const std::string all = [] {
    std::string made;
    for (int i = 0; i < kLines; ++i) made += "a line of an ordinary length, number so and so\n";
    return made;
  }();
  return all;
}

// Bytes in memory, as a reader.
class Memory {
 public:
  weft::Poll<weft::Result<void>> poll_read(weft::Context&, weft::io::ReadBuf& buf) {
    const std::size_t size = std::min(rest_.size(), buf.remaining());
    buf.put_slice(std::as_bytes(std::span(rest_.substr(0, size))));
    rest_.remove_prefix(size);
    return weft::Result<void>();
  }

 private:
  std::string_view rest_ = content();
};

weft::Task<> read_lines() {
  auto lines = weft::io::BufReader(Memory()).lines();
  std::size_t total = 0;
  for (;;) {
    auto line = co_await lines.next_line();
    if (!line || !*line) break;
    total += (*line)->size();
  }
  benchmark::DoNotOptimize(total);
}

weft::Task<> read_into_one_string() {
  weft::io::BufReader reader{Memory()};
  std::string line;
  std::size_t total = 0;
  for (;;) {
    line.clear();
    const auto read = co_await reader.read_line(line);
    if (!read || *read == 0) break;
    total += line.size();
  }
  benchmark::DoNotOptimize(total);
}

void BM_lines(benchmark::State& state) {
  const auto rt = bench::make_runtime(1);
  for (auto _ : state) bench::run(rt, read_lines());
  bench::report_per_operation(state, kLines);
}
WEFT_BENCH(BM_lines);

void BM_read_line(benchmark::State& state) {
  const auto rt = bench::make_runtime(1);
  for (auto _ : state) bench::run(rt, read_into_one_string());
  bench::report_per_operation(state, kLines);
}
WEFT_BENCH(BM_read_line);

void BM_getline(benchmark::State& state) {
  for (auto _ : state) {
    std::istringstream in(content());
    std::string line;
    std::size_t total = 0;
    while (std::getline(in, line)) total += line.size();
    benchmark::DoNotOptimize(total);
  }
  bench::report_per_operation(state, kLines);
}
WEFT_BENCH(BM_getline);

void BM_memchr(benchmark::State& state) {
  for (auto _ : state) {
    std::string_view rest = content();
    std::size_t total = 0;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      std::string line(rest.substr(0, end));
      total += line.size();
      rest.remove_prefix(end + 1);
    }
    benchmark::DoNotOptimize(total);
  }
  bench::report_per_operation(state, kLines);
}
WEFT_BENCH(BM_memchr);

}  // namespace
