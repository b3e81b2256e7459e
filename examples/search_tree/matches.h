// The lines of a file in which a text occurs.

#ifndef WEFT_EXAMPLES_SEARCH_TREE_MATCHES_H_
#define WEFT_EXAMPLES_SEARCH_TREE_MATCHES_H_

#include <cstdint>
#include <filesystem>
#include <string>

#include <weft/weft.h>

namespace search {

struct Matches {
  std::string lines;        // "path:number:line", each with its end
  std::uint64_t count = 0;  // of them
  std::uint64_t bytes = 0;  // of the file
};

// Reads the file from its beginning to its end, of which only a part is in memory at a time. A file
// with zero bytes in it is no text: of those it is only said that there is a match. `text` is not
// empty. Cancel safe.
weft::Task<weft::Result<Matches>> find_in_file(std::filesystem::path path, std::string text);

}  // namespace search

#endif  // WEFT_EXAMPLES_SEARCH_TREE_MATCHES_H_
