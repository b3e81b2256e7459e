// File: the position, the length, reading and writing at positions of the caller's.

#include <array>
#include <fcntl.h>
#include <limits>
#include <string>
#include <system_error>
#include <vector>

#include <tests/unit/fs/fs_support.h>
#include <weft/runtime/join.h>

namespace weft::fs {
namespace {

using test_support::current_thread;

TEST(FS21, SeeksFromBeginningPositionAndEnd) {
  const TemporaryDirectory dir;
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        File file = co_await open_with(in, "0123456789");
        EXPECT_EQ((co_await file.seek(io::SeekFrom::start(4))).value(), 4u);
        EXPECT_EQ(co_await read_some(file, 2), "45");
        EXPECT_EQ((co_await file.seek(io::SeekFrom::current(-1))).value(), 5u);
        EXPECT_EQ(co_await read_some(file, 2), "56");
        EXPECT_EQ((co_await file.seek(io::SeekFrom::end(-2))).value(), 8u);
        EXPECT_EQ(co_await read_some(file, 5), "89");
        EXPECT_EQ((co_await file.stream_position()).value(), 10u);
        EXPECT_TRUE(co_await file.rewind());
        EXPECT_EQ(co_await read_some(file, 1), "0");
      },
      std::cref(dir).get());
}

TEST(FS21, NoPositionIsBeforeTheBeginning) {
  const TemporaryDirectory dir;
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        File file = co_await open_with(in, "0123456789");
        EXPECT_EQ((co_await file.seek(io::SeekFrom::current(-1))).error(),
                  std::errc::invalid_argument);
        EXPECT_EQ(
            (co_await file.seek(io::SeekFrom::current(std::numeric_limits<std::int64_t>::min())))
                .error(),
            std::errc::invalid_argument);
        EXPECT_EQ(co_await read_some(file, 3), "012");
        EXPECT_EQ((co_await file.seek(io::SeekFrom::current(-4))).error(),
                  std::errc::invalid_argument);
      },
      std::cref(dir).get());
}

TEST(FS21, StartSeekFailsWhileSomethingIsInFlight) {
  const TemporaryDirectory dir;
  HeldPool held;
  make_file(dir / "file", "0123456789");
  held.runtime().block_on([](const TemporaryDirectory& in, HeldPool& pool) -> Task<> {
    File file = File::from_fd(OwnedFd(::open((in / "file").c_str(), O_RDWR | O_CLOEXEC)));
    EXPECT_TRUE(co_await file.write("ab"));
    EXPECT_EQ(file.start_seek(io::SeekFrom::start(5)).error(), Errc::other);
    pool.release();
    EXPECT_EQ((co_await file.seek(io::SeekFrom::start(5))).value(), 5u);
    EXPECT_TRUE(file.start_seek(io::SeekFrom::start(1)));
    EXPECT_EQ((co_await io::stream_position(file)).value(), 1u);
  }(dir, held));
}

TEST(FS21, ReadWaitsForAStartedSeek) {
  const TemporaryDirectory dir;
  current_thread().block_on([](const TemporaryDirectory& in) -> Task<> {
    File file = co_await open_with(in, "0123456789");
    EXPECT_TRUE(file.start_seek(io::SeekFrom::start(7)));
    EXPECT_EQ(co_await read_some(file, 10), "789");
  }(dir));
}

TEST(FS22, SetLenCutsAndExtendsAndKeepsThePosition) {
  const TemporaryDirectory dir;
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        File file = co_await open_with(in, "0123456789");
        EXPECT_EQ(co_await read_some(file, 3), "012");
        EXPECT_TRUE(co_await file.set_len(5));
        EXPECT_EQ(content_of(in / "file"), "01234");
        EXPECT_EQ((co_await file.stream_position()).value(), 3u);
        EXPECT_TRUE(co_await file.set_len(7));
        EXPECT_EQ(content_of(in / "file"), std::string("01234\0\0", 7));
        EXPECT_EQ((co_await file.set_len(std::numeric_limits<std::uint64_t>::max())).error(),
                  std::errc::invalid_argument);
      },
      std::cref(dir).get());
}

TEST(FS22, SetLenComesAfterTheWrite) {
  const TemporaryDirectory dir;
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        File file = (co_await File::create(in / "file")).value();
        EXPECT_TRUE(co_await file.write("0123456789"));
        EXPECT_TRUE(co_await file.set_len(4));
        EXPECT_EQ(content_of(in / "file"), "0123");
      },
      std::cref(dir).get());
}

TEST(FS22, SetLenMovesBackToWhereReadingHasGotTo) {
  const TemporaryDirectory dir;
  HeldPool held;
  make_file(dir / "file", "0123456789");
  held.runtime().block_on([](const TemporaryDirectory& in, HeldPool& pool) -> Task<> {
    File file = File::from_fd(OwnedFd(::open((in / "file").c_str(), O_RDWR | O_CLOEXEC)));
    std::array<char, 8> eight{};
    EXPECT_FALSE(co_await read_once(file, eight));
    pool.release();
    EXPECT_EQ(co_await read_some(file, 3), "012");
    EXPECT_TRUE(co_await file.set_len(5));
    EXPECT_EQ(co_await read_some(file, 100), "34");
  }(dir, held));
}

TEST(FS22, SetLenFailsOnAFileForReading) {
  const TemporaryDirectory dir;
  make_file(dir / "file", "x");
  current_thread().block_on([](const TemporaryDirectory& in) -> Task<> {
    File file = (co_await File::open(in / "file")).value();
    EXPECT_EQ((co_await file.set_len(0)).error(), std::errc::invalid_argument);
    EXPECT_EQ((co_await file.set_len(0)).error(), std::errc::invalid_argument);
    EXPECT_EQ(co_await read_some(file, 2), "x");
  }(dir));
}

TEST(FS54, ReadAtAndWriteAtHaveNoCursor) {
  const TemporaryDirectory dir;
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        File file = co_await open_with(in, "0123456789");
        EXPECT_EQ(co_await read_some(file, 2), "01");
        std::array<char, 3> three{};
        EXPECT_EQ((co_await file.read_at(std::as_writable_bytes(std::span(three)), 6)).value(), 3u);
        EXPECT_EQ(std::string(three.data(), 3), "678");
        EXPECT_EQ((co_await file.read_at(std::as_writable_bytes(std::span(three)), 9)).value(), 1u);
        EXPECT_EQ((co_await file.read_at(std::as_writable_bytes(std::span(three)), 10)).value(),
                  0u);
        EXPECT_EQ((co_await file.write_at("XY", 4)).value(), 2u);
        EXPECT_EQ((co_await file.write_at("end", 12)).value(), 3u);
        EXPECT_EQ(co_await read_some(file, 2), "23");
        EXPECT_EQ(content_of(in / "file"), std::string("0123XY6789\0\0end", 15));
      },
      std::cref(dir).get());
}

TEST(FS54, SeveralAtATime) {
  const TemporaryDirectory dir;
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        const File file = co_await open_with(in, "");
        const auto [a, b, c] =
            co_await join(file.write_at("aa", 0), file.write_at("bb", 2), file.write_at("cc", 4));
        EXPECT_TRUE(a && b && c);
        EXPECT_EQ(content_of(in / "file"), "aabbcc");
        std::array<char, 2> x{};
        std::array<char, 2> y{};
        const auto [d, e] = co_await join(file.read_at(std::as_writable_bytes(std::span(x)), 1),
                                          file.read_at(std::as_writable_bytes(std::span(y)), 3));
        EXPECT_TRUE(d && e);
        EXPECT_EQ(std::string(x.data(), 2), "ab");
        EXPECT_EQ(std::string(y.data(), 2), "bc");
      },
      std::cref(dir).get());
}

TEST(FS54, PositionsThatNoFileHasAreInvalid) {
  const TemporaryDirectory dir;
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        const File file = co_await open_with(in, "x");
        std::array<std::byte, 2> room{};
        const auto most = std::numeric_limits<std::uint64_t>::max();
        EXPECT_EQ((co_await file.read_at(room, most)).error(), std::errc::invalid_argument);
        EXPECT_EQ((co_await file.write_at("x", most)).error(), std::errc::invalid_argument);
        EXPECT_EQ((co_await file.read_at(room, most - 1)).error(), std::errc::invalid_argument);
      },
      std::cref(dir).get());
}

TEST(FS61, FilesOverFourGibibytes) {
  const TemporaryDirectory dir;
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        constexpr std::uint64_t kFar = (std::uint64_t{5} << 30) + 3;
        File file = co_await open_with(in, "");
        EXPECT_TRUE(co_await file.set_len(kFar + 10));
        EXPECT_EQ((co_await file.write_at("far", kFar)).value(), 3u);
        EXPECT_EQ((co_await file.metadata()).value().size(), kFar + 10);
        EXPECT_EQ((co_await file.seek(io::SeekFrom::start(kFar))).value(), kFar);
        EXPECT_EQ(co_await read_some(file, 3), "far");
        EXPECT_TRUE(co_await file.write_all("ther"));
        EXPECT_EQ((co_await file.stream_position()).value(), kFar + 7);
        std::array<char, 4> room{};
        EXPECT_EQ(
            (co_await file.read_at(std::as_writable_bytes(std::span(room)), kFar + 3)).value(), 4u);
        EXPECT_EQ(std::string(room.data(), 4), "ther");
        EXPECT_EQ((co_await file.seek(io::SeekFrom::end(-1))).value(), kFar + 9);
      },
      std::cref(dir).get());
}

}  // namespace
}  // namespace weft::fs
