// Metadata, FileType, Permissions: what is known of a file.
//
// Spec: FS-31, FS-36, FS-40.
//
// Plain values, as the kernel gave them at one moment.
//
//   Task<std::uint64_t> size_of_file(std::filesystem::path path) {
//     Result<fs::Metadata> facts = co_await fs::metadata(path);
//     if (!facts || !facts->is_file()) co_return 0;
//     co_return facts->size();
//   }

#ifndef WEFT_FS_METADATA_H_
#define WEFT_FS_METADATA_H_

#include <chrono>
#include <cstdint>
#include <sys/stat.h>

#include <weft/base/result.h>

namespace weft::fs {

class FileType {
 public:
  // `mode`: with the type in its S_IFMT bits.
  static constexpr FileType from_mode(std::uint32_t mode) noexcept { return FileType(mode); }

  constexpr bool is_file() const noexcept { return type_ == S_IFREG; }
  constexpr bool is_dir() const noexcept { return type_ == S_IFDIR; }
  constexpr bool is_symlink() const noexcept { return type_ == S_IFLNK; }
  constexpr bool is_fifo() const noexcept { return type_ == S_IFIFO; }
  constexpr bool is_socket() const noexcept { return type_ == S_IFSOCK; }
  constexpr bool is_block_device() const noexcept { return type_ == S_IFBLK; }
  constexpr bool is_char_device() const noexcept { return type_ == S_IFCHR; }

  friend constexpr bool operator==(FileType, FileType) noexcept = default;

 private:
  explicit constexpr FileType(std::uint32_t mode) noexcept : type_(mode & S_IFMT) {}
  std::uint32_t type_;
};

class Permissions {
 public:
  // The permission bits of `mode`; the others are left out.
  static constexpr Permissions from_mode(std::uint32_t mode) noexcept { return Permissions(mode); }

  constexpr std::uint32_t mode() const noexcept { return mode_; }
  // Nobody may write, as the bits say. Root may all the same.
  constexpr bool readonly() const noexcept { return (mode_ & kWriteBits) == 0; }
  // True takes all write permissions away; false gives them to everyone.
  constexpr void set_readonly(bool readonly) noexcept {
    mode_ = readonly ? mode_ & ~kWriteBits : mode_ | kWriteBits;
  }

  friend constexpr bool operator==(Permissions, Permissions) noexcept = default;

 private:
  static constexpr std::uint32_t kWriteBits = 0222;
  explicit constexpr Permissions(std::uint32_t mode) noexcept : mode_(mode & 07777) {}
  std::uint32_t mode_;
};

class Metadata {
 public:
  using Time = std::chrono::system_clock::time_point;

  // What statx(2) filled in, asked for STATX_BASIC_STATS and STATX_BTIME.
  explicit Metadata(const struct ::statx& facts) noexcept;

  // In bytes. Of a link, the length of what it says.
  std::uint64_t size() const noexcept { return size_; }
  FileType file_type() const noexcept { return FileType::from_mode(mode_); }
  bool is_file() const noexcept { return file_type().is_file(); }
  bool is_dir() const noexcept { return file_type().is_dir(); }
  bool is_symlink() const noexcept { return file_type().is_symlink(); }
  Permissions permissions() const noexcept { return Permissions::from_mode(mode_); }

  // Fail with operation_not_supported where the file system does not keep the time.
  Result<Time> modified() const noexcept { return modified_; }
  Result<Time> accessed() const noexcept { return accessed_; }
  Result<Time> created() const noexcept { return created_; }

  // Type and permissions.
  std::uint32_t mode() const noexcept { return mode_; }
  std::uint32_t uid() const noexcept { return uid_; }
  std::uint32_t gid() const noexcept { return gid_; }
  std::uint64_t ino() const noexcept { return ino_; }
  std::uint64_t dev() const noexcept { return dev_; }
  std::uint64_t nlink() const noexcept { return nlink_; }

 private:
  std::uint64_t size_;
  std::uint64_t ino_;
  std::uint64_t dev_;
  std::uint64_t nlink_;
  std::uint32_t mode_;
  std::uint32_t uid_;
  std::uint32_t gid_;
  Result<Time> modified_;
  Result<Time> accessed_;
  Result<Time> created_;
};

}  // namespace weft::fs

#endif  // WEFT_FS_METADATA_H_
