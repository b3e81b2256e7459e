// From the target of a request to a file: what "/pictures/a%20cat.jpg?size=2" means.

#ifndef WEFT_EXAMPLES_HTTP_FILES_TARGET_H_
#define WEFT_EXAMPLES_HTTP_FILES_TARGET_H_

#include <filesystem>
#include <optional>
#include <string_view>

namespace http_files {

// The path below the served directory, relative; empty for "/". Nothing: no path (wrong escapes, a
// zero byte), or one that wants to leave the directory by "..". Whether the file system leads out
// of it, by a symbolic link, is for its owner to decide.
std::optional<std::filesystem::path> path_of(std::string_view target);

// By the ending of its name; "application/octet-stream" if that says nothing.
std::string_view content_type(const std::filesystem::path& path);

}  // namespace http_files

#endif  // WEFT_EXAMPLES_HTTP_FILES_TARGET_H_
