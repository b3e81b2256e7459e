// File. Interface: file.h; the state machine: internal/file_core.h.

#include <weft/fs/file.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/sys_file.h>
#include <weft/fs/internal/operation.h>
#include <weft/fs/internal/path_operations.h>
#include <weft/runtime/poll_fn.h>

namespace weft::fs {
namespace {

using internal::Bytes;
using internal::FileCore;
using internal::FileUse;
using internal::OpenFile;
using Where = std::source_location;

// Ends when nothing is in flight. Under the core's lock, or with the File for itself.
auto settled(FileCore& core) {
  return poll_fn([&core](Context& cx) { return core.poll_settle(cx); });
}

Task<Result<void>> sync_file(FileCore& core, bool data_only, const char* call, Where where) {
  const auto guard = co_await core.lock();
  const Result<void> idle = co_await settled(core);
  if (!idle) co_return idle;
  co_return co_await internal::sync(core.file(), data_only, call, where);
}

Task<Result<void>> resize_file(FileCore& core, std::uint64_t size, Where where) {
  static_cast<void>(weft::internal::require_scheduler("fs::File::set_len", where));
  const auto guard = co_await core.lock();
  const Result<void> idle = co_await settled(core);
  if (!idle) co_return idle;
  core.start_resize(size);
  co_return co_await poll_fn([&core](Context& cx) { return core.poll_resized(cx); });
}

Task<Result<std::size_t>> read_at_position(FileCore& core, std::span<std::byte> room,
                                           std::uint64_t at, Where where) {
  if (room.empty()) co_return std::size_t{0};
  Bytes bytes(std::min(room.size(), core.max_size()));
  Result<internal::Transfer> read =
      co_await internal::read_at(core.file(), std::move(bytes), 0, at, "fs::File::read_at", where);
  if (!read) co_return Err(read.error());
  std::copy_n(read->bytes.begin(), read->count, room.begin());
  co_return read->count;
}

Task<Result<std::size_t>> write_at_position(FileCore& core, std::span<const std::byte> data,
                                            std::uint64_t at, Where where) {
  if (data.empty()) co_return std::size_t{0};
  const auto part = data.first(std::min(data.size(), core.max_size()));
  Bytes bytes(part.begin(), part.end());
  Result<internal::Transfer> written = co_await internal::write_at(core.file(), std::move(bytes), 0,
                                                                   at, "fs::File::write_at", where);
  if (!written) co_return Err(written.error());
  co_return written->count;
}

// What into_fd() and close() begin with: nothing is in flight, and all went well.
Task<Result<OwnedFd>> finish(std::unique_ptr<FileCore> core) {
  const Result<void> flushed = co_await io::flush(*core);
  if (!flushed) co_return Err(flushed.error());
  if (core->is_in_use()) co_return Err(std::errc::device_or_resource_busy);
  co_return core->take_fd();
}

Task<Result<void>> close_file(std::unique_ptr<FileCore> core, Where where) {
  Result<OwnedFd> fd = co_await finish(std::move(core));
  if (!fd) co_return Err(fd.error());
  co_return co_await internal::close(*std::move(fd), where);
}

}  // namespace

// --- Opening

Task<Result<File>> File::open(Path path, Where where) {
  return options().read(true).open(std::move(path), where);
}

Task<Result<File>> File::create(Path path, Where where) {
  return options().write(true).create(true).truncate(true).open(std::move(path), where);
}

Task<Result<File>> File::create_new(Path path, Where where) {
  return options().read(true).write(true).create_new(true).open(std::move(path), where);
}

void File::set_max_buf_size(std::size_t size, Where where) {
  WEFT_CHECK(size != 0, "fs::File::set_max_buf_size: 0 would move nothing; use at least 1", where);
  core(where).set_max_size(size);
}

// --- The whole file

Task<Result<void>> File::sync_all(Where where) const {
  return sync_file(core(where), false, "fs::File::sync_all", where);
}

Task<Result<void>> File::sync_data(Where where) const {
  return sync_file(core(where), true, "fs::File::sync_data", where);
}

Task<Result<void>> File::set_len(std::uint64_t size, Where where) const {
  return resize_file(core(where), size, where);
}

Task<Result<Metadata>> File::metadata(Where where) const {
  return [](RefPtr<OpenFile> file, Where from) -> Task<Result<Metadata>> {
    co_return co_await internal::stat(std::move(file), "fs::File::metadata", from);
  }(core(where).file(), where);
}

Task<Result<void>> File::set_permissions(Permissions permissions, Where where) const {
  return [](RefPtr<OpenFile> file, Permissions wanted, Where from) -> Task<Result<void>> {
    auto use = std::make_unique<FileUse>(std::move(file));
    auto change = [use = std::move(use), wanted] { return sys::fchmod(use->fd(), wanted.mode()); };
    co_return co_await internal::blocking("fs::File::set_permissions", from, std::move(change));
  }(core(where).file(), permissions, where);
}

Task<Result<File>> File::clone(FileCore& core, Where where) {
  const auto guard = co_await core.lock();
  const Result<void> idle = co_await settled(core);
  if (!idle) co_return Err(idle.error());
  // A dup is no work for the disk, but the calls of a file are made where they may block.
  auto use = std::make_unique<FileUse>(core.file());
  auto duplicate = [use = std::move(use)] { return use->fd().try_clone(); };
  Result<OwnedFd> fd =
      co_await internal::blocking("fs::File::try_clone", where, std::move(duplicate));
  if (!fd) co_return Err(fd.error());
  core.disable_read_ahead();
  File clone = File::from_fd(*std::move(fd));
  clone.set_max_buf_size(core.max_size());
  clone.core().disable_read_ahead();
  co_return clone;
}

Task<Result<File>> File::try_clone(Where where) const { return clone(core(where), where); }

// --- At a position

Task<Result<std::size_t>> File::read_at(std::span<std::byte> room, std::uint64_t at,
                                        Where where) const {
  return read_at_position(core(where), room, at, where);
}

Task<Result<std::size_t>> File::write_at(std::span<const std::byte> data, std::uint64_t at,
                                         Where where) const {
  return write_at_position(core(where), data, at, where);
}

// --- The descriptor

Result<OwnedFd, File> File::try_into_fd() && {
  if (!core().try_settle() || core().has_write_error() || core().is_in_use()) {
    return Err(std::move(*this));
  }
  return std::exchange(core_, nullptr)->take_fd();
}

Task<Result<OwnedFd>> File::into_fd(Where where) && {
  static_cast<void>(core(where));
  return finish(std::move(core_));
}

Task<Result<void>> File::close(Where where) && {
  static_cast<void>(core(where));
  return close_file(std::move(core_), where);
}

}  // namespace weft::fs
