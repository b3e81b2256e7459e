// remove_tree: removes a directory with all that is in it. Blocks.
//
// Spec: FS-33.
//
// Somebody who may write into the tree could put a link in the place of a directory at any moment,
// and so have us remove what the link leads to. Hence no path is ever looked up twice: a directory
// is opened without following links, by its name in the directory above, which is open; and names
// are removed from open directories only. The walk keeps a descriptor for each level, and no stack.

#ifndef WEFT_FS_INTERNAL_REMOVE_TREE_H_
#define WEFT_FS_INTERNAL_REMOVE_TREE_H_

#include <filesystem>

#include <weft/base/result.h>

namespace weft::fs::internal {

// A link as `path` is removed itself; any other thing that is no directory is not_a_directory.
// Throws std::bad_alloc.
Result<void> remove_tree(const std::filesystem::path& path);

}  // namespace weft::fs::internal

#endif  // WEFT_FS_INTERNAL_REMOVE_TREE_H_
