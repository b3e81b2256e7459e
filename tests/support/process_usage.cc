// What the process holds. Interface: process_usage.h.

#include <tests/support/process_usage.h>

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <iterator>
#include <sys/resource.h>
#include <unistd.h>

#include <weft/base/check.h>
#include <weft/runtime/coroutine/frame_allocator.h>

namespace weft::test_support {
namespace {

std::size_t entries_of(const char* directory) {
  const std::filesystem::directory_iterator entries(directory);
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

rlimit descriptor_limit() {
  rlimit limit{};
  WEFT_CHECK(::getrlimit(RLIMIT_NOFILE, &limit) == 0, "process_usage: getrlimit failed");
  return limit;
}

}  // namespace

ProcessUsage ProcessUsage::now() {
  // Reading the directory takes a descriptor itself.
  return {entries_of("/proc/self/fd") - 1, entries_of("/proc/self/task"),
          weft::internal::live_frames()};
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
