// What the process holds: for tests that show that something gives everything back.
//
//   const ProcessUsage before = ProcessUsage::now();
//   ...
//   EXPECT_EQ(ProcessUsage::now(), before);

#ifndef WEFT_TESTS_SUPPORT_PROCESS_USAGE_H_
#define WEFT_TESTS_SUPPORT_PROCESS_USAGE_H_

#include <cstddef>
#include <ostream>

namespace weft::test_support {

struct ProcessUsage {
  std::size_t descriptors = 0;
  std::size_t threads = 0;
  std::size_t frames = 0;  // blocks in use by coroutine frames and tasks

  // Exact while no other thread is beginning or ending.
  static ProcessUsage now();

  friend bool operator==(const ProcessUsage&, const ProcessUsage&) = default;
  friend std::ostream& operator<<(std::ostream& out, const ProcessUsage& usage) {
    return out << usage.descriptors << " descriptors, " << usage.threads << " threads, "
               << usage.frames << " frames";
  }
};

// Lowers the soft limit of open files so that not a single one more can be opened, until it is
// destroyed. Descriptors that are closed meanwhile can be opened again.
class NoMoreDescriptors {
 public:
  NoMoreDescriptors();
  NoMoreDescriptors(const NoMoreDescriptors&) = delete;
  NoMoreDescriptors& operator=(const NoMoreDescriptors&) = delete;
  ~NoMoreDescriptors();

 private:
  unsigned long limit_before_;
};

// Raises the soft limit of open files to at least `wanted`, as root the hard one too. False: it is
// lower, and may not be raised that far.
bool allow_descriptors(std::size_t wanted);

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_PROCESS_USAGE_H_
