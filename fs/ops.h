// Operations on whole files and directories, by name.
//
// Spec: FS-30..FS-37, FS-3.
//
// All are fatal without a runtime, at the caller's line; fail with invalid_argument for a path with
// a zero inside, with Errc::other if the runtime shuts down first, and otherwise as the system
// calls do that their names suggest. Destroying one that has started lets go of its result; what it
// does may happen all the same, in whole or, where it takes several steps, in part.
//
//   Task<Result<std::string>> load_settings(std::filesystem::path path) {
//     Result<std::string> text = co_await fs::read_to_string(path);
//     if (!text && text.error() == std::errc::no_such_file_or_directory) text = std::string();
//     co_return text;
//   }

#ifndef WEFT_FS_OPS_H_
#define WEFT_FS_OPS_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <weft/base/result.h>
#include <weft/fs/metadata.h>
#include <weft/runtime/task.h>

namespace weft::fs {

using Path = std::filesystem::path;
using Where = std::source_location;

// --- Contents

// All bytes of a file. Fails with not_enough_memory if they have no room.
Task<Result<std::vector<std::byte>>> read(Path path, Where where = Where::current());
// The same as text; Errc::invalid_data if it is not UTF-8.
Task<Result<std::string>> read_to_string(Path path, Where where = Where::current());
// Makes the file, or replaces what was in it, by a copy of `data`. Not atomic: who reads it
// meanwhile may see nothing, or part.
Task<Result<void>> write(Path path, std::span<const std::byte> data,
                         Where where = Where::current());
Task<Result<void>> write(Path path, std::string_view text, Where where = Where::current());
// Copies contents and permissions over `to`, which is made or emptied, and yields how many bytes
// that were. `from` is an ordinary file, else invalid_argument; `to` must be another one.
Task<Result<std::uint64_t>> copy(Path from, Path to, Where where = Where::current());

// --- Names

// Replaces `to` in one step if it exists. Not across file systems: cross_device_link.
Task<Result<void>> rename(Path from, Path to, Where where = Where::current());
// A link, not what it leads to. Not a directory.
Task<Result<void>> remove_file(Path path, Where where = Where::current());
// An empty directory.
Task<Result<void>> remove_dir(Path path, Where where = Where::current());
// A directory with all that is in it. Links are removed, never followed, also while others put them
// in the place of directories; a link as `path` is removed itself. What others remove meanwhile is
// no error.
Task<Result<void>> remove_dir_all(Path path, Where where = Where::current());
// As DirBuilder().create().
Task<Result<void>> create_dir(Path path, Where where = Where::current());
// As DirBuilder().recursive(true).create().
Task<Result<void>> create_dir_all(Path path, Where where = Where::current());
// Another name for a file. Fails with operation_not_permitted for a directory.
Task<Result<void>> hard_link(Path original, Path link, Where where = Where::current());
// A link that says `original`, which need not exist.
Task<Result<void>> symlink(Path original, Path link, Where where = Where::current());

// --- Facts

// Follows links.
Task<Result<Metadata>> metadata(Path path, Where where = Where::current());
// Of a link itself.
Task<Result<Metadata>> symlink_metadata(Path path, Where where = Where::current());
// Follows links.
Task<Result<void>> set_permissions(Path path, Permissions permissions,
                                   Where where = Where::current());
// What the link says.
Task<Result<Path>> read_link(Path path, Where where = Where::current());
// The absolute path, without links, "." and "..". It has to exist.
Task<Result<Path>> canonicalize(Path path, Where where = Where::current());
// False only if there is nothing of that name, or a link that leads to nothing. What keeps it from
// finding out is an error.
Task<Result<bool>> try_exists(Path path, Where where = Where::current());

}  // namespace weft::fs

#endif  // WEFT_FS_OPS_H_
