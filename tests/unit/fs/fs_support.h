// What the tests of files have in common: a directory that goes away, runtimes, a pool that waits.

#ifndef WEFT_TESTS_UNIT_FS_FS_SUPPORT_H_
#define WEFT_TESTS_UNIT_FS_FS_SUPPORT_H_

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <weft/base/sys_table.h>
#include <weft/fs/fs.h>
#include <weft/runtime/poll_fn.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/task.h>

namespace weft::fs {

// A new directory, removed with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "weft-fs-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const Path& path() const { return path_; }
  Path operator/(std::string_view name) const { return path_ / name; }

 private:
  Path path_;
};

// What is in a file, by other means than weft's.
inline std::string content_of(const Path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

inline Path make_file(const Path& path, std::string_view content = "") {
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

inline std::uint32_t mode_of(const Path& path) {
  struct ::stat facts{};
  EXPECT_EQ(::lstat(path.c_str(), &facts), 0);
  return facts.st_mode & 07777;
}

// Which back end runtimes take that are made while it lives; for tests of one of them. All others
// are run with both (tests/CMakeLists.txt).
class ChosenBackEnd {
 public:
  explicit ChosenBackEnd(const char* io_uring) {
    if (const char* before = std::getenv(kName)) before_ = before;
    ::setenv(kName, io_uring, 1);
  }
  ChosenBackEnd(const ChosenBackEnd&) = delete;
  ChosenBackEnd& operator=(const ChosenBackEnd&) = delete;
  ~ChosenBackEnd() {
    if (before_) {
      ::setenv(kName, before_->c_str(), 1);
    } else {
      ::unsetenv(kName);
    }
  }

 private:
  static constexpr const char* kName = "WEFT_IO_URING";
  std::optional<std::string> before_;
};

// Makes the kernel's cache of no use: whatever is read is a job.
inline const sys::Table& without_cache() {
  static const sys::Table table = [] {
    sys::Table made;
    made.preadv2 = [](int, const ::iovec*, int, ::off_t, int) -> ssize_t {
      errno = EOPNOTSUPP;
      return -1;
    };
    made.openat2 = [](int, const char*, ::open_how*) {
      errno = ENOSYS;
      return -1;
    };
    return made;
  }();
  return table;
}

// Calls `test` with each kind of runtime, with the kernel's cache and without it.
template <class F>
void with_every_runtime(F test) {
  test_support::on_every_kind(test);
  const sys::TableScope scope(without_cache());
  for (const test_support::Kind kind : test_support::kKinds) {
    SCOPED_TRACE(name_of(kind));
    SCOPED_TRACE("without the kernel's cache");
    runtime::Runtime rt = test_support::builder_of(kind)
                              .on_thread_start([] { sys::set_table(&without_cache()); })
                              .build()
                              .value();
    test(rt);
  }
}

// The same for a coroutine.
template <class F, class... Args>
void on_every_runtime(F test, const Args&... args) {
  with_every_runtime([&](runtime::Runtime& rt) { rt.block_on(test(args...)); });
}

// A runtime whose jobs do not begin until release(): it has one blocking thread, which is held.
class HeldPool {
 public:
  // `on_thread_start`: as the Builder's.
  explicit HeldPool(std::function<void()> on_thread_start = nullptr)
      : rt_(builder(std::move(on_thread_start)).build().value()), holder_(hold()) {}
  HeldPool(const HeldPool&) = delete;
  HeldPool& operator=(const HeldPool&) = delete;
  ~HeldPool() { release(); }

  void release() { gate_.set(); }
  runtime::Runtime& runtime() { return rt_; }

 private:
  static runtime::Builder builder(std::function<void()> on_thread_start) {
    auto made = runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1);
    if (on_thread_start) made.on_thread_start(std::move(on_thread_start));
    return made;
  }
  JoinHandle<void> hold() {
    JoinHandle<void> held = rt_.handle().spawn_blocking([this] {
      held_.set();
      gate_.wait();
    });
    held_.wait();
    return held;
  }

  ChosenBackEnd back_end_{"0"};
  sys::TableScope no_cache_{without_cache()};
  test_support::Event held_;
  test_support::Event gate_;
  runtime::Runtime rt_;
  JoinHandle<void> holder_;
};

// Calls a poll form once, in the task that awaits this: nothing if it is pending.
template <class F>
auto once(F poll) {
  using T = typename std::invoke_result_t<F&, Context&>::value_type;
  return poll_fn([poll = std::move(poll)](Context& cx) mutable -> Poll<std::optional<T>> {
    auto polled = poll(cx);
    if (polled.is_pending()) return Poll<std::optional<T>>(std::optional<T>());
    return Poll<std::optional<T>>(std::optional<T>(*std::move(polled)));
  });
}

// A new file with this content, open for both.
inline Task<File> open_with(const TemporaryDirectory& dir, std::string_view content) {
  const Path path = make_file(dir / "file", content);
  co_return (co_await File::options().read(true).write(true).open(path)).value();
}

inline auto read_once(File& file, std::span<char> room) {
  return once([&file, room](Context& cx) -> Poll<Result<std::size_t>> {
    io::ReadBuf buf(std::as_writable_bytes(room));
    const Poll<Result<void>> read = file.poll_read(cx, buf);
    if (read.is_pending()) return kPending;
    if (!*read) return Result<std::size_t>(Err(read->error()));
    return Result<std::size_t>(buf.filled().size());
  });
}

inline auto write_once(File& file, std::string_view text) {
  return once(
      [&file, text](Context& cx) { return file.poll_write(cx, std::as_bytes(std::span(text))); });
}

inline auto flush_once(File& file) {
  return once([&file](Context& cx) { return file.poll_flush(cx); });
}

inline Task<std::string> read_some(File& file, std::size_t size) {
  std::string text(size, '\0');
  const Result<std::size_t> count = co_await file.read(std::span(text));
  EXPECT_TRUE(count) << count.error();
  text.resize(count.value_or(0));
  co_return text;
}

}  // namespace weft::fs

#endif  // WEFT_TESTS_UNIT_FS_FS_SUPPORT_H_
