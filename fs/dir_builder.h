// DirBuilder: how directories are to be made.
//
// Spec: FS-34.
//
//   Task<Result<void>> make_cache(std::filesystem::path home) {
//     fs::DirBuilder builder;
//     co_return co_await builder.recursive(true).mode(0700).create(home / "state" / "cache");
//   }

#ifndef WEFT_FS_DIR_BUILDER_H_
#define WEFT_FS_DIR_BUILDER_H_

#include <cstdint>
#include <filesystem>
#include <source_location>

#include <weft/base/result.h>
#include <weft/runtime/task.h>

namespace weft::fs {

// A plain value, used for any number of directories.
class DirBuilder {
 public:
  // Makes missing directories above it too, and is content if it exists already as a directory;
  // others may be making them at the same time. Off at first: then it is an error.
  DirBuilder& recursive(bool on) noexcept {
    recursive_ = on;
    return *this;
  }
  // The permissions of each directory that is made, less the process's umask. 0777 unless set.
  DirBuilder& mode(std::uint32_t mode) noexcept {
    mode_ = mode;
    return *this;
  }

  // Fails as mkdir(2) does: file_exists, no_such_file_or_directory. Fatal without a runtime. Cancel
  // safe, but the directory may be made all the same.
  Task<Result<void>> create(std::filesystem::path path,
                            std::source_location where = std::source_location::current()) const;

 private:
  bool recursive_ = false;
  std::uint32_t mode_ = 0777;
};

}  // namespace weft::fs

#endif  // WEFT_FS_DIR_BUILDER_H_
