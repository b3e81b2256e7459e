// BufReader, BufWriter, BufStream, LineWriter.

#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <tests/unit/io/io_support.h>
#include <weft/io/io.h>

namespace weft::io {
namespace {

using namespace std::literals;
using Writes = std::vector<std::string>;

std::string read_some(auto& reader, std::size_t size) {
  std::string room(size, '#');
  const Result<std::size_t> read = finish(io::read(reader, std::span<char>(room)));
  return room.substr(0, read.value());
}

// Through a buffer of two: what is large goes past it, what is small comes out of it.
void read_through_two(bool slow) {
  MemoryFile file("\x05\x06\x07\x00\x01\x02\x03\x04"s, slow);
  BufReader<MemoryFile&> reader(file, 2);
  EXPECT_EQ(read_some(reader, 3), "\x05\x06\x07"s);
  EXPECT_TRUE(reader.buffer().empty());
  EXPECT_EQ(read_some(reader, 2), "\x00\x01"s);
  EXPECT_TRUE(reader.buffer().empty());
  EXPECT_EQ(read_some(reader, 1), "\x02"s);
  EXPECT_EQ(text(reader.buffer()), "\x03");
  EXPECT_EQ(read_some(reader, 3), "\x03"s);
  EXPECT_TRUE(reader.buffer().empty());
  EXPECT_EQ(read_some(reader, 3), "\x04"s);
  EXPECT_EQ(read_some(reader, 3), ""s);
}

TEST(IO25, WhatFillsTheBufferGoesPastIt) { read_through_two(false); }

TEST(IO28, TheSameWithAReaderThatWaits) { read_through_two(true); }

TEST(IO25, SmallReadsMakeFewCalls) {
  MemoryFile file(std::string(100, 'x'));
  BufReader<MemoryFile&> reader(file, 50);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(read_some(reader, 1), "x");
  EXPECT_EQ(file.reads, (std::vector<std::size_t>{50, 50}));
}

TEST(IO25, WritesPassThrough) {
  auto [a, b] = duplex(64);
  BufReader<DuplexStream> reader(std::move(a));
  EXPECT_TRUE(finish(reader.write_all("hello")));
  const std::array<IoSlice, 2> slices{IoSlice(" wor"), IoSlice("ld")};
  EXPECT_TRUE(reader.is_write_vectored());
  EXPECT_EQ(finish(reader.write_vectored(slices)), 6u);
  EXPECT_TRUE(finish(reader.flush()));
  EXPECT_TRUE(finish(reader.shutdown()));
  std::string out;
  EXPECT_EQ(finish(b.read_to_string(out)), 11u);
  EXPECT_EQ(out, "hello world");
}

void seek_in_a_reader(bool slow) {
  MemoryFile file("\x05\x06\x07\x00\x01\x02\x03\x04"s, slow);
  BufReader<MemoryFile&> reader(file, 2);
  EXPECT_EQ(finish(reader.seek(SeekFrom::start(3))), 3u);
  EXPECT_EQ(text(*finish(reader.fill_buf())), "\x00\x01"s);
  // A seek that fails keeps the buffer.
  EXPECT_FALSE(
      finish(reader.seek(SeekFrom::current(std::numeric_limits<std::int64_t>::min() + 2))));
  EXPECT_EQ(text(reader.buffer()), "\x00\x01"s);
  EXPECT_EQ(finish(reader.seek(SeekFrom::current(1))), 4u);
  EXPECT_EQ(text(*finish(reader.fill_buf())), "\x01\x02"s);
  reader.consume(1);
  EXPECT_EQ(finish(reader.seek(SeekFrom::current(-2))), 3u);
  EXPECT_EQ(finish(reader.seek(SeekFrom::end(-1))), 7u);
  EXPECT_EQ(read_some(reader, 1), "\x04"s);
}

TEST(IO26, SeekingTakesTheBufferIntoAccount) {
  seek_in_a_reader(false);
  seek_in_a_reader(true);
}

// Claims to be at the end of what can be counted.
struct FarAway : ReadMembers<FarAway>, SeekMembers<FarAway> {
  Poll<Result<void>> poll_read(Context&, ReadBuf& buf) {
    buf.advance(buf.initialize_unfilled().size());
    position += static_cast<std::int64_t>(buf.filled().size());
    return Result<void>();
  }
  Result<void> start_seek(SeekFrom where) {
    seeks.push_back(where);
    if (where.origin() == SeekFrom::Origin::kStart) {
      position = static_cast<std::int64_t>(where.position());
    } else {
      position += where.offset();
    }
    return {};
  }
  Poll<Result<std::uint64_t>> poll_complete(Context& cx) {
    waited = !waited;
    if (waited) {
      cx.waker().wake();
      return kPending;
    }
    return Result<std::uint64_t>(static_cast<std::uint64_t>(position));
  }
  std::int64_t position = 0;
  std::vector<SeekFrom> seeks;
  bool waited = false;
};

TEST(IO26, ADistanceThatDoesNotFitTakesTwoSeeks) {
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  FarAway far;
  BufReader<FarAway&> reader(far, 5);
  EXPECT_EQ(finish(reader.fill_buf())->size(), 5u);
  far.position = std::numeric_limits<std::int64_t>::max() - 5;
  EXPECT_EQ(finish(reader.seek(SeekFrom::start(std::numeric_limits<std::int64_t>::max() - 5))),
            static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() - 5));
  EXPECT_EQ(finish(reader.fill_buf())->size(), 5u);
  far.seeks.clear();
  EXPECT_TRUE(finish(reader.seek(SeekFrom::current(kLeast))));
  EXPECT_EQ(far.seeks, (std::vector{SeekFrom::current(-5), SeekFrom::current(kLeast)}));
  EXPECT_TRUE(reader.buffer().empty());
}

TEST(IOB3, ASeekFirstEndsTheOneUnderWay) {
  MemoryFile file("hello", true);
  cancel_after_one_poll(seek(file, SeekFrom::start(2)));
  EXPECT_EQ(finish(seek(file, SeekFrom::current(1))), 1u);
  EXPECT_EQ(finish(stream_position(file)), 1u);
  EXPECT_TRUE(finish(rewind(file)));
  EXPECT_EQ(file.position, 0u);
}

TEST(IO27, ShortReadsPassThrough) {
  ScriptReader script{"\x00"s, "\x01\x02"s, WaitOnce(), "\x03"s};
  BufReader<ScriptReader&> reader(script, 8);
  EXPECT_EQ(read_some(reader, 4), "\x00"s);
  EXPECT_EQ(read_some(reader, 4), "\x01\x02"s);
  EXPECT_EQ(read_some(reader, 4), "\x03"s);
  EXPECT_EQ(read_some(reader, 4), ""s);
}

void write_through_two(bool slow) {
  MemoryFile file("", slow);
  BufWriter<MemoryFile&> writer(file, 2);
  EXPECT_EQ(finish(writer.write("\x00\x01"sv)), 2u);
  EXPECT_TRUE(writer.buffer().empty());
  EXPECT_EQ(file.content, "\x00\x01"s);
  EXPECT_EQ(finish(writer.write("\x02"sv)), 1u);
  EXPECT_EQ(text(writer.buffer()), "\x02");
  EXPECT_EQ(finish(writer.write("\x03"sv)), 1u);
  EXPECT_EQ(text(writer.buffer()), "\x02\x03");
  EXPECT_EQ(file.content.size(), 2u);
  EXPECT_EQ(finish(writer.write("\x04"sv)), 1u);
  EXPECT_EQ(text(writer.buffer()), "\x04");
  EXPECT_EQ(file.content, "\x00\x01\x02\x03"s);
  EXPECT_TRUE(finish(writer.flush()));
  EXPECT_EQ(file.flushes, 1);
  EXPECT_TRUE(writer.buffer().empty());
  EXPECT_EQ(file.content, "\x00\x01\x02\x03\x04"s);
}

TEST(IO29, SmallWritesAreCollected) {
  write_through_two(false);
  write_through_two(true);
}

TEST(IO29, SeekingPassesOnFirst) {
  for (const bool slow : {false, true}) {
    MemoryFile file("", slow);
    BufWriter<MemoryFile&> writer(file, 16);
    EXPECT_TRUE(finish(writer.write_all("abcdef")));
    EXPECT_EQ(finish(writer.seek(SeekFrom::start(2))), 2u);
    EXPECT_EQ(file.content, "abcdef");
    EXPECT_TRUE(finish(writer.write_all("XY")));
    EXPECT_TRUE(finish(writer.flush()));
    EXPECT_EQ(file.content, "abXYef");
  }
}

TEST(IO29, WhatCouldNotBeWrittenStays) {
  ScriptWriter below{std::size_t{2}, Error(std::errc::connection_reset), std::size_t{0}};
  BufWriter<ScriptWriter&> writer(below, 8);
  EXPECT_TRUE(finish(writer.write_all("hello")));
  EXPECT_EQ(finish(writer.flush()).error(), std::errc::connection_reset);
  EXPECT_EQ(text(writer.buffer()), "llo");
  EXPECT_EQ(finish(writer.write("12345678")).error(), Errc::write_zero);
  EXPECT_EQ(text(writer.buffer()), "llo");
  EXPECT_TRUE(finish(writer.shutdown()));
  EXPECT_EQ(below.written(), "hello");
  EXPECT_EQ(below.shutdowns, 1);
}

TEST(IO29, ReadsPassThrough) {
  auto [a, b] = duplex(64);
  EXPECT_TRUE(finish(b.write_all("hello")));
  BufWriter<DuplexStream> writer(std::move(a));
  EXPECT_EQ(read_some(writer, 8), "hello");
}

TEST(IO29, DestroyingItLosesTheBufferAndSaysSo) {
  testing::internal::CaptureStderr();
  ScriptWriter below;
  {
    BufWriter<ScriptWriter&> writer(below, 8);
    EXPECT_TRUE(finish(writer.write_all("hello")));
  }
  {
    BufWriter<ScriptWriter&> writer(below, 8);
    EXPECT_TRUE(finish(writer.write_all("hello")));
    BufWriter<ScriptWriter&> moved = std::move(writer);
    static_cast<void>(std::move(moved).into_inner());
  }
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_EQ(below.written(), "");
#ifdef NDEBUG
  EXPECT_EQ(said, "");
#else
  EXPECT_NE(said.find("BufWriter was destroyed with 5 bytes"), std::string::npos) << said;
  EXPECT_EQ(said.find("warning"), said.rfind("warning")) << said;
#endif
}

// Capacity 8: a small total is kept, a large one goes on.
TEST(IO30, VectoredWrites) {
  const std::array<IoSlice, 3> empty{};
  const std::array<IoSlice, 4> small{IoSlice(), IoSlice("ab"), IoSlice(), IoSlice("cd")};
  const std::array<IoSlice, 3> large{IoSlice("12345"), IoSlice("678"), IoSlice("90a")};
  for (const bool vectored : {false, true}) {
    ScriptWriter below{vectored ? std::size_t{10} : SIZE_MAX};
    below.vectored = vectored;
    BufWriter<ScriptWriter&> writer(below, 8);
    EXPECT_TRUE(writer.is_write_vectored());
    EXPECT_EQ(finish(writer.write_vectored(empty)), 0u);
    EXPECT_EQ(finish(writer.write_vectored(small)), 4u);
    EXPECT_EQ(below.calls, 0);
    EXPECT_EQ(text(writer.buffer()), "abcd");
    EXPECT_TRUE(finish(writer.flush()));
    below.writes.clear();
    if (vectored) {
      EXPECT_EQ(finish(writer.write_vectored(large)), 11u);
      EXPECT_EQ(below.written(), "1234567890a");
    } else {
      EXPECT_EQ(finish(writer.write_vectored(large)), 8u);
      EXPECT_EQ(text(writer.buffer()), "12345678");
      EXPECT_EQ(finish(writer.write_vectored(std::span(large).subspan(2))), 3u);
      EXPECT_TRUE(finish(writer.flush()));
      EXPECT_EQ(below.written(), "1234567890a");
    }
  }
}

TEST(IO30, OddAndLargeSlicesArriveWhole) {
  for (const bool vectored : {false, true}) {
    ScriptWriter below{std::size_t{3}, WaitOnce(), std::size_t{1}, std::size_t{5}};
    below.vectored = vectored;
    BufWriter<ScriptWriter&> writer(below, 4);
    const std::string big(20, 'x');
    std::array<IoSlice, 5> slices{IoSlice("a"), IoSlice(big), IoSlice("bcd"), IoSlice(),
                                  IoSlice("efghi")};
    EXPECT_TRUE(finish(writer.write_all_vectored(slices)));
    EXPECT_TRUE(finish(writer.flush()));
    EXPECT_EQ(below.written(), "a" + big + "bcdefghi");
  }
}

TEST(IO30, BothDirectionsBuffered) {
  auto [a, b] = duplex(64);
  BufStream<DuplexStream> stream(std::move(a), 16, 8);
  EXPECT_TRUE(finish(stream.write_all("hi")));
  EXPECT_EQ(text(stream.write_buffer()), "hi");
  EXPECT_TRUE(finish(stream.flush()));
  EXPECT_TRUE(finish(b.write_all("one\ntwo\n")));
  std::string line;
  EXPECT_EQ(finish(stream.read_line(line)), 4u);
  EXPECT_EQ(text(stream.read_buffer()), "two\n");
  EXPECT_EQ(read_some(b, 8), "hi");
  MemoryFile file("0123456789");
  BufStream<MemoryFile> seekable(std::move(file), 4, 4);
  EXPECT_EQ(read_some(seekable, 1), "0");
  EXPECT_EQ(finish(seekable.seek(SeekFrom::current(1))), 2u);
  EXPECT_TRUE(finish(seekable.write_all("X")));
  EXPECT_EQ(finish(seekable.seek(SeekFrom::start(0))), 0u);
  EXPECT_EQ(std::move(seekable).into_inner().content, "01X3456789");
}

TEST(IO56, WholeLinesArePassedOn) {
  ScriptWriter below;
  LineWriter<ScriptWriter&> writer(below, 16);
  EXPECT_EQ(finish(writer.write("abc")), 3u);
  EXPECT_EQ(below.calls, 0);
  EXPECT_EQ(finish(writer.write("def\nghi\njkl")), 11u);
  EXPECT_EQ(below.writes, (Writes{"abc", "def\nghi\n"}));
  EXPECT_EQ(text(writer.buffer()), "jkl");
  EXPECT_EQ(below.flushes, 0);
  EXPECT_TRUE(finish(writer.flush()));
  EXPECT_EQ(below.written(), "abcdef\nghi\njkl");
  EXPECT_EQ(below.flushes, 1);
}

TEST(IO56, LinesThatWerePassedOnInPartStayInOrder) {
  ScriptWriter below{std::size_t{2}, WaitOnce(), std::size_t{1}};
  LineWriter<ScriptWriter&> writer(below, 4);
  EXPECT_TRUE(finish(writer.write_all("ab\ncdefgh\nij\nklmnopqr")));
  EXPECT_TRUE(finish(writer.shutdown()));
  EXPECT_EQ(below.written(), "ab\ncdefgh\nij\nklmnopqr");
  EXPECT_EQ(below.shutdowns, 1);
}

TEST(IO56, AWriterBelowThatTakesNothingOrFailsIsReported) {
  ScriptWriter below{std::size_t{0}, Error(std::errc::broken_pipe)};
  LineWriter<ScriptWriter&> writer(below, 4);
  EXPECT_EQ(finish(writer.write("a\n")), 0u);
  EXPECT_EQ(finish(writer.write("a\n")).error(), std::errc::broken_pipe);
}

}  // namespace
}  // namespace weft::io
