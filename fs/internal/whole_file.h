// Reading, writing and copying a whole file in one go.
//
// Spec: FS-30, FS-31, FS-43, FS-45, FS-46.
//
// A small file that the kernel has in its cache, path and content, is read by the task itself:
// three system calls that cannot wait for a disk cost less than telling anybody to make them.
// Otherwise there is a form for a thread that may block, where all is one job, and one for the
// ring, where each call is an operation.

#ifndef WEFT_FS_INTERNAL_WHOLE_FILE_H_
#define WEFT_FS_INTERNAL_WHOLE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include <weft/base/result.h>
#include <weft/fs/internal/operation.h>
#include <weft/runtime/task.h>

namespace weft::fs::internal {

// The content, if all of it was in the cache. Does not block. Throws std::bad_alloc.
std::optional<std::vector<std::byte>> read_whole_cached(const std::filesystem::path& path);

// For the ring.
Task<Result<std::vector<std::byte>>> read_whole_by_ring(std::filesystem::path path, Where where);
Task<Result<void>> write_whole_by_ring(std::filesystem::path path, std::vector<std::byte> data,
                                       Where where);

// These block. Throw std::bad_alloc.
Result<std::vector<std::byte>> read_whole(const std::filesystem::path& path);
Result<void> write_whole(const std::filesystem::path& path, std::span<const std::byte> data);
Result<std::uint64_t> copy_whole(const std::filesystem::path& from,
                                 const std::filesystem::path& to);

}  // namespace weft::fs::internal

#endif  // WEFT_FS_INTERNAL_WHOLE_FILE_H_
