// What do files cost beyond the system calls? Reading 10,000 small files, each in a task of its
// own; reading and writing 1 GiB in order, in chunks of several sizes. Each on both back ends
// (WEFT_IO_URING), beside the plain calls.
//
// Peers: tokio 1.53 (8.7 us a small file, 28.9 us of processor time; 806 ms and 781 ms for writing
// and reading 1 GiB in chunks of 64 KiB), read(2) and write(2) (4.8 us; 119 ms and 176 ms).

#include <sys/resource.h>

#include <benches/peers/support/files.h>
#include <cstddef>
#include <cstdlib>
#include <fcntl.h>
#include <span>
#include <unistd.h>
#include <vector>

#include <benches/support/bench.h>
#include <benches/support/require.h>

namespace {

using bench::require;

constexpr std::size_t kTotal = std::size_t{1} << 30;

// The back end that the runtime of the next line takes.
weft::runtime::Runtime make_runtime(std::int64_t uses_ring) {
  ::setenv("WEFT_IO_URING", uses_ring != 0 ? "1" : "0", 1);
  auto rt = bench::make_runtime();
  bench::run(rt, []() -> weft::Task<> {
    static_cast<void>(weft::fs::back_end());
    co_return;
  }());
  return rt;
}

double processor_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

weft::Task<> read_file(const std::string& path, bench::Countdown& end) {
  const auto content = co_await weft::fs::read(path);
  require(content && content->size() == peers::kSmallFileSize, "read");
  end.arrive();
}

weft::Task<> read_small(const std::vector<std::string>& paths) {
  bench::Countdown end(paths.size());
  for (const std::string& path : paths) weft::spawn(read_file(path, end));
  co_await end.wait();
}

void BM_fs_read_small(benchmark::State& state) {
  const auto rt = make_runtime(state.range(0));
  const peers::SmallFiles files;
  std::vector<std::string> paths;
  for (int i = 0; i < peers::kSmallFiles; ++i) paths.push_back(files.path(i));
  const double before = processor_seconds();
  for (auto _ : state) bench::run(rt, read_small(paths));
  state.counters["cpu_us"] = 1e6 * (processor_seconds() - before) /
                             static_cast<double>(state.iterations()) / peers::kSmallFiles;
  bench::report_per_operation(state, peers::kSmallFiles);
}
WEFT_BENCH(BM_fs_read_small)->ArgName("ring")->Arg(0)->Arg(1);

weft::Task<> read_large(std::string path, std::size_t chunk_size) {
  auto file = (co_await weft::fs::File::open(path)).value();
  std::vector<std::byte> chunk(chunk_size);
  std::size_t total = 0;
  for (;;) {
    const std::size_t count = (co_await file.read(std::span(chunk))).value();
    if (count == 0) break;
    total += count;
  }
  require(total == kTotal, "read");
}

weft::Task<> write_large(std::string path, std::size_t chunk_size) {
  auto file = (co_await weft::fs::File::create(path)).value();
  const std::vector<std::byte> chunk(chunk_size);
  for (std::size_t done = 0; done < kTotal; done += chunk_size) {
    require(bool(co_await file.write_all(std::span<const std::byte>(chunk))), "write");
  }
  require(bool(co_await file.flush()), "flush");
}

void BM_fs_read_1g(benchmark::State& state) {
  const auto rt = make_runtime(state.range(0));
  const peers::LargeFile file;
  file.fill();
  for (auto _ : state) {
    bench::run(rt, read_large(file.path(), static_cast<std::size_t>(state.range(1))));
  }
}

void BM_fs_write_1g(benchmark::State& state) {
  const auto rt = make_runtime(state.range(0));
  const peers::LargeFile file;
  for (auto _ : state) {
    bench::run(rt, write_large(file.path(), static_cast<std::size_t>(state.range(1))));
  }
}

constexpr std::int64_t kSizes[] = {4096, 65536, 1 << 20};

void on_both(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"ring", "chunk"});
  for (const std::int64_t size : kSizes) bench->Args({0, size})->Args({1, size});
}
WEFT_BENCH(BM_fs_read_1g)->Apply(on_both)->Unit(benchmark::kMillisecond);
WEFT_BENCH(BM_fs_write_1g)->Apply(on_both)->Unit(benchmark::kMillisecond);

void BM_plain_read_1g(benchmark::State& state) {
  const peers::LargeFile file;
  file.fill();
  std::vector<std::byte> chunk(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    const int fd = ::open(file.path().c_str(), O_RDONLY | O_CLOEXEC);
    // SAFETY(syscall): room for a chunk.
    while (::read(fd, chunk.data(), chunk.size()) > 0) {
    }
    ::close(fd);
  }
}

void BM_plain_write_1g(benchmark::State& state) {
  const peers::LargeFile file;
  const std::vector<std::byte> chunk(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    const int fd = ::open(file.path().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    for (std::size_t done = 0; done < kTotal; done += chunk.size()) {
      // SAFETY(syscall): the whole chunk, which is ours.
      require(::write(fd, chunk.data(), chunk.size()) > 0, "write");
    }
    ::close(fd);
  }
}

void in_chunks(benchmark::internal::Benchmark* bench) {
  bench->ArgName("chunk");
  for (const std::int64_t size : kSizes) bench->Arg(size);
}
WEFT_BENCH(BM_plain_read_1g)->Apply(in_chunks)->Unit(benchmark::kMillisecond);
WEFT_BENCH(BM_plain_write_1g)->Apply(in_chunks)->Unit(benchmark::kMillisecond);

}  // namespace
