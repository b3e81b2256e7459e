// Writing to any stream.

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <tests/unit/io/io_support.h>
#include <weft/io/io.h>

namespace weft::io {
namespace {

using Writes = std::vector<std::string>;

TEST(IO20, AWriteMayBePartial) {
  ScriptWriter writer{std::size_t{4}};
  EXPECT_EQ(finish(write(writer, "hello world")), 4u);
  EXPECT_EQ(writer.written(), "hell");
}

TEST(IO21, WriteAllGoesOnUntilEverythingIsWritten) {
  ScriptWriter writer{std::size_t{4}, WaitOnce(), std::size_t{4}};
  EXPECT_TRUE(finish(write_all(writer, "hello world")));
  EXPECT_EQ(writer.writes, (Writes{"hell", "o wo", "rld"}));
}

TEST(IO21, NothingMakesNoCall) {
  ScriptWriter writer;
  EXPECT_TRUE(finish(write_all(writer, "")));
  EXPECT_EQ(writer.calls, 0);
}

TEST(IO21, AWriterThatTakesNoMoreFails) {
  ScriptWriter writer{std::size_t{4}, std::size_t{0}};
  EXPECT_EQ(finish(write_all(writer, "hello world")).error(), Errc::write_zero);
  ScriptWriter broken{std::size_t{4}, Error(std::errc::broken_pipe)};
  EXPECT_EQ(finish(write_all(broken, "hello world")).error(), std::errc::broken_pipe);
}

TEST(IO22, WriteAllBufUsesUpItsBuffer) {
  ScriptWriter writer{std::size_t{4}, std::size_t{1}, std::size_t{4}};
  Bytes hello = Bytes::from_static("hello");
  EXPECT_TRUE(finish(write_all_buf(writer, hello)));
  Bytes world = Bytes::from_static("world");
  EXPECT_TRUE(finish(write_all_buf(writer, world)));
  EXPECT_EQ(writer.writes, (Writes{"hell", "o", "worl", "d"}));
  EXPECT_EQ(hello.remaining() + world.remaining(), 0u);
}

TEST(IO22, AnErrorLeavesTheBufferWhereItIs) {
  ScriptWriter writer{std::size_t{4}, Error(std::errc::broken_pipe)};
  Bytes data = Bytes::from_static("hello world");
  EXPECT_EQ(finish(write_all_buf(writer, data)).error(), std::errc::broken_pipe);
  EXPECT_EQ(data.as_string_view(), "o world");
  ScriptWriter full{std::size_t{0}};
  EXPECT_EQ(finish(write_all_buf(full, data)).error(), Errc::write_zero);
}

TEST(IO22, SeveralPiecesGoIntoOneCallIfTheWriterIsVectored) {
  for (const bool vectored : {true, false}) {
    ScriptWriter writer;
    writer.vectored = vectored;
    Bytes first = Bytes::from_static("hello");
    auto both = first.chain(Bytes::from_static(" world"));
    EXPECT_TRUE(finish(write_all_buf(writer, both)));
    EXPECT_EQ(writer.writes, vectored ? Writes{"hello world"} : (Writes{"hello", " world"}));
  }
}

TEST(IO23, WriteBufIsOneCall) {
  ScriptWriter writer{std::size_t{4}};
  Bytes data = Bytes::from_static("hello world");
  EXPECT_EQ(finish(write_buf(writer, data)), 4u);
  EXPECT_EQ(data.as_string_view(), "o world");
  ScriptWriter vectored;
  vectored.vectored = true;
  Bytes first = Bytes::from_static("hello");
  auto both = first.chain(Bytes::from_static(" world"));
  EXPECT_EQ(finish(write_buf(vectored, both)), 11u);
  EXPECT_EQ(vectored.writes, Writes{"hello world"});
  EXPECT_EQ(finish(write_buf(vectored, both)), 0u);
  EXPECT_EQ(vectored.calls, 1);
}

// A buffer of a hundred pieces.
struct ManyPieces {
  std::size_t remaining() const { return pieces.size() - at; }
  std::span<const std::byte> chunk() const { return bytes(pieces).subspan(at, 1); }
  void advance(std::size_t size) { at += size; }
  std::size_t chunks_vectored(std::span<IoSlice> slices) const {
    const std::size_t count = std::min(slices.size(), remaining());
    for (std::size_t i = 0; i < count; ++i) slices[i] = IoSlice(bytes(pieces).subspan(at + i, 1));
    return count;
  }
  std::string pieces = std::string(100, 'x');
  std::size_t at = 0;
};

TEST(IOT6, AtMostSixtyFourSlicesGoIntoOneCall) {
  ScriptWriter writer;
  writer.vectored = true;
  ManyPieces buffer;
  EXPECT_EQ(finish(write_buf(writer, buffer)), 64u);
  EXPECT_EQ(writer.most_slices, 64u);
  EXPECT_EQ(finish(write_buf(writer, buffer)), 36u);
}

TEST(IO54, WriteAllVectoredSkipsEmptySlicesAndStopsAnywhere) {
  for (const std::size_t stop : {std::size_t{4}, std::size_t{5}, std::size_t{6}}) {
    ScriptWriter writer{stop};
    writer.vectored = true;
    std::array<IoSlice, 5> slices{IoSlice(), IoSlice("hello"), IoSlice(), IoSlice(" world"),
                                  IoSlice()};
    EXPECT_TRUE(finish(write_all_vectored(writer, slices)));
    EXPECT_EQ(writer.written(), "hello world");
    EXPECT_EQ(writer.calls, 2);
  }
  ScriptWriter none;
  std::array<IoSlice, 2> empty{};
  EXPECT_TRUE(finish(write_all_vectored(none, empty)));
  EXPECT_EQ(none.calls, 0);
  ScriptWriter full{std::size_t{0}};
  std::array<IoSlice, 1> one{IoSlice("x")};
  EXPECT_EQ(finish(write_all_vectored(full, one)).error(), Errc::write_zero);
}

TEST(IOB2, AVectoredWriteOfAnOrdinaryWriterWritesTheFirstSliceThatIsNotEmpty) {
  struct Plain {
    Poll<Result<std::size_t>> poll_write(Context&, std::span<const std::byte> data) {
      written += text(data);
      return Result<std::size_t>(data.size());
    }
    Poll<Result<void>> poll_flush(Context&) { return Result<void>(); }
    Poll<Result<void>> poll_shutdown(Context&) { return Result<void>(); }
    std::string written;
  } writer;
  const std::array<IoSlice, 3> slices{IoSlice(), IoSlice("hello"), IoSlice(" world")};
  EXPECT_EQ(finish(write_vectored(writer, slices)), 5u);
  EXPECT_EQ(writer.written, "hello");
  EXPECT_FALSE(internal::is_write_vectored(writer));
}

TEST(IOB2, FlushAndShutdownReachTheWriter) {
  ScriptWriter writer;
  EXPECT_TRUE(finish(flush(writer)));
  EXPECT_TRUE(finish(shutdown(writer)));
  EXPECT_EQ(writer.flushes, 1);
  EXPECT_EQ(writer.shutdowns, 1);
}

TEST(IOB4, OwnersOfAModelAreModels) {
  static_assert(AsyncRead<std::unique_ptr<ScriptReader>> && AsyncWrite<std::shared_ptr<Sink>>);
  static_assert(AsyncSeek<std::unique_ptr<MemoryFile>> && !AsyncRead<std::unique_ptr<int>>);
  static_assert(AsyncBufRead<std::unique_ptr<BufReader<ScriptReader>>>);
  auto writer = std::make_unique<ScriptWriter>();
  EXPECT_TRUE(finish(write_all(writer, "hello")));
  EXPECT_EQ(writer->written(), "hello");
  BufReader<std::unique_ptr<ScriptReader>> reader(std::make_unique<ScriptReader>("hi"));
  std::string out;
  EXPECT_EQ(finish(reader.read_line(out)), 2u);
}

TEST(IOB4, ErasedStreamsAreModels) {
  AnyRead reader = any_read(ScriptReader("hello"));
  ScriptWriter below;
  below.vectored = true;
  AnyWrite writer = any_write(below);
  EXPECT_EQ(finish(copy(reader, writer)), 5u);
  EXPECT_TRUE(writer.is_write_vectored());
  const std::array<IoSlice, 2> slices{IoSlice(" wor"), IoSlice("ld")};
  EXPECT_EQ(finish(writer.write_vectored(slices)), 6u);
  EXPECT_TRUE(finish(writer.shutdown()));
  EXPECT_EQ(below.written(), "hello world");
  EXPECT_EQ(below.shutdowns, 1);
  EXPECT_FALSE(any_write(ScriptWriter()).is_write_vectored());
}

TEST(IO34, ContractViolationsReportTheCallersLine) {
  ScriptWriter writer;
  EXPECT_DEATH(BufReader(ScriptReader("x"), 0), "write_test.cc:.*capacity");
  EXPECT_DEATH(BufWriter(ScriptWriter(), 0), "write_test.cc:.*capacity");
  EXPECT_DEATH(LineWriter(ScriptWriter(), 0), "write_test.cc:.*capacity");
  EXPECT_DEATH(static_cast<void>(simplex(0)), "write_test.cc:.*simplex");
  auto [a, b] = duplex(1);
  EXPECT_DEATH(static_cast<void>(copy_bidirectional_with_sizes(a, b, 0, 1)),
               "write_test.cc:.*copy_bidirectional_with_sizes");
  BufReader<ScriptReader> reader(ScriptReader("x"));
  EXPECT_DEATH(reader.consume(1), "write_test.cc:.*consume");
}

}  // namespace
}  // namespace weft::io
