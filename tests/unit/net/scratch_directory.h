// ScratchDirectory: a directory of a test's own, for sockets and FIFOs; removed with all in it.

#ifndef WEFT_TESTS_UNIT_NET_SCRATCH_DIRECTORY_H_
#define WEFT_TESTS_UNIT_NET_SCRATCH_DIRECTORY_H_

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include <weft/base/check.h>

namespace weft::test_support {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "weft_XXXXXX").native();
    WEFT_CHECK(::mkdtemp(name.data()) != nullptr, "ScratchDirectory: cannot make a directory");
    path_ = name;
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace weft::test_support

#endif  // WEFT_TESTS_UNIT_NET_SCRATCH_DIRECTORY_H_
