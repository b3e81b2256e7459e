// The least that files can cost: the system calls, one after the other.

#include <array>
#include <fcntl.h>
#include <string>
#include <unistd.h>

#include <benches/peers/support/files.h>
#include <benches/peers/support/row.h>
#include <benches/support/require.h>

namespace {

using bench::require;
using peers::Figure;
using peers::Row;
using peers::Run;

std::array<char, peers::kChunk> chunk;

Figure read_small(Run& run) {
  const peers::SmallFiles files;
  while (run.laps.next()) {
    for (int i = 0; i < peers::kSmallFiles; ++i) {
      const int fd = ::open(files.path(i).c_str(), O_RDONLY | O_CLOEXEC);
      // SAFETY(syscall): a chunk is larger than a small file.
      require(::read(fd, chunk.data(), chunk.size()) == peers::kSmallFileSize, "read");
      ::close(fd);
    }
  }
  return run.laps.per_operation(peers::kSmallFiles);
}
const Row kReadSmall("fs_read_small", read_small);
const Row kReadSmallCpu("fs_read_small_cpu", [](Run& run) { return Figure{read_small(run).cpu}; });

const Row kWrite("fs_write_1g", [](Run& run) {
  const peers::LargeFile file;
  while (run.laps.next()) {
    const int fd = ::open(file.path().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    for (int i = 0; i < peers::kChunks; ++i) {
      // SAFETY(syscall): the whole chunk, which is ours.
      require(::write(fd, chunk.data(), chunk.size()) == peers::kChunk, "write");
    }
    ::close(fd);
  }
  return run.laps.per_operation(1);
});

const Row kRead("fs_read_1g", [](Run& run) {
  const peers::LargeFile file;
  file.fill();
  while (run.laps.next()) {
    const int fd = ::open(file.path().c_str(), O_RDONLY | O_CLOEXEC);
    // SAFETY(syscall): room for a chunk.
    while (::read(fd, chunk.data(), chunk.size()) > 0) {
    }
    ::close(fd);
  }
  return run.laps.per_operation(1);
});

}  // namespace
