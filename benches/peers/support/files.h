// The files that rows about files work on: many small ones, a large one. They stand in a directory
// of their own under TMPDIR, in the page cache, and go when their owner does.

#ifndef WEFT_BENCHES_PEERS_SUPPORT_FILES_H_
#define WEFT_BENCHES_PEERS_SUPPORT_FILES_H_

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace peers {

inline constexpr int kSmallFiles = 10'000;
inline constexpr int kSmallFileSize = 4096;
inline constexpr int kChunk = 64 * 1024;
inline constexpr int kChunks = 16 * 1024;  // a GiB in all

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "weft-peers-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }

  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

class SmallFiles {
 public:
  SmallFiles() {
    const std::string content(kSmallFileSize, 'x');
    for (int i = 0; i < kSmallFiles; ++i) std::ofstream(path(i)) << content;
  }
  std::string path(int index) const { return directory_.file(std::to_string(index)); }

 private:
  TemporaryDirectory directory_;
};

class LargeFile {
 public:
  std::string path() const { return directory_.file("large"); }
  void fill() const {
    const std::vector<char> chunk(kChunk, 'x');
    std::ofstream file(path(), std::ios::binary);
    for (int i = 0; i < kChunks; ++i) file.write(chunk.data(), kChunk);
  }

 private:
  TemporaryDirectory directory_;
};

}  // namespace peers

#endif  // WEFT_BENCHES_PEERS_SUPPORT_FILES_H_
