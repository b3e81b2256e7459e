// What the process holds. Interface: process_usage.h.

#include <tests/support/process_usage.h>

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

#include <weft/base/check.h>
#include <weft/runtime/coroutine/frame_allocator.h>

namespace weft::test_support {
namespace {

using std::filesystem::directory_iterator;

std::size_t count_descriptors() {
  const directory_iterator entries("/proc/self/fd");
  const auto count = static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
  return count - 1;  // without the one that reads the directory
}

// A thread that has been joined may still be listed for a moment; then it is marked as exiting, or
// is gone by the time we look.
bool is_running(const std::filesystem::path& thread) {
  constexpr unsigned long kExiting = 0x4;  // PF_EXITING of the kernel
  constexpr int kFieldsBeforeFlags = 6;  // from the state on, which follows the name's parenthesis
  std::ifstream file(thread / "stat");
  std::string text;
  if (!std::getline(file, text)) return false;
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return false;
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < kFieldsBeforeFlags; ++i) fields >> skipped;
  unsigned long flags = 0;
  fields >> flags;
  return (flags & kExiting) == 0;
}

std::size_t count_threads() {
  std::size_t count = 0;
  for (const auto& thread : directory_iterator("/proc/self/task")) {
    if (is_running(thread.path())) ++count;
  }
  return count;
}

rlimit descriptor_limit() {
  rlimit limit{};
  WEFT_CHECK(::getrlimit(RLIMIT_NOFILE, &limit) == 0, "process_usage: getrlimit failed");
  return limit;
}

}  // namespace

ProcessUsage ProcessUsage::now() {
  return {count_descriptors(), count_threads(), weft::internal::live_frames()};
}

NoMoreDescriptors::NoMoreDescriptors() {
  rlimit limit = descriptor_limit();
  limit_before_ = limit.rlim_cur;
  // The next one to be opened would get the lowest number that is free; the limit forbids it.
  const int next = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
  WEFT_CHECK(next >= 0, "NoMoreDescriptors: there is none left already");
  ::close(next);
  limit.rlim_cur = static_cast<rlim_t>(next);
  WEFT_CHECK(::setrlimit(RLIMIT_NOFILE, &limit) == 0, "NoMoreDescriptors: setrlimit failed");
}

NoMoreDescriptors::~NoMoreDescriptors() {
  rlimit limit = descriptor_limit();
  limit.rlim_cur = limit_before_;
  WEFT_CHECK(::setrlimit(RLIMIT_NOFILE, &limit) == 0, "NoMoreDescriptors: setrlimit failed");
}

bool allow_descriptors(std::size_t wanted) {
  rlimit limit = descriptor_limit();
  if (limit.rlim_cur >= wanted) return true;
  limit.rlim_cur = wanted;
  limit.rlim_max = std::max<rlim_t>(limit.rlim_max, wanted);
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

}  // namespace weft::test_support
