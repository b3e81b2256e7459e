// File: reading, the buffer, read-ahead.

#include <array>
#include <fcntl.h>
#include <string>
#include <system_error>
#include <vector>

#include <tests/unit/fs/fs_support.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>

namespace weft::fs {
namespace {

using test_support::current_thread;

TEST(FS11, TheBufferIsTwoMebibytesUnlessSet) {
  const TemporaryDirectory dir;
  current_thread().block_on([](const TemporaryDirectory& in) -> Task<> {
    File file = co_await open_with(in, "");
    EXPECT_EQ(file.max_buf_size(), 2'097'152u);
    file.set_max_buf_size(7);
    EXPECT_EQ(file.max_buf_size(), 7u);
  }(dir));
}

TEST(FS11, ASizeOfOneMovesOneByte) {
  const TemporaryDirectory dir;
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        File file = co_await open_with(in, "abc");
        file.set_max_buf_size(1);
        EXPECT_EQ(co_await read_some(file, 10), "a");
        EXPECT_EQ(co_await read_some(file, 10), "b");
        EXPECT_EQ((co_await file.write("xyz")).value(), 1u);
        EXPECT_TRUE(co_await file.flush());
        EXPECT_EQ(content_of(in / "file"), "abx");
      },
      std::cref(dir).get());
}

TEST(FS11, ASizeOfZeroIsFatal) {
  const TemporaryDirectory dir;
  EXPECT_DEATH(current_thread().block_on([](const TemporaryDirectory& in) -> Task<> {
    File file = co_await open_with(in, "");
    file.set_max_buf_size(0);
  }(dir)),
               "file_read_test.cc.*set_max_buf_size");
}

TEST(FS12, ReadsInOneJobAndThenTheEnd) {
  const TemporaryDirectory dir;
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        File file = co_await open_with(in, "hello");
        EXPECT_EQ(co_await read_some(file, 100), "hello");
        EXPECT_EQ(co_await read_some(file, 100), "");
        EXPECT_EQ(co_await read_some(file, 100), "");
      },
      std::cref(dir).get());
}

TEST(FS12, AnEmptyBufferNeedsNoJobAndIsNotTheEnd) {
  const TemporaryDirectory dir;
  HeldPool held;
  held.runtime().block_on([](const TemporaryDirectory& in, HeldPool& pool) -> Task<> {
    make_file(in / "file", "hello");
    File file = File::from_fd(OwnedFd(::open((in / "file").c_str(), O_RDONLY | O_CLOEXEC)));
    EXPECT_EQ((co_await file.read(std::span<char>())).value(), 0u);
    pool.release();
    EXPECT_EQ(co_await read_some(file, 100), "hello");
  }(dir, held));
}

TEST(FS12, TheRestStaysForLaterReadsWithoutAJob) {
  const TemporaryDirectory dir;
  HeldPool held;
  make_file(dir / "file", "hello world");
  held.runtime().block_on([](const TemporaryDirectory& in, HeldPool& pool) -> Task<> {
    File file = File::from_fd(OwnedFd(::open((in / "file").c_str(), O_RDONLY | O_CLOEXEC)));
    std::array<char, 8> eight{};
    EXPECT_FALSE(co_await read_once(file, eight));
    pool.release();
    std::array<char, 3> three{};
    EXPECT_EQ((co_await file.read(std::span<char>(three))).value(), 3u);
    // What is left of the first eight.
    const auto rest = co_await read_once(file, eight);
    EXPECT_TRUE(rest && rest->value() == 5);
    EXPECT_EQ(std::string(eight.data(), 5), "lo wo");
  }(dir, held));
}

TEST(FS12, AnErrorLeavesNothingBehind) {
  const TemporaryDirectory dir;
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        File file = (co_await File::create(in / "new")).value();
        std::array<char, 4> room{};
        EXPECT_EQ((co_await file.read(std::span<char>(room))).error(),
                  std::errc::bad_file_descriptor);
        EXPECT_EQ((co_await file.read(std::span<char>(room))).error(),
                  std::errc::bad_file_descriptor);
        EXPECT_TRUE(co_await file.write_all("x"));
        EXPECT_TRUE(co_await file.flush());
      },
      std::cref(dir).get());
}

TEST(FS13, TheNextReadGetsWhatADestroyedOneAskedFor) {
  const TemporaryDirectory dir;
  HeldPool held;
  make_file(dir / "file", "hello world");
  held.runtime().block_on([](const TemporaryDirectory& in, HeldPool& pool) -> Task<> {
    File file = File::from_fd(OwnedFd(::open((in / "file").c_str(), O_RDONLY | O_CLOEXEC)));
    std::array<char, 5> five{};
    EXPECT_FALSE(co_await read_once(file, five));
    pool.release();
    // A larger buffer: a short read; then on from there.
    EXPECT_EQ(co_await read_some(file, 100), "hello");
    EXPECT_EQ(co_await read_some(file, 100), " world");
  }(dir, held));
}

TEST(FS13, AlsoIntoASmallerBuffer) {
  const TemporaryDirectory dir;
  HeldPool held;
  make_file(dir / "file", "hello world");
  held.runtime().block_on([](const TemporaryDirectory& in, HeldPool& pool) -> Task<> {
    File file = File::from_fd(OwnedFd(::open((in / "file").c_str(), O_RDONLY | O_CLOEXEC)));
    std::array<char, 8> eight{};
    EXPECT_FALSE(co_await read_once(file, eight));
    pool.release();
    EXPECT_EQ(co_await read_some(file, 2), "he");
    EXPECT_EQ(co_await read_some(file, 2), "ll");
    EXPECT_EQ(co_await read_some(file, 100), "o wo");
    EXPECT_EQ(co_await read_some(file, 100), "rld");
  }(dir, held));
}

// A destroyed read never leaves the kernel with the caller's memory; ASan would tell.
TEST(FS55, TheCallersMemoryIsNeverTheKernels) {
  const TemporaryDirectory dir;
  make_file(dir / "file", std::string(1 << 20, 'x'));
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        File file = (co_await File::open(in / "file")).value();
        for (int i = 0; i < 50; ++i) {
          {
            std::vector<char> room(16 * 1024);
            static_cast<void>(co_await read_once(file, room));
          }
          co_await yield_now();
        }
        EXPECT_EQ((co_await read_some(file, 10)).size(), 10u);
      },
      std::cref(dir).get());
}

TEST(FS28, ALoopOverACachedFileYields) {
  const TemporaryDirectory dir;
  make_file(dir / "file", "hello");
  current_thread().block_on([](const TemporaryDirectory& in) -> Task<> {
    File file = (co_await File::open(in / "file")).value();
    bool other_ran = false;
    auto other = spawn(
        [](bool& ran) -> Task<> {
          ran = true;
          co_return;
        },
        std::ref(other_ran));
    int steps = 0;
    while (!other_ran && steps < 1000) {
      EXPECT_EQ((co_await read_some(file, 5)), "hello");
      EXPECT_TRUE(co_await file.rewind());
      ++steps;
    }
    EXPECT_LT(steps, 1000);
    static_cast<void>(co_await other);
  }(dir));
}

TEST(FS59, SequentialReadsReadAheadAndSeeTheSameBytes) {
  const TemporaryDirectory dir;
  std::string all;
  for (unsigned i = 0; i < 300'000; ++i) all += static_cast<char>('a' + i * 7919 % 26);
  make_file(dir / "file", all);
  on_every_runtime(
      [](const TemporaryDirectory& in, std::string expected) -> Task<> {
        File file = (co_await File::open(in / "file")).value();
        std::string read;
        for (;;) {
          const std::string some = co_await read_some(file, 1000);
          if (some.empty()) break;
          read += some;
        }
        EXPECT_EQ(read, expected);
      },
      std::cref(dir).get(), all);
}

TEST(FS59, ReadingAheadMovesTheDescriptorNotTheFile) {
  const TemporaryDirectory dir;
  const sys::TableScope scope(without_cache());
  make_file(dir / "file", std::string(100'000, 'x'));
  current_thread().block_on([](const TemporaryDirectory& in) -> Task<> {
    File file = (co_await File::open(in / "file")).value();
    for (int i = 0; i < 5; ++i) EXPECT_EQ((co_await read_some(file, 100)).size(), 100u);
    EXPECT_GT(::lseek(file.as_fd().raw(), 0, SEEK_CUR), 500);
    EXPECT_EQ((co_await file.stream_position()).value(), 500u);
    EXPECT_EQ(::lseek(file.as_fd().raw(), 0, SEEK_CUR), 500);
  }(dir));
}

TEST(FS59, ACloneEndsReadingAhead) {
  const TemporaryDirectory dir;
  const sys::TableScope scope(without_cache());
  make_file(dir / "file", std::string(100'000, 'x'));
  current_thread().block_on([](const TemporaryDirectory& in) -> Task<> {
    File file = (co_await File::open(in / "file")).value();
    const File clone = (co_await file.try_clone()).value();
    for (int i = 0; i < 10; ++i) EXPECT_EQ((co_await read_some(file, 100)).size(), 100u);
    EXPECT_EQ(::lseek(clone.as_fd().raw(), 0, SEEK_CUR), 1000);
  }(dir));
}

TEST(FS62, WhatTheKernelHasInItsCacheNeedsNoJob) {
  const TemporaryDirectory dir;
  make_file(dir / "file", "hello");
  const ChosenBackEnd pool("0");
  runtime::Runtime rt =
      runtime::Builder::new_current_thread().max_blocking_threads(1).build().value();
  rt.block_on([](const TemporaryDirectory& in) -> Task<> {
    test_support::Event gate;
    auto holder = spawn_blocking([&gate] { gate.wait(); });
    File file = File::from_fd(OwnedFd(::open((in / "file").c_str(), O_RDONLY | O_CLOEXEC)));
    std::array<char, 8> room{};
    const auto read = co_await read_once(file, room);
    gate.set();
    // Where the file system cannot tell, it is a job as ever.
    if (read) {
      EXPECT_EQ(read->value(), 5u);
      EXPECT_EQ(std::string(room.data(), 5), "hello");
    } else {
      EXPECT_EQ(co_await read_some(file, 8), "hello");
    }
    static_cast<void>(co_await holder);
  }(dir));
}

}  // namespace
}  // namespace weft::fs
