// File: the descriptor, clones, syncing, moving, closing.

#include <array>
#include <atomic>
#include <cerrno>
#include <concepts>
#include <fcntl.h>
#include <string>
#include <system_error>
#include <utility>

#include <tests/support/mock_task.h>
#include <tests/support/process_usage.h>
#include <tests/unit/fs/fs_support.h>
#include <weft/base/sys_table.h>
#include <weft/runtime/join.h>
#include <weft/runtime/spawn.h>

namespace weft::fs {
namespace {

using test_support::current_thread;

TEST(FS23, SyncWaitsForTheWrite) {
  const TemporaryDirectory dir;
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        File file = (co_await File::create(in / "file")).value();
        EXPECT_TRUE(co_await file.write("hello"));
        EXPECT_TRUE(co_await file.sync_all());
        EXPECT_EQ(content_of(in / "file"), "hello");
        EXPECT_TRUE(co_await file.write(" world"));
        EXPECT_TRUE(co_await file.sync_data());
        EXPECT_EQ(content_of(in / "file"), "hello world");
      },
      std::cref(dir).get());
}

TEST(FS23, AWriteErrorIsSavedAndTheSyncIsDone) {
  on_every_runtime([]() -> Task<> {
    // A device that cannot be synced: the sync is issued, and its own answer is returned.
    File full = (co_await File::options().write(true).open("/dev/full")).value();
    EXPECT_TRUE(co_await full.write("x"));
    EXPECT_EQ((co_await full.sync_all()).error(), std::errc::invalid_argument);
    EXPECT_EQ((co_await full.flush()).error(), std::errc::no_space_on_device);
  });
}

TEST(FS23, AFailingSyncComesAfterTheWrite) {
  const TemporaryDirectory dir;
  const ChosenBackEnd pool("0");
  static sys::Table table;
  table.fdatasync = [](int) {
    errno = EIO;
    return -1;
  };
  runtime::Runtime rt = runtime::Builder::new_current_thread()
                            .on_thread_start([] { sys::set_table(&table); })
                            .build()
                            .value();
  rt.block_on([](const TemporaryDirectory& in) -> Task<> {
    File file = (co_await File::create(in / "file")).value();
    EXPECT_TRUE(co_await file.write("hello"));
    EXPECT_EQ((co_await file.sync_data()).error(), std::errc::io_error);
    EXPECT_EQ(content_of(in / "file"), "hello");
    EXPECT_TRUE(co_await file.flush());
  }(dir));
}

TEST(FS24, MetadataAndPermissionsDoNotWaitForTheWrite) {
  const TemporaryDirectory dir;
  // Two threads: the write waits in the queue of neither.
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        File file = co_await open_with(in, "hello");
        EXPECT_EQ((co_await file.metadata()).value().size(), 5u);
        EXPECT_TRUE(co_await file.set_permissions(Permissions::from_mode(0640)));
        EXPECT_EQ(mode_of(in / "file"), 0640u);
        EXPECT_EQ((co_await file.metadata()).value().permissions().mode(), 0640u);
      },
      std::cref(dir).get());
}

TEST(FS24, MetadataRightAfterAWriteMayBeStale) {
  const TemporaryDirectory dir;
  HeldPool held;
  make_file(dir / "file");
  held.runtime().block_on([](const TemporaryDirectory& in, HeldPool& pool) -> Task<> {
    File file = File::from_fd(OwnedFd(::open((in / "file").c_str(), O_WRONLY | O_CLOEXEC)));
    auto facts = spawn(file.metadata());  // before the write, in the pool's only thread
    EXPECT_TRUE(co_await file.write("hello"));
    pool.release();
    const auto joined = co_await facts;
    EXPECT_TRUE(joined && *joined);
    EXPECT_TRUE(co_await file.flush());
    EXPECT_EQ((co_await file.metadata()).value().size(), 5u);
  }(dir, held));
}

TEST(FS24, AClonesPositionIsShared) {
  const TemporaryDirectory dir;
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        File file = co_await open_with(in, "0123456789");
        file.set_max_buf_size(1000);
        File clone = (co_await file.try_clone()).value();
        EXPECT_EQ(clone.max_buf_size(), 1000u);
        EXPECT_EQ(co_await read_some(file, 3), "012");
        EXPECT_EQ(co_await read_some(clone, 3), "345");
        EXPECT_EQ(co_await read_some(file, 3), "678");
      },
      std::cref(dir).get());
}

TEST(FS24, ACloneWaitsForTheWrite) {
  const TemporaryDirectory dir;
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        File file = co_await open_with(in, "");
        EXPECT_TRUE(co_await file.write("hello"));
        File clone = (co_await file.try_clone()).value();
        EXPECT_EQ(content_of(in / "file"), "hello");
        EXPECT_EQ((co_await clone.stream_position()).value(), 5u);
      },
      std::cref(dir).get());
}

TEST(FS25, IntoFdWaitsAndLeavesThePositionWhereReadingHasGotTo) {
  const TemporaryDirectory dir;
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        File file = co_await open_with(in, "0123456789");
        EXPECT_EQ(co_await read_some(file, 2), "01");
        EXPECT_TRUE(co_await file.write("ab"));
        const OwnedFd fd = (co_await std::move(file).into_fd()).value();
        EXPECT_EQ(content_of(in / "file"), "01ab456789");
        EXPECT_EQ(::lseek(fd.raw(), 0, SEEK_CUR), 4);
      },
      std::cref(dir).get());
}

TEST(FS25, TryIntoFdReturnsABusyFile) {
  const TemporaryDirectory dir;
  HeldPool held;
  make_file(dir / "file", "0123456789");
  held.runtime().block_on([](const TemporaryDirectory& in, HeldPool& pool) -> Task<> {
    File file = File::from_fd(OwnedFd(::open((in / "file").c_str(), O_RDWR | O_CLOEXEC)));
    std::array<char, 4> four{};
    EXPECT_FALSE(co_await read_once(file, four));
    Result<OwnedFd, File> busy = std::move(file).try_into_fd();
    EXPECT_FALSE(busy);
    File back = std::move(busy).error();
    pool.release();
    EXPECT_EQ(co_await read_some(back, 2), "01");
    Result<OwnedFd, File> idle = std::move(back).try_into_fd();
    EXPECT_TRUE(idle);
    EXPECT_EQ(::lseek(idle->raw(), 0, SEEK_CUR), 2);
  }(dir, held));
}

TEST(FS25, IntoFdSaysThatACancelledSyncStillHasIt) {
  const TemporaryDirectory dir;
  HeldPool held;
  make_file(dir / "file");
  held.runtime().block_on([](const TemporaryDirectory& in, HeldPool& pool) -> Task<> {
    File file = File::from_fd(OwnedFd(::open((in / "file").c_str(), O_RDWR | O_CLOEXEC)));
    {
      auto sync = file.sync_all();
      auto first = spawn(
          [](Task<Result<void>> inner) -> Task<> { static_cast<void>(co_await std::move(inner)); },
          std::move(sync));
      co_await poll_fn([first_poll = true](Context& cx) mutable -> Poll<> {
        if (!std::exchange(first_poll, false)) return Poll<>();
        cx.defer();
        return kPending;
      });
      first.abort();
      EXPECT_FALSE(co_await first);
    }
    EXPECT_EQ((co_await std::move(file).into_fd()).error(), std::errc::device_or_resource_busy);
    pool.release();
  }(dir, held));
}

TEST(FS25, FromFdTakesAnyDescriptor) {
  const TemporaryDirectory dir;
  make_file(dir / "file", "0123456789");
  const int fd = ::open((dir / "file").c_str(), O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(::lseek(fd, 4, SEEK_SET), 4);
  File file = File::from_fd(OwnedFd(fd));  // needs no runtime
  EXPECT_EQ(file.as_fd().raw(), fd);
  current_thread().block_on(
      [](File& taken) -> Task<> { EXPECT_EQ(co_await read_some(taken, 3), "456"); }(file));
}

// On a pool that is gone every operation is an error, again and again.
TEST(FS26, RepeatingAnOperationOnADeadPoolGivesAnErrorAgain) {
  const TemporaryDirectory dir;
  make_file(dir / "file", "0123456789");
  const ChosenBackEnd pool("0");
  std::optional<runtime::Runtime> rt(current_thread());
  const runtime::Handle handle = rt->handle();
  rt.reset();
  const auto guard = handle.enter();
  const sys::TableScope scope(without_cache());
  File file = File::from_fd(OwnedFd(::open((dir / "file").c_str(), O_RDWR | O_CLOEXEC)));
  const test_support::MockTask task;
  const Waker waker = task.waker();
  Context cx(waker);
  std::array<std::byte, 4> four{};
  for (int i = 0; i < 2; ++i) {
    {
      io::ReadBuf buf(four);
      EXPECT_EQ((*file.poll_read(cx, buf)).error(), Errc::other);
      EXPECT_EQ((*file.poll_write(cx, four)).error(), Errc::other);
      EXPECT_TRUE(file.start_seek(io::SeekFrom::start(1)));
      EXPECT_EQ((*file.poll_complete(cx)).error(), Errc::other);
      EXPECT_TRUE(*file.poll_flush(cx));
    }
  }
}

TEST(FS18, ADeadPoolRefusesTheWriteItself) {
  const TemporaryDirectory dir;
  make_file(dir / "file");
  const ChosenBackEnd pool("0");
  std::optional<runtime::Runtime> rt(current_thread());
  const runtime::Handle handle = rt->handle();
  rt.reset();
  const auto guard = handle.enter();
  const std::uint64_t lost = lost_write_errors();
  File file = File::from_fd(OwnedFd(::open((dir / "file").c_str(), O_RDWR | O_CLOEXEC)));
  const test_support::MockTask task;
  const Waker waker = task.waker();
  Context cx(waker);
  EXPECT_EQ((*file.poll_write(cx, std::as_bytes(std::span("x", 1)))).error(), Errc::other);
  EXPECT_EQ(lost_write_errors(), lost);
}

TEST(FS29, MovableAndNotCopyable) {
  static_assert(std::movable<File> && !std::copyable<File>);
  const TemporaryDirectory dir;
  current_thread().block_on([](const TemporaryDirectory& in) -> Task<> {
    File file = co_await open_with(in, "0123456789");
    EXPECT_EQ(co_await read_some(file, 2), "01");
    EXPECT_TRUE(co_await file.write("ab"));
    File moved = std::move(file);
    EXPECT_EQ(co_await read_some(moved, 2), "45");
    EXPECT_EQ(content_of(in / "file"), "01ab456789");
  }(dir));
}

TEST(FS29, ConstFunctionsMayBeCalledAtTheSameTime) {
  const TemporaryDirectory dir;
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        const File file = co_await open_with(in, "0123456789");
        const auto [a, b, c, d, e] = co_await join(
            file.sync_all(), file.set_len(5), file.metadata(), file.try_clone(), file.sync_data());
        EXPECT_TRUE(a && b && c && d && e);
        EXPECT_EQ(content_of(in / "file"), "01234");
      },
      std::cref(dir).get());
}

TEST(FS57, CloseFlushesAndSaysSo) {
  const TemporaryDirectory dir;
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        File file = (co_await File::create(in / "file")).value();
        const int number = file.as_fd().raw();
        EXPECT_TRUE(co_await file.write("hello"));
        EXPECT_TRUE(co_await std::move(file).close());
        EXPECT_EQ(content_of(in / "file"), "hello");
        EXPECT_EQ(::fcntl(number, F_GETFD), -1);
        File full = (co_await File::options().write(true).open("/dev/full")).value();
        EXPECT_TRUE(co_await full.write("x"));
        EXPECT_EQ((co_await std::move(full).close()).error(), std::errc::no_space_on_device);
      },
      std::cref(dir).get());
}

TEST(FS57, CloseReportsWhatCloseSays) {
  const TemporaryDirectory dir;
  const ChosenBackEnd pool("0");
  static sys::Table table;
  static std::atomic<int> broken{-1};
  table.close = [](int fd) {
    const int closed = ::close(fd);
    if (fd != broken.load()) return closed;
    errno = EIO;
    return -1;
  };
  runtime::Runtime rt = runtime::Builder::new_current_thread()
                            .on_thread_start([] { sys::set_table(&table); })
                            .build()
                            .value();
  rt.block_on([](const TemporaryDirectory& in) -> Task<> {
    File file = (co_await File::create(in / "file")).value();
    broken = file.as_fd().raw();
    EXPECT_EQ((co_await std::move(file).close()).error(), std::errc::io_error);
    broken = -1;
  }(dir));
}

TEST(FS57, ACancelledCloseClosesAllTheSame) {
  const TemporaryDirectory dir;
  const std::size_t before = test_support::ProcessUsage::now().descriptors;
  {
    runtime::Runtime rt = current_thread();
    rt.block_on([](const TemporaryDirectory& in) -> Task<> {
      File file = (co_await File::create(in / "file")).value();
      EXPECT_TRUE(co_await file.write("x"));
      {
        const auto dropped = std::move(file).close();
      }
    }(dir));
  }
  EXPECT_EQ(test_support::ProcessUsage::now().descriptors, before);
}

}  // namespace
}  // namespace weft::fs
