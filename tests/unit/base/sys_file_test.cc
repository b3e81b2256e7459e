// weft::sys for files under a table: every wrapper reports errno, keeps its EINTR policy, and makes
// one call. What the calls do is shown by the tests of fs.

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <functional>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <weft/base/sys_file.h>
#include <weft/base/sys_ring.h>
#include <weft/base/sys_table.h>

namespace {

namespace sys = weft::sys;
using weft::BorrowedFd;
using weft::Error;

thread_local int g_calls = 0;
thread_local int g_interrupts = 0;
thread_local int g_number = 0;

template <class R, class... Args>
void fail(R (*&entry)(Args...)) {
  entry = [](Args...) -> R {
    errno = g_calls++ < g_interrupts ? EINTR : g_number;
    if constexpr (std::is_pointer_v<R>) {
      return nullptr;
    } else {
      return -1;
    }
  };
}

sys::Table failing_table() {
  sys::Table table;
  fail(table.openat);
  fail(table.openat2);
  fail(table.pread);
  fail(table.pwrite);
  fail(table.preadv2);
  fail(table.copy_file_range);
  fail(table.sendfile);
  fail(table.lseek);
  fail(table.fsync);
  fail(table.fdatasync);
  fail(table.ftruncate);
  fail(table.statx);
  fail(table.fchmod);
  fail(table.fchmodat);
  fail(table.renameat);
  fail(table.unlinkat);
  fail(table.mkdirat);
  fail(table.linkat);
  fail(table.symlinkat);
  fail(table.readlinkat);
  fail(table.realpath);
  fail(table.getdents64);
  fail(table.io_uring_setup);
  return table;
}

struct Wrapper {
  std::string name;
  std::function<std::optional<Error>()> call;
};

template <class F>
Wrapper wrapper(std::string name, F call) {
  return {std::move(name), [call]() -> std::optional<Error> {
            const auto result = call();
            return result ? std::nullopt : std::optional<Error>(result.error());
          }};
}

const BorrowedFd kFd(0);

std::vector<Wrapper> retried() {
  return {
      wrapper("openat", [] { return sys::openat(0, "x", 0, 0); }),
      wrapper("pread", [] { return sys::pread(kFd, {}, 0); }),
      wrapper("pwrite", [] { return sys::pwrite(kFd, {}, 0); }),
      wrapper("copy_file_range", [] { return sys::copy_file_range(kFd, kFd, 1); }),
      wrapper("sendfile", [] { return sys::sendfile(kFd, kFd, 1); }),
      wrapper("fsync", [] { return sys::fsync(kFd); }),
      wrapper("fdatasync", [] { return sys::fdatasync(kFd); }),
      wrapper("ftruncate", [] { return sys::ftruncate(kFd, 0); }),
      wrapper("fchmod", [] { return sys::fchmod(kFd, 0); }),
      wrapper("getdents64", [] { return sys::getdents64(kFd, {}); }),
  };
}

std::vector<Wrapper> others() {
  return {
      wrapper("open_cached", [] { return sys::open_cached(0, "x", 0); }),
      wrapper("read_cached", [] { return sys::read_cached(kFd, {}, std::nullopt); }),
      wrapper("lseek", [] { return sys::lseek(kFd, 0, SEEK_SET); }),
      wrapper("statx", [] { return sys::statx(0, "x", 0, 0, nullptr); }),
      wrapper("fchmodat", [] { return sys::fchmodat(0, "x", 0); }),
      wrapper("renameat", [] { return sys::renameat(0, "x", 0, "y"); }),
      wrapper("unlinkat", [] { return sys::unlinkat(0, "x", 0); }),
      wrapper("mkdirat", [] { return sys::mkdirat(0, "x", 0); }),
      wrapper("linkat", [] { return sys::linkat(0, "x", 0, "y"); }),
      wrapper("symlinkat", [] { return sys::symlinkat("x", 0, "y"); }),
      wrapper("readlinkat", [] { return sys::readlinkat(0, "x"); }),
      wrapper("realpath", [] { return sys::realpath("x"); }),
      wrapper("io_uring_setup", [] { return sys::SubmissionRing::create(1); }),
  };
}

// The error of `wrapper`, after `interrupts` times EINTR.
std::optional<Error> error_of(const Wrapper& wrapper, int interrupts) {
  static const sys::Table table = failing_table();
  const sys::TableScope scope(table);
  g_calls = 0;
  g_interrupts = interrupts;
  g_number = ENOSPC;
  return wrapper.call();
}

TEST(SysFile, EveryWrapperReportsTheErrorOfItsOneCall) {
  for (const auto& list : {retried(), others()}) {
    for (const Wrapper& one : list) {
      SCOPED_TRACE(one.name);
      EXPECT_EQ(error_of(one, 0), Error(std::errc::no_space_on_device));
      EXPECT_EQ(g_calls, 1);
    }
  }
}

TEST(SysFile, MarkedWrappersRetryEintr) {
  for (const Wrapper& one : retried()) {
    SCOPED_TRACE(one.name);
    EXPECT_EQ(error_of(one, 2), Error(std::errc::no_space_on_device));
    EXPECT_EQ(g_calls, 3);
  }
}

TEST(SysFile, OthersReturnEintr) {
  for (const Wrapper& one : others()) {
    SCOPED_TRACE(one.name);
    EXPECT_EQ(error_of(one, 1), Error(std::errc::interrupted));
  }
}

TEST(SysFile, APositionBeyondAllFilesIsInvalid) {
  std::array<std::byte, 1> room{};
  const auto most = ~std::uint64_t{0};
  EXPECT_EQ(sys::read_cached(kFd, room, most).error(), std::errc::invalid_argument);
}

TEST(SysRing, AnswersWhatItWasAsked) {
  auto made = sys::SubmissionRing::create(4);
  if (!made) GTEST_SKIP() << "no io_uring: " << made.error();
  sys::SubmissionRing ring = *std::move(made);
  EXPECT_TRUE(ring.supports(IORING_OP_NOP));
  EXPECT_FALSE(ring.has_answer());
  EXPECT_FALSE(ring.take_answer());
  // More than fit into the ring of answers.
  for (std::uint64_t number = 1; number <= 100; ++number) {
    ::io_uring_sqe request{};
    request.opcode = IORING_OP_NOP;
    request.user_data = number;
    EXPECT_TRUE(ring.submit(request));
  }
  EXPECT_TRUE(ring.wait());
  EXPECT_TRUE(ring.has_answer());
  for (std::uint64_t number = 1; number <= 100; ++number) {
    const auto answer = ring.take_answer();
    EXPECT_TRUE(answer && answer->number == number && answer->value == 0);
  }
  EXPECT_FALSE(ring.take_answer());
}

}  // namespace
