#include <weft/base/fd.h>

#include <cerrno>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/eventfd.h>
#include <type_traits>
#include <unistd.h>
#include <utility>

#include <weft/base/sys.h>

namespace {

namespace sys = weft::sys;
using weft::BorrowedFd;
using weft::OwnedFd;
using weft::Result;

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

OwnedFd make() { return sys::eventfd(0, EFD_CLOEXEC).value(); }

TEST(OwnedFd, KindIsMoveOnlyAndSmall) {
  static_assert(std::is_nothrow_move_constructible_v<OwnedFd>);
  static_assert(std::is_nothrow_move_assignable_v<OwnedFd>);
  static_assert(!std::is_copy_constructible_v<OwnedFd> && !std::is_copy_assignable_v<OwnedFd>);
  static_assert(!std::is_convertible_v<int, OwnedFd> && !std::is_convertible_v<int, BorrowedFd>);
  static_assert(sizeof(OwnedFd) == sizeof(int) && std::is_trivially_copyable_v<BorrowedFd>);
}

TEST(OwnedFd, EmptyWhenMadeByDefault) {
  OwnedFd empty;
  EXPECT_FALSE(empty);
  EXPECT_EQ(empty.raw(), -1);
  EXPECT_TRUE(empty.close().has_value());
  EXPECT_EQ(std::move(empty).release(), -1);
}

TEST(OwnedFd, ClosesWhenDestroyed) {
  int number = -1;
  {
    const OwnedFd fd = make();
    number = fd.raw();
    EXPECT_TRUE(fd);
    EXPECT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
}

TEST(OwnedFd, MovingLeavesItEmpty) {
  OwnedFd a = make();
  const int number = a.raw();
  const OwnedFd b = std::move(a);
  EXPECT_FALSE(a);
  EXPECT_EQ(b.raw(), number);
  EXPECT_TRUE(is_open(number));
}

TEST(OwnedFd, AssigningClosesWhatWasHeld) {
  OwnedFd a = make();
  OwnedFd b = make();
  const int old = a.raw();
  const int kept = b.raw();
  a = std::move(b);
  EXPECT_FALSE(is_open(old));
  EXPECT_EQ(a.raw(), kept);
  EXPECT_FALSE(b);
  OwnedFd& same = a;
  a = std::move(same);
  EXPECT_EQ(a.raw(), kept);
  EXPECT_TRUE(is_open(kept));
  a = OwnedFd();
  EXPECT_FALSE(is_open(kept));
}

TEST(OwnedFd, ReleaseGivesItUpOpen) {
  OwnedFd fd = make();
  const int number = std::move(fd).release();
  EXPECT_FALSE(fd);
  EXPECT_TRUE(is_open(number));
  const OwnedFd adopted(number);
  EXPECT_EQ(adopted.raw(), number);
}

TEST(OwnedFd, CloseReportsAndEmptiesEvenOnFailure) {
  OwnedFd fd = make();
  const int number = fd.raw();
  sys::Table table;
  table.close = [](int closing) {
    ::close(closing);
    errno = EIO;
    return -1;
  };
  {
    const sys::TableScope scope(table);
    EXPECT_EQ(fd.close().error(), std::errc::io_error);
  }
  EXPECT_FALSE(fd);
  EXPECT_FALSE(is_open(number));
  EXPECT_TRUE(fd.close().has_value());
}

TEST(OwnedFd, DestructorKeepsOtherErrorsToItself) {
  static int closed = 0;
  closed = 0;
  sys::Table table;
  table.close = [](int closing) {
    ++closed;
    ::close(closing);
    errno = EINTR;
    return -1;
  };
  const sys::TableScope scope(table);
  {
    const OwnedFd fd = make();
  }
  EXPECT_EQ(closed, 1);
}

TEST(OwnedFd, CloneIsAnotherDescriptorOfTheSameFile) {
  const OwnedFd fd = make();
  const Result<OwnedFd> clone = fd.try_clone();
  ASSERT_TRUE(clone.has_value());
  EXPECT_NE(clone->raw(), fd.raw());
  EXPECT_TRUE(::fcntl(clone->raw(), F_GETFD) & FD_CLOEXEC);
  ASSERT_EQ(::eventfd_write(fd.raw(), 3), 0);
  eventfd_t count = 0;
  ASSERT_EQ(::eventfd_read(clone->raw(), &count), 0);
  EXPECT_EQ(count, 3u);
  const Result<OwnedFd> of_borrowed = fd.borrow().try_clone();
  ASSERT_TRUE(of_borrowed.has_value());
  EXPECT_TRUE(is_open(of_borrowed->raw()));
}

TEST(OwnedFd, CloneFailsWhenDescriptorsRunOut) {
  sys::Table table;
  table.fcntl = [](int, int, long) {
    errno = EMFILE;
    return -1;
  };
  const OwnedFd fd = make();
  const sys::TableScope scope(table);
  EXPECT_EQ(fd.try_clone().error(), std::errc::too_many_files_open);
}

TEST(OwnedFdDeathTest, MisuseIsFatalAtTheCaller) {
  const OwnedFd empty;
  const std::string here = "fd_test\\.cc:[0-9]+: ";
  EXPECT_DEATH(static_cast<void>(OwnedFd(-1)), here + "OwnedFd: a negative number");
  EXPECT_DEATH(static_cast<void>(OwnedFd(-100)), here + "OwnedFd: a negative number");
  EXPECT_DEATH(static_cast<void>(empty.borrow()), here + "OwnedFd::borrow: it is empty");
  EXPECT_DEATH(static_cast<void>(empty.try_clone()), here + "OwnedFd::borrow: it is empty");
  EXPECT_DEATH(static_cast<void>(sys::read(empty, {})), "used as a BorrowedFd while it is empty");
}

#ifndef NDEBUG
TEST(OwnedFdDeathTest, DoubleCloseIsFatal) {
  EXPECT_DEATH(
      {
        const OwnedFd fd = make();
        ::close(fd.raw());
      },
      "closed by somebody else");
}
#endif

TEST(BorrowedFd, DoesNotClose) {
  const OwnedFd fd = make();
  {
    const BorrowedFd borrowed = fd.borrow();
    const BorrowedFd copy = borrowed;
    EXPECT_EQ(copy.raw(), fd.raw());
    EXPECT_EQ(copy, borrowed);
    EXPECT_NE(copy, BorrowedFd(0));
  }
  EXPECT_TRUE(is_open(fd.raw()));
}

TEST(BorrowedFdDeathTest, NegativeIsFatalAtTheCaller) {
  EXPECT_DEATH(BorrowedFd(-1), "fd_test\\.cc:[0-9]+: BorrowedFd: a negative number");
}

}  // namespace
