// The file of a trace: complete, or as it was.
//
// Spec: R-173.
//
// The text is written beside the file and then takes its name, so that neither a program that is
// killed meanwhile nor a full disk leaves half of one, which no viewer opens. What is no regular
// file, a pipe or /dev/stderr, is written to as it is, and so is a file in a directory that nothing
// can be added to.

#ifndef WEFT_RUNTIME_TRACE_TRACE_FILE_H_
#define WEFT_RUNTIME_TRACE_TRACE_FILE_H_

#include <string>
#include <string_view>

#include <weft/base/result.h>

namespace weft::internal {

// Makes `text` the contents of the file, which need not be there; a link stays one. One at a time
// for one path. Fails as opening and writing it do. Throws std::bad_alloc.
Result<void> replace_contents(const std::string& path, std::string_view text);

// `path` from the root on, so that it stays the same file when the program goes to another
// directory; as it is, if the system does not say where that is. Throws std::bad_alloc.
std::string absolute_path(std::string path);

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_TRACE_TRACE_FILE_H_
