// Whole-path operations. Interface: ops.h.

#include <weft/fs/ops.h>

#include <fcntl.h>
#include <optional>
#include <system_error>
#include <utility>

#include <weft/base/sys_file.h>
#include <weft/fs/dir_builder.h>
#include <weft/fs/internal/operation.h>
#include <weft/fs/internal/path_operations.h>
#include <weft/fs/internal/path_text.h>
#include <weft/fs/internal/remove_tree.h>
#include <weft/fs/internal/ring.h>
#include <weft/fs/internal/whole_file.h>
#include <weft/io/internal/utf8.h>
#include <weft/runtime/consume_budget.h>
#include <weft/runtime/scheduler/thread_context.h>

namespace weft::fs {

using internal::Bytes;
using internal::has_zero;

namespace {

// The coroutine around a job: the functions below are not coroutines themselves, so that their
// lambdas may capture what they like (docs/topics/compilers.md).
template <class F>
Task<std::invoke_result_t<F&>> run_blocking(const char* call, Where where, F job) {
  co_return co_await internal::blocking(call, where, std::move(job));
}

// The same for a job on one path.
template <class F>
auto on_path(const char* call, Where where, Path path, F job) {
  auto checked = [path = std::move(path),
                  job = std::move(job)]() -> std::invoke_result_t<F&, const Path&> {
    if (has_zero(path)) return Err(std::errc::invalid_argument);
    return job(path);
  };
  return run_blocking(call, where, std::move(checked));
}

// And on two.
template <class F>
auto on_paths(const char* call, Where where, Path from, Path to, F job) {
  auto checked = [from = std::move(from), to = std::move(to),
                  job]() -> std::invoke_result_t<F&, const Path&, const Path&> {
    if (has_zero(from) || has_zero(to)) return Err(std::errc::invalid_argument);
    return job(from, to);
  };
  return run_blocking(call, where, std::move(checked));
}

bool uses_ring(const char* call, Where where) {
  return internal::Ring::of(weft::internal::require_scheduler(call, where).driver()).is_usable();
}

Task<Result<void>> write_copy(Path path, Bytes data, Where where) {
  if (uses_ring("fs::write", where)) {
    co_return co_await internal::write_whole_by_ring(std::move(path), std::move(data), where);
  }
  auto job = [data = std::move(data)](const Path& target) {
    return internal::write_whole(target, data);
  };
  co_return co_await on_path("fs::write", where, std::move(path), std::move(job));
}

Task<Result<Metadata>> stat(Path path, int flags, const char* call, Where where) {
  co_return co_await internal::stat(std::move(path), flags, call, where);
}

Task<Result<void>> unlink(Path path, int flags, const char* call, Where where) {
  co_return co_await internal::unlink(std::move(path), flags, call, where);
}

}  // namespace

// --- Contents

Task<Result<std::vector<std::byte>>> read(Path path, Where where) {
  const bool by_ring = uses_ring("fs::read", where);
  co_await consume_budget();
  std::optional<Bytes> cached = internal::read_whole_cached(path);
  if (cached) co_return *std::move(cached);
  if (by_ring) co_return co_await internal::read_whole_by_ring(std::move(path), where);
  co_return co_await on_path("fs::read", where, std::move(path), internal::read_whole);
}

Task<Result<std::string>> read_to_string(Path path, Where where) {
  Result<Bytes> bytes = co_await read(std::move(path), where);
  if (!bytes) co_return Err(bytes.error());
  if (!io::internal::is_utf8(*bytes)) co_return Err(Errc::invalid_data);
  // SAFETY(cast): bytes are chars to look at.
  co_return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

Task<Result<void>> write(Path path, std::span<const std::byte> data, Where where) {
  // It may be carried out when the caller's bytes are gone.
  return write_copy(std::move(path), Bytes(data.begin(), data.end()), where);
}

Task<Result<void>> write(Path path, std::string_view text, Where where) {
  return write(std::move(path), std::as_bytes(std::span(text)), where);
}

Task<Result<std::uint64_t>> copy(Path from, Path to, Where where) {
  return on_paths("fs::copy", where, std::move(from), std::move(to), internal::copy_whole);
}

// --- Names

Task<Result<void>> rename(Path from, Path to, Where where) {
  co_return co_await internal::rename(std::move(from), std::move(to), where);
}

Task<Result<void>> remove_file(Path path, Where where) {
  return unlink(std::move(path), 0, "fs::remove_file", where);
}

Task<Result<void>> remove_dir(Path path, Where where) {
  return unlink(std::move(path), AT_REMOVEDIR, "fs::remove_dir", where);
}

Task<Result<void>> remove_dir_all(Path path, Where where) {
  return on_path("fs::remove_dir_all", where, std::move(path), internal::remove_tree);
}

Task<Result<void>> create_dir(Path path, Where where) {
  return DirBuilder().create(std::move(path), where);
}

Task<Result<void>> create_dir_all(Path path, Where where) {
  return DirBuilder().recursive(true).create(std::move(path), where);
}

Task<Result<void>> hard_link(Path original, Path link, Where where) {
  return on_paths("fs::hard_link", where, std::move(original), std::move(link),
                  [](const Path& from, const Path& to) {
                    return sys::linkat(sys::kWorkingDirectory, from.c_str(), sys::kWorkingDirectory,
                                       to.c_str());
                  });
}

Task<Result<void>> symlink(Path original, Path link, Where where) {
  return on_paths("fs::symlink", where, std::move(original), std::move(link),
                  [](const Path& from, const Path& to) {
                    return sys::symlinkat(from.c_str(), sys::kWorkingDirectory, to.c_str());
                  });
}

// --- Facts

Task<Result<Metadata>> metadata(Path path, Where where) {
  return stat(std::move(path), 0, "fs::metadata", where);
}

Task<Result<Metadata>> symlink_metadata(Path path, Where where) {
  return stat(std::move(path), AT_SYMLINK_NOFOLLOW, "fs::symlink_metadata", where);
}

Task<Result<void>> set_permissions(Path path, Permissions permissions, Where where) {
  return on_path("fs::set_permissions", where, std::move(path), [permissions](const Path& target) {
    return sys::fchmodat(sys::kWorkingDirectory, target.c_str(), permissions.mode());
  });
}

Task<Result<Path>> read_link(Path path, Where where) {
  return on_path("fs::read_link", where, std::move(path), [](const Path& link) -> Result<Path> {
    Result<std::string> target = sys::readlinkat(sys::kWorkingDirectory, link.c_str());
    if (!target) return Err(target.error());
    return Path(*std::move(target));
  });
}

Task<Result<Path>> canonicalize(Path path, Where where) {
  return on_path("fs::canonicalize", where, std::move(path), [](const Path& name) -> Result<Path> {
    Result<std::string> real = sys::realpath(name.c_str());
    if (!real) return Err(real.error());
    return Path(*std::move(real));
  });
}

Task<Result<bool>> try_exists(Path path, Where where) {
  const Result<Metadata> facts = co_await stat(std::move(path), 0, "fs::try_exists", where);
  if (facts) co_return true;
  if (facts.error() == std::errc::no_such_file_or_directory) co_return false;
  co_return Err(facts.error());
}

}  // namespace weft::fs
