// with_path: hands a path to a system call, unless it cannot be one.
//
// Spec: FS-9 (a path with a zero inside is no path).

#ifndef WEFT_FS_INTERNAL_PATH_TEXT_H_
#define WEFT_FS_INTERNAL_PATH_TEXT_H_

#include <filesystem>
#include <string>

namespace weft::fs::internal {

// The kernel would see only what stands before the zero.
inline bool has_zero(const std::filesystem::path& path) noexcept {
  return path.native().find('\0') != std::string::npos;
}

}  // namespace weft::fs::internal

#endif  // WEFT_FS_INTERNAL_PATH_TEXT_H_
