// File: writing, what is reported when, flushing.

#include <array>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <system_error>
#include <vector>

#include <tests/unit/fs/fs_support.h>
#include <weft/base/sys_table.h>
#include <weft/runtime/spawn.h>

namespace weft::fs {
namespace {

using test_support::current_thread;

File descriptor_of(const Path& path, int flags) {
  return File::from_fd(OwnedFd(::open(path.c_str(), flags | O_CLOEXEC)));
}

TEST(FS14, AWriteIsCompleteWhenItIsAccepted) {
  const TemporaryDirectory dir;
  HeldPool held;
  make_file(dir / "file");
  held.runtime().block_on([](const TemporaryDirectory& in, HeldPool& pool) -> Task<> {
    File file = descriptor_of(in / "file", O_WRONLY);
    EXPECT_EQ((co_await file.write("hello")).value(), 5u);
    EXPECT_EQ(content_of(in / "file"), "");
    pool.release();
    EXPECT_TRUE(co_await file.flush());
    EXPECT_EQ(content_of(in / "file"), "hello");
  }(dir, held));
}

TEST(FS14, AllOfItIsWrittenHoweverShortTheCalls) {
  const TemporaryDirectory dir;
  const ChosenBackEnd pool("0");
  static sys::Table table;
  table.writev = [](int fd, const ::iovec* slices, int) {
    return ::write(fd, slices->iov_base, std::min<std::size_t>(slices->iov_len, 3));
  };
  runtime::Runtime rt = runtime::Builder::new_current_thread()
                            .on_thread_start([] { sys::set_table(&table); })
                            .build()
                            .value();
  rt.block_on([](const TemporaryDirectory& in) -> Task<> {
    File file = (co_await File::create(in / "file")).value();
    EXPECT_EQ((co_await file.write("hello world")).value(), 11u);
    EXPECT_TRUE(co_await file.flush());
  }(dir));
  EXPECT_EQ(content_of(dir / "file"), "hello world");
}

TEST(FS14, AtMostTheBufferSizeIsAccepted) {
  const TemporaryDirectory dir;
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        File file = (co_await File::create(in / "file")).value();
        file.set_max_buf_size(4);
        EXPECT_EQ((co_await file.write("hello world")).value(), 4u);
        EXPECT_TRUE(co_await file.write_all("o world"));
        EXPECT_TRUE(co_await file.flush());
        EXPECT_EQ(content_of(in / "file"), "hello world");
      },
      std::cref(dir).get());
}

TEST(FS15, TheNextWriteReportsAndTakesNothing) {
  on_every_runtime([]() -> Task<> {
    File full = (co_await File::options().write(true).open("/dev/full")).value();
    EXPECT_EQ((co_await full.write("hello")).value(), 5u);
    // Until the job has ended more may be accepted, to the same end.
    Result<std::size_t> next = std::size_t{0};
    while (next) next = co_await full.write("more");
    EXPECT_EQ(next.error(), std::errc::no_space_on_device);
    // Reported once.
    EXPECT_EQ((co_await full.write("again")).value(), 5u);
    EXPECT_EQ((co_await full.flush()).error(), std::errc::no_space_on_device);
  });
}

TEST(FS15, FlushReportsOnce) {
  on_every_runtime([]() -> Task<> {
    File full = (co_await File::options().write(true).open("/dev/full")).value();
    EXPECT_TRUE(co_await full.write("hello"));
    EXPECT_EQ((co_await full.flush()).error(), std::errc::no_space_on_device);
    EXPECT_TRUE(co_await full.flush());
  });
}

TEST(FS15, AReadThatMeetsTheErrorLeavesItToTheNextWrite) {
  on_every_runtime([]() -> Task<> {
    File full = (co_await File::options().read(true).write(true).open("/dev/full")).value();
    EXPECT_TRUE(co_await full.write("hello"));
    EXPECT_EQ(co_await read_some(full, 4), std::string(4, '\0'));
    EXPECT_EQ((co_await full.write("more")).error(), std::errc::no_space_on_device);
    EXPECT_TRUE(co_await full.flush());
  });
}

TEST(FS15, AReadThatMeetsTheErrorLeavesItToFlush) {
  on_every_runtime([]() -> Task<> {
    File full = (co_await File::options().read(true).write(true).open("/dev/full")).value();
    EXPECT_TRUE(co_await full.write("hello"));
    EXPECT_EQ(co_await read_some(full, 4), std::string(4, '\0'));
    EXPECT_EQ((co_await full.flush()).error(), std::errc::no_space_on_device);
  });
}

TEST(FS15, ASeekThatMeetsTheErrorLeavesItToTheNextWriteOrFlush) {
  on_every_runtime([]() -> Task<> {
    File full = (co_await File::options().write(true).open("/dev/full")).value();
    EXPECT_TRUE(co_await full.write("hello"));
    EXPECT_TRUE(co_await full.rewind());
    EXPECT_EQ((co_await full.write("more")).error(), std::errc::no_space_on_device);
    EXPECT_TRUE(co_await full.write("hello"));
    EXPECT_TRUE(co_await full.rewind());
    EXPECT_EQ((co_await full.flush()).error(), std::errc::no_space_on_device);
  });
}

TEST(FS16, AWriteWaitsWhileTwoBuffersAreFull) {
  const TemporaryDirectory dir;
  HeldPool held;
  make_file(dir / "file");
  held.runtime().block_on([](const TemporaryDirectory& in, HeldPool& pool) -> Task<> {
    File file = descriptor_of(in / "file", O_WRONLY);
    file.set_max_buf_size(4);
    EXPECT_EQ((co_await file.write("0123")).value(), 4u);
    EXPECT_FALSE(co_await write_once(file, "4567"));
    pool.release();
    EXPECT_TRUE(co_await file.write_all("4567"));
    EXPECT_TRUE(co_await file.flush());
    EXPECT_EQ(content_of(in / "file"), "01234567");
  }(dir, held));
}

TEST(FS16, WritesAreMadeInOrder) {
  const TemporaryDirectory dir;
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        File file = (co_await File::create(in / "file")).value();
        file.set_max_buf_size(1000);
        std::string expected;
        for (int i = 0; i < 5000; ++i) {
          const std::string line = std::to_string(i) + "\n";
          EXPECT_TRUE(co_await file.write_all(line));
          expected += line;
        }
        EXPECT_TRUE(co_await file.flush());
        EXPECT_EQ(content_of(in / "file"), expected);
      },
      std::cref(dir).get());
}

TEST(FS17, WritingGoesWhereReadingHasGotTo) {
  const TemporaryDirectory dir;
  HeldPool held;
  make_file(dir / "file", "0123456789abcdefghij");
  held.runtime().block_on([](const TemporaryDirectory& in, HeldPool& pool) -> Task<> {
    File file = descriptor_of(in / "file", O_RDWR);
    EXPECT_EQ(::lseek(file.as_fd().raw(), 10, SEEK_SET), 10);
    std::array<char, 10> ten{};
    EXPECT_FALSE(co_await read_once(file, ten));
    pool.release();
    EXPECT_EQ(co_await read_some(file, 3), "abc");  // of a larger buffer
    EXPECT_TRUE(co_await file.write_all("XYZ"));
    EXPECT_TRUE(co_await file.flush());
    EXPECT_EQ(content_of(in / "file"), "0123456789abcXYZghij");
  }(dir, held));
}

TEST(FS17, ARelativeSeekStartsWhereReadingHasGotTo) {
  const TemporaryDirectory dir;
  HeldPool held;
  make_file(dir / "file", "0123456789");
  held.runtime().block_on([](const TemporaryDirectory& in, HeldPool& pool) -> Task<> {
    File file = descriptor_of(in / "file", O_RDONLY);
    std::array<char, 8> eight{};
    EXPECT_FALSE(co_await read_once(file, eight));
    pool.release();
    EXPECT_EQ(co_await read_some(file, 2), "01");
    EXPECT_EQ((co_await file.seek(io::SeekFrom::current(1))).value(), 3u);
    EXPECT_EQ(co_await read_some(file, 2), "34");
  }(dir, held));
}

TEST(FS17, AWriteAfterAnIncompleteReadGoesBackByAllOfIt) {
  const TemporaryDirectory dir;
  HeldPool held;
  make_file(dir / "file", "0123456789");
  held.runtime().block_on([](const TemporaryDirectory& in, HeldPool& pool) -> Task<> {
    File file = descriptor_of(in / "file", O_RDWR);
    std::array<char, 8> eight{};
    EXPECT_FALSE(co_await read_once(file, eight));
    pool.release();
    EXPECT_TRUE(co_await file.write_all("ab"));
    EXPECT_TRUE(co_await file.flush());
    EXPECT_EQ(content_of(in / "file"), "ab23456789");
  }(dir, held));
}

TEST(FS18, AcceptedWritesAreMadeDuringShutdown) {
  const TemporaryDirectory dir;
  make_file(dir / "file");
  std::optional<File> file;
  {
    HeldPool held;
    held.runtime().block_on([](const TemporaryDirectory& in, std::optional<File>& out) -> Task<> {
      out = descriptor_of(in / "file", O_WRONLY);
      EXPECT_TRUE(co_await out->write("kept"));
    }(dir, file));
    held.release();
  }
  EXPECT_EQ(content_of(dir / "file"), "kept");
}

TEST(FS19, FlushWithNothingInFlightCompletesAtOnce) {
  const TemporaryDirectory dir;
  HeldPool held;
  make_file(dir / "file");
  held.runtime().block_on([](const TemporaryDirectory& in) -> Task<> {
    File file = descriptor_of(in / "file", O_RDWR);
    const auto flushed = co_await flush_once(file);
    EXPECT_TRUE(flushed && *flushed);
    EXPECT_TRUE(co_await file.shutdown());
  }(dir));
}

TEST(FS19, FlushWaitsForTheWrite) {
  const TemporaryDirectory dir;
  HeldPool held;
  make_file(dir / "file");
  held.runtime().block_on([](const TemporaryDirectory& in, HeldPool& pool) -> Task<> {
    File file = descriptor_of(in / "file", O_WRONLY);
    EXPECT_TRUE(co_await file.write("a"));
    EXPECT_FALSE(co_await flush_once(file));
    EXPECT_TRUE(co_await write_once(file, "b"));  // after an incomplete flush
    pool.release();
    EXPECT_TRUE(co_await file.flush());
    EXPECT_EQ(content_of(in / "file"), "ab");
  }(dir, held));
}

TEST(FS19, FlushKeepsWhatAnIncompleteReadHasRead) {
  const TemporaryDirectory dir;
  HeldPool held;
  make_file(dir / "file", "0123456789");
  held.runtime().block_on([](const TemporaryDirectory& in, HeldPool& pool) -> Task<> {
    File file = descriptor_of(in / "file", O_RDONLY);
    std::array<char, 4> four{};
    EXPECT_FALSE(co_await read_once(file, four));
    EXPECT_FALSE(co_await flush_once(file));
    pool.release();
    EXPECT_TRUE(co_await file.flush());
    EXPECT_EQ(co_await read_some(file, 100), "0123");
    EXPECT_EQ(co_await read_some(file, 100), "456789");
  }(dir, held));
}

std::atomic<int> syncs{0};
int count_sync(int) {
  syncs.fetch_add(1);
  return 0;
}

TEST(FS19, FlushDoesNotSync) {
  const TemporaryDirectory dir;
  const ChosenBackEnd pool("0");
  static sys::Table table;
  table.fsync = count_sync;
  table.fdatasync = count_sync;
  runtime::Runtime rt = runtime::Builder::new_current_thread()
                            .on_thread_start([] { sys::set_table(&table); })
                            .build()
                            .value();
  syncs = 0;
  rt.block_on([](const TemporaryDirectory& in) -> Task<> {
    File file = (co_await File::create(in / "file")).value();
    EXPECT_TRUE(co_await file.write_all("x"));
    EXPECT_TRUE(co_await file.flush());
    EXPECT_EQ(syncs.load(), 0);
    EXPECT_TRUE(co_await file.sync_all());
    EXPECT_EQ(syncs.load(), 1);
    EXPECT_TRUE(co_await file.sync_data());
    EXPECT_EQ(syncs.load(), 2);
  }(dir));
}

TEST(FS20, DestroyingAFileDoesNotWaitAndStillWrites) {
  const TemporaryDirectory dir;
  make_file(dir / "file");
  {
    HeldPool held;
    int number = -1;
    held.runtime().block_on([](const TemporaryDirectory& in, int& fd) -> Task<> {
      File file = descriptor_of(in / "file", O_WRONLY);
      fd = file.as_fd().raw();
      EXPECT_TRUE(co_await file.write("a"));
      EXPECT_TRUE(co_await file.write("b"));
    }(dir, number));
    EXPECT_EQ(content_of(dir / "file"), "");
    EXPECT_NE(::fcntl(number, F_GETFD), -1);  // the job has it
    held.release();
  }
  EXPECT_EQ(content_of(dir / "file"), "ab");
}

TEST(FS27, VectoredWritesAreOneWrite) {
  const TemporaryDirectory dir;
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        File file = (co_await File::create(in / "file")).value();
        EXPECT_TRUE(file.is_write_vectored());
        file.set_max_buf_size(8);
        const std::array<io::IoSlice, 4> slices = {io::IoSlice("abc"), io::IoSlice(""),
                                                   io::IoSlice("def"), io::IoSlice("ghi")};
        EXPECT_EQ((co_await file.write_vectored(slices)).value(), 8u);
        EXPECT_TRUE(co_await file.flush());
        EXPECT_EQ(content_of(in / "file"), "abcdefgh");
      },
      std::cref(dir).get());
}

TEST(FS56, DeferredErrorsKeepTheirErrno) {
  on_every_runtime([]() -> Task<> {
    File full = (co_await File::options().read(true).write(true).open("/dev/full")).value();
    EXPECT_TRUE(co_await full.write("x"));
    EXPECT_EQ((co_await read_some(full, 1)).size(), 1u);
    EXPECT_EQ((co_await full.flush()).error().raw_os_error(), ENOSPC);
  });
}

std::atomic<int> lost_number{0};

TEST(FS56, ErrorsNobodyFetchedAreCounted) {
  const std::uint64_t before = lost_write_errors();
  on_lost_write_error(
      [](Error error) noexcept { lost_number = error.raw_os_error().value_or(-1); });
  {
    runtime::Runtime rt = current_thread();
    rt.block_on([]() -> Task<> {
      File full = (co_await File::options().write(true).open("/dev/full")).value();
      EXPECT_TRUE(co_await full.write("x"));
    }());
  }
  on_lost_write_error(nullptr);
  EXPECT_EQ(lost_write_errors(), before + 1);
  EXPECT_EQ(lost_number.load(), ENOSPC);
}

TEST(FS56, FetchedErrorsAreNot) {
  const std::uint64_t before = lost_write_errors();
  {
    runtime::Runtime rt = current_thread();
    rt.block_on([]() -> Task<> {
      File full = (co_await File::options().write(true).open("/dev/full")).value();
      EXPECT_TRUE(co_await full.write("x"));
      EXPECT_FALSE(co_await full.flush());
    }());
  }
  EXPECT_EQ(lost_write_errors(), before);
}

TEST(FS60, WritesAreCoalescedUpToTheBufferSize) {
  const TemporaryDirectory dir;
  const ChosenBackEnd pool("0");
  static sys::Table table;
  static std::atomic<int> calls{0};
  calls = 0;
  table.writev = [](int fd, const ::iovec* slices, int count) {
    calls.fetch_add(1);
    return ::writev(fd, slices, count);
  };
  make_file(dir / "file");
  HeldPool held([] { sys::set_table(&table); });
  held.runtime().block_on([](const TemporaryDirectory& in, HeldPool& waiting) -> Task<> {
    File file = descriptor_of(in / "file", O_WRONLY);
    for (int i = 0; i < 100; ++i) EXPECT_EQ((co_await file.write("0123456789")).value(), 10u);
    waiting.release();
    EXPECT_TRUE(co_await file.flush());
    EXPECT_EQ(content_of(in / "file").size(), 1000u);
    EXPECT_EQ(calls.load(), 1);
  }(dir, held));
}

TEST(FS60, WhatWasAcceptedAfterAFailedWriteIsNotWritten) {
  const TemporaryDirectory dir;
  static sys::Table table;
  static std::atomic<int> calls{0};
  calls = 0;
  table.writev = [](int fd, const ::iovec* slices, int) -> ssize_t {
    if (calls.fetch_add(1) == 1) {
      errno = EIO;
      return -1;
    }
    return ::write(fd, slices->iov_base, std::min<std::size_t>(slices->iov_len, 2));
  };
  make_file(dir / "file");
  HeldPool held([] { sys::set_table(&table); });
  held.runtime().block_on([](const TemporaryDirectory& in, HeldPool& waiting) -> Task<> {
    File file = descriptor_of(in / "file", O_WRONLY);
    EXPECT_TRUE(co_await file.write("0123"));
    EXPECT_TRUE(co_await file.write("4567"));
    waiting.release();
    EXPECT_EQ((co_await file.flush()).error(), std::errc::io_error);
    EXPECT_EQ(content_of(in / "file"), "01");
    EXPECT_TRUE(co_await file.write("89"));
    EXPECT_TRUE(co_await file.flush());
    EXPECT_EQ(content_of(in / "file"), "0189");
  }(dir, held));
}

}  // namespace
}  // namespace weft::fs
