// What the tests of the detector of stalls share: a place to hold a worker in, and who gets the
// reports.

#ifndef WEFT_TESTS_UNIT_RUNTIME_STALL_SUPPORT_H_
#define WEFT_TESTS_UNIT_RUNTIME_STALL_SUPPORT_H_

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>
#include <weft/runtime/stall_report.h>
#include <weft/runtime/task.h>

namespace weft::test_support {

// The reports of a runtime.
class Reports {
 public:
  // What Builder::on_stall takes.
  auto hook() {
    return [this](const runtime::StallReport& report) {
      // Notified under the lock: a monitor that outlives its runtime is done with this when
      // wait_for() returns.
      const std::lock_guard lock(mutex_);
      reports_.push_back(report);
      changed_.notify_all();
    };
  }
  std::vector<runtime::StallReport> all() const {
    const std::lock_guard lock(mutex_);
    return reports_;
  }
  std::vector<runtime::StallReport> of(std::optional<TaskId> task) const {
    std::vector<runtime::StallReport> found = all();
    std::erase_if(found, [&](const runtime::StallReport& report) { return report.task != task; });
    return found;
  }
  // Blocks until that one is reported; nothing: block_on's argument.
  void wait_for(std::optional<TaskId> task) {
    std::unique_lock lock(mutex_);
    const bool came = changed_.wait_for(lock, std::chrono::seconds(40), [&] {
      return std::ranges::any_of(
          reports_, [&](const runtime::StallReport& report) { return report.task == task; });
    });
    EXPECT_TRUE(came) << "no report";
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<runtime::StallReport> reports_;  // guarded by mutex_
};

// A pipe that a thread can block on.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe(ends_), 0); }
  ~Pipe() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int reading_end() const { return ends_[0]; }
  int writing_end() const { return ends_[1]; }
  void write_one() const { EXPECT_EQ(::write(ends_[1], "x", 1), 1); }

 private:
  int ends_[2] = {-1, -1};
};

// Blocks in read(2) until a byte comes.
[[gnu::noinline]] inline int blocking_read(int fd) {
  char byte = 0;
  const ssize_t count = ::read(fd, &byte, 1);
  // Something to do after the call, so that it is a call and no jump.
  return count == 1 ? byte : -1;
}
inline Task<int> read_badly(int fd) { co_return blocking_read(fd); }

// Whether a line has that word.
inline bool mentions(const std::vector<std::string>& lines, const std::string& word) {
  for (const std::string& line : lines) {
    if (line.find(word) != std::string::npos) return true;
  }
  return false;
}

}  // namespace weft::test_support

#endif  // WEFT_TESTS_UNIT_RUNTIME_STALL_SUPPORT_H_
