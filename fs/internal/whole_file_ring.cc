// Whole files by the ring. Interface: whole_file.h.

#include <algorithm>
#include <fcntl.h>
#include <utility>

#include <weft/fs/internal/open_file.h>
#include <weft/fs/internal/path_operations.h>
#include <weft/fs/internal/whole_file.h>

namespace weft::fs::internal {
namespace {

constexpr std::size_t kLeastRoom = 256;

// False: there is no room for as much.
bool grow(Bytes& bytes, std::uint64_t size) noexcept {
  try {
    bytes.resize(static_cast<std::size_t>(size));
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace

Task<Result<Bytes>> read_whole_by_ring(std::filesystem::path path, Where where) {
  Result<OwnedFd> fd = co_await open(std::move(path), O_RDONLY | O_CLOEXEC, 0, where);
  if (!fd) co_return Err(fd.error());
  const RefPtr<OpenFile> file = OpenFile::create(*std::move(fd));
  // Only a hint: files of /proc have no size, and others may be growing. One byte more, so that the
  // read that finds the end needs no more room.
  const Result<Metadata> facts = co_await stat(file, "fs::read", where);
  std::size_t size = 0;
  Result<Transfer> read = Transfer();
  if (!grow(read->bytes, facts ? facts->size() + 1 : kLeastRoom)) {
    co_return Err(std::errc::not_enough_memory);
  }
  for (;;) {
    read = co_await read_at(file, std::move(read->bytes), size, size, "fs::read", where);
    if (!read) co_return Err(read.error());
    size += read->count;
    if (read->count == 0) break;
    if (size == read->bytes.size() && !grow(read->bytes, 2 * size + kLeastRoom)) {
      co_return Err(std::errc::not_enough_memory);
    }
  }
  read->bytes.resize(size);
  co_return std::move(read->bytes);
}

Task<Result<void>> write_whole_by_ring(std::filesystem::path path, Bytes data, Where where) {
  Result<OwnedFd> fd =
      co_await open(std::move(path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666, where);
  if (!fd) co_return Err(fd.error());
  const RefPtr<OpenFile> file = OpenFile::create(*std::move(fd));
  std::size_t size = 0;
  while (size < data.size()) {
    Result<Transfer> written =
        co_await write_at(file, std::move(data), size, size, "fs::write", where);
    if (!written) co_return Err(written.error());
    if (written->count == 0) co_return Err(Errc::write_zero);
    size += written->count;
    data = std::move(written->bytes);
  }
  co_return Result<void>();
}

}  // namespace weft::fs::internal
