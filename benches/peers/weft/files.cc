// Rows about files: many small ones at once, a large one in chunks.

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <benches/peers/support/files.h>
#include <benches/peers/weft/support.h>
#include <benches/support/require.h>

namespace {

using bench::require;
using peers::Figure;
using peers::Laps;
using peers::Row;
using peers::Run;

weft::Task<> read_one(std::string path) {
  const auto content = co_await weft::fs::read(path);
  require(content && content->size() == peers::kSmallFileSize, "read");
}

weft::Task<> read_all(Laps& laps) {
  const peers::SmallFiles files;
  std::vector<std::string> paths;
  for (int i = 0; i < peers::kSmallFiles; ++i) paths.push_back(files.path(i));
  while (laps.next()) {
    std::vector<weft::JoinHandle<void>> handles;
    handles.reserve(paths.size());
    for (const std::string& path : paths) handles.push_back(weft::spawn(read_one(path)));
    co_await peers::join_all(std::move(handles));
  }
}

Figure read_small(Run& run) { return peers::in_task(run, peers::kSmallFiles, read_all); }
const Row kReadSmall("fs_read_small", read_small);
const Row kReadSmallCpu("fs_read_small_cpu", [](Run& run) { return Figure{read_small(run).cpu}; });

weft::Task<> write_large(Laps& laps) {
  const peers::LargeFile large;
  const std::vector<std::byte> chunk(peers::kChunk, std::byte{'x'});
  while (laps.next()) {
    auto file = (co_await weft::fs::File::create(large.path())).value();
    for (int i = 0; i < peers::kChunks; ++i) {
      const auto written = co_await file.write_all(std::span<const std::byte>(chunk));
      require(written.has_value(), "write");
    }
    const auto flushed = co_await file.flush();
    require(flushed.has_value(), "flush");
  }
}
const Row kWrite("fs_write_1g", [](Run& run) { return peers::in_task(run, 1, write_large); });

weft::Task<> read_large(Laps& laps) {
  const peers::LargeFile large;
  large.fill();
  std::vector<std::byte> chunk(peers::kChunk);
  while (laps.next()) {
    auto file = (co_await weft::fs::File::open(large.path())).value();
    std::size_t count = 1;
    while (count != 0) count = (co_await file.read(std::span(chunk))).value();
  }
}
const Row kRead("fs_read_1g", [](Run& run) { return peers::in_task(run, 1, read_large); });

}  // namespace
