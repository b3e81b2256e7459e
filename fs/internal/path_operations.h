// Operations on names and descriptors that both back ends have.
//
// Spec: FS-9, FS-32, FS-33, FS-36, FS-37, FS-43, FS-47, FS-48.
//
// Each owns the path that the kernel reads. One that yields a descriptor owns that as well, so that
// nobody has to see to it when the waiter is gone.

#ifndef WEFT_FS_INTERNAL_PATH_OPERATIONS_H_
#define WEFT_FS_INTERNAL_PATH_OPERATIONS_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/fs/internal/open_file.h>
#include <weft/fs/internal/operation.h>
#include <weft/fs/metadata.h>

namespace weft::fs::internal {

using Path = std::filesystem::path;
using Bytes = std::vector<std::byte>;

OperationAwaitable<OwnedFd> open(Path path, int flags, std::uint32_t mode, Where where);
// `flags`: 0, or AT_SYMLINK_NOFOLLOW.
OperationAwaitable<Metadata> stat(Path path, int flags, const char* call, Where where);
OperationAwaitable<Metadata> stat(RefPtr<OpenFile> file, const char* call, Where where);
OperationAwaitable<void> rename(Path from, Path to, Where where);
// `flags`: 0, or AT_REMOVEDIR.
OperationAwaitable<void> unlink(Path path, int flags, const char* call, Where where);
OperationAwaitable<void> close(OwnedFd fd, Where where);
OperationAwaitable<void> sync(RefPtr<OpenFile> file, bool data_only, const char* call, Where where);

// One read or write at a position. The bytes are the operation's own and come back with it.
struct Transfer {
  Bytes bytes;
  std::size_t count = 0;
};
// At most 64 MiB at once, to or from bytes.begin() + first.
OperationAwaitable<Transfer> read_at(RefPtr<OpenFile> file, Bytes bytes, std::size_t first,
                                     std::uint64_t at, const char* call, Where where);
OperationAwaitable<Transfer> write_at(RefPtr<OpenFile> file, Bytes bytes, std::size_t first,
                                      std::uint64_t at, const char* call, Where where);

}  // namespace weft::fs::internal

#endif  // WEFT_FS_INTERNAL_PATH_OPERATIONS_H_
