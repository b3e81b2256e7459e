// OpenOptions: how a file is to be opened.
//
// Spec: FS-5..FS-10.
//
//   Task<Result<fs::File>> open_log(std::filesystem::path path) {
//     fs::OpenOptions options;
//     co_return co_await options.append(true).create(true).mode(0600).open(path);
//   }

#ifndef WEFT_FS_OPEN_OPTIONS_H_
#define WEFT_FS_OPEN_OPTIONS_H_

#include <cstdint>
#include <filesystem>
#include <source_location>

#include <weft/base/result.h>
#include <weft/runtime/task.h>

namespace weft::fs {

class File;

// A plain value: copyable, and used for any number of files. All flags are off at first.
class OpenOptions {
 public:
  OpenOptions& read(bool on) noexcept {
    read_ = on;
    return *this;
  }
  OpenOptions& write(bool on) noexcept {
    write_ = on;
    return *this;
  }
  // Each write goes to the end of the file, whatever others write to it. Implies write.
  OpenOptions& append(bool on) noexcept {
    append_ = on;
    return *this;
  }
  // Empties a file that exists. Needs write.
  OpenOptions& truncate(bool on) noexcept {
    truncate_ = on;
    return *this;
  }
  // Makes the file if it does not exist. Needs write or append.
  OpenOptions& create(bool on) noexcept {
    create_ = on;
    return *this;
  }
  // Makes the file, and fails with file_exists if anything has its name, be it a dangling link.
  // create and truncate then mean nothing. Needs write or append.
  OpenOptions& create_new(bool on) noexcept {
    create_new_ = on;
    return *this;
  }
  // The permissions of a file that is made, less the process's umask. 0666 unless set.
  OpenOptions& mode(std::uint32_t mode) noexcept {
    mode_ = mode;
    return *this;
  }
  // Flags of open(2) to be added. They cannot change how the file is accessed.
  OpenOptions& custom_flags(int flags) noexcept {
    custom_flags_ = flags;
    return *this;
  }

  // Fails with invalid_argument for flags that make no sense together or a path with a zero inside,
  // else as open(2) does. The descriptor is close-on-exec. Fatal without a runtime. Cancel safe; a
  // file that is opened after all is closed, but may have been made or emptied.
  Task<Result<File>> open(std::filesystem::path path,
                          std::source_location where = std::source_location::current()) const;

  // The flags for open(2), or invalid_argument.
  Result<int> flags() const noexcept;
  std::uint32_t mode() const noexcept { return mode_; }

 private:
  bool read_ = false;
  bool write_ = false;
  bool append_ = false;
  bool truncate_ = false;
  bool create_ = false;
  bool create_new_ = false;
  std::uint32_t mode_ = 0666;
  int custom_flags_ = 0;
};

}  // namespace weft::fs

#endif  // WEFT_FS_OPEN_OPTIONS_H_
