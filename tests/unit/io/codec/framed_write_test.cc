// FramedWrite and Framed: from frames to the bytes of a stream, and the parts that these consist
// of.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include <tests/unit/io/codec/scripted_stream.h>
#include <weft/io/bytes_mut.h>
#include <weft/io/codec/bytes_codec.h>
#include <weft/io/codec/framed.h>
#include <weft/io/codec/framed_write.h>
#include <weft/io/codec/lines_codec.h>

namespace weft::io::codec {
namespace {

using test_support::next_text;
using test_support::now;
using test_support::Pending;
using test_support::ScriptedStream;
using test_support::waits;

TEST(IO43, ThreeFramesInOneWrite) {
  ScriptedStream stream;
  FramedWrite framed(stream, LinesCodec());
  EXPECT_TRUE(now(framed.feed("one")));
  EXPECT_TRUE(now(framed.feed("two")));
  EXPECT_TRUE(now(framed.feed("three")));
  EXPECT_EQ(stream.write_calls(), 0);
  EXPECT_TRUE(now(framed.flush()));
  EXPECT_EQ(stream.write_calls(), 1);
  EXPECT_EQ(stream.flushes(), 1);
  EXPECT_EQ(stream.written(), "one\ntwo\nthree\n");
  EXPECT_TRUE(framed.write_buffer().empty());
}

TEST(IO43, TheCodecIsChangedBetweenFrames) {
  ScriptedStream stream;
  FramedWrite framed(stream, LinesCodec());
  EXPECT_TRUE(now(framed.feed("one")));
  auto raw = std::move(framed).map_codec([](LinesCodec) { return BytesCodec(); });
  EXPECT_TRUE(now(raw.send("two")));
  EXPECT_EQ(stream.written(), "one\ntwo");
}

TEST(IO43, AtTheBoundaryEverythingIsWrittenFirst) {
  ScriptedStream stream;
  stream.writes(3).writes(Pending()).writes(Pending());
  FramedWrite framed(stream, LinesCodec());
  EXPECT_EQ(framed.backpressure_boundary(), 8192u);
  framed.set_backpressure_boundary(6);
  EXPECT_EQ(framed.backpressure_boundary(), 6u);
  EXPECT_TRUE(now(framed.feed("1234")));  // five bytes: below
  EXPECT_TRUE(now(framed.feed("6")));
  EXPECT_EQ(stream.write_calls(), 0);
  EXPECT_TRUE(waits(framed.feed("8")));
  EXPECT_EQ(stream.written(), "123");
  EXPECT_EQ(framed.write_buffer(), "4\n6\n");  // nothing was encoded
  EXPECT_TRUE(waits(framed.feed("8")) == false);
  EXPECT_EQ(framed.write_buffer(), "4\n6\n8\n");  // below the boundary again
  EXPECT_TRUE(waits(framed.flush()));
  EXPECT_TRUE(now(framed.flush()));
  EXPECT_EQ(stream.written(), "1234\n6\n8\n");
}

TEST(IO43, ByDefaultTheBoundaryIs8192) {
  ScriptedStream stream;
  FramedWrite framed(stream, BytesCodec());
  EXPECT_TRUE(now(framed.feed(std::string(8191, 'x'))));
  EXPECT_TRUE(now(framed.feed("y")));
  EXPECT_EQ(stream.write_calls(), 0);
  EXPECT_TRUE(now(framed.feed("z")));
  EXPECT_EQ(stream.written().size(), 8192u);
  EXPECT_EQ(framed.write_buffer(), "z");
}

TEST(IOF4, SendIsFeedAndFlush) {
  ScriptedStream stream;
  stream.writes(2).writes(Pending());
  FramedWrite framed(stream, LinesCodec());
  test_support::MockTask task;
  test_support::Polled send(framed.send(std::string("hello")));
  EXPECT_FALSE(send.poll(task));
  EXPECT_EQ(stream.written(), "he");
  EXPECT_TRUE(send.poll(task));  // encoded once
  EXPECT_TRUE(send.take().has_value());
  EXPECT_EQ(stream.written(), "hello\n");
  EXPECT_EQ(stream.flushes(), 1);
}

TEST(IOF4, ASendThatIsDestroyedLeavesItsFrameInTheBuffer) {
  ScriptedStream stream;
  stream.writes(Pending());
  FramedWrite framed(stream, LinesCodec());
  EXPECT_TRUE(waits(framed.send("one")));
  EXPECT_EQ(framed.write_buffer(), "one\n");
  EXPECT_TRUE(now(framed.send("two")));
  EXPECT_EQ(stream.written(), "one\ntwo\n");
}

TEST(IOF4, AWriterThatTakesNothing) {
  ScriptedStream stream;
  stream.writes(1).writes(std::size_t{0});
  FramedWrite framed(stream, LinesCodec());
  EXPECT_EQ(now(framed.send("one")).error(), Errc::write_zero);
  EXPECT_EQ(framed.write_buffer(), "ne\n");
}

TEST(IOF4, AnErrorOfTheStreamComesOutOfSendAndFeed) {
  ScriptedStream stream;
  stream.writes(std::errc::broken_pipe).writes(std::errc::broken_pipe);
  FramedWrite framed(stream, LinesCodec());
  EXPECT_EQ(now(framed.send("one")).error(), std::errc::broken_pipe);
  framed.set_backpressure_boundary(1);
  EXPECT_EQ(now(framed.feed("two")).error(), std::errc::broken_pipe);
  EXPECT_EQ(framed.write_buffer(), "one\n");
}

TEST(IOF4, AnErrorOfTheEncoderLeavesEverythingUsable) {
  ScriptedStream stream;
  FramedWrite framed(stream, LinesCodec::with_max_length(3));
  EXPECT_TRUE(now(framed.feed("one")));
  EXPECT_EQ(now(framed.send("four")).error(), Errc::frame_too_large);
  EXPECT_EQ(stream.write_calls(), 0);
  EXPECT_TRUE(now(framed.send("two")));
  EXPECT_EQ(stream.written(), "one\ntwo\n");
}

TEST(IOF4, ClosingFlushesAndShutsDown) {
  ScriptedStream stream;
  stream.writes(Pending());
  FramedWrite framed(stream, LinesCodec());
  EXPECT_TRUE(now(framed.feed("one")));
  EXPECT_TRUE(waits(framed.close()));
  EXPECT_FALSE(stream.is_shut_down());
  EXPECT_TRUE(now(framed.close()));
  EXPECT_EQ(stream.written(), "one\n");
  EXPECT_EQ(stream.flushes(), 1);
  EXPECT_TRUE(stream.is_shut_down());
}

TEST(IO40, ASuppliedBufferIsReadFirst) {
  ScriptedStream stream;
  stream.reads("two\n");
  FramedParts<ScriptedStream&, LinesCodec> parts(stream, LinesCodec());
  parts.read_buffer = BytesMut("one\n");
  auto framed = Framed<ScriptedStream&, LinesCodec>::from_parts(std::move(parts));
  EXPECT_EQ(**now(framed.next()), "one");
  EXPECT_EQ(stream.read_calls(), 0);
  EXPECT_EQ(**now(framed.next()), "two");
  EXPECT_FALSE(now(framed.next()).has_value());
}

TEST(IO40, ACodecChangeKeepsTheBytes) {
  ScriptedStream stream;
  stream.reads("one\ntwo\n");
  Framed framed(stream, LinesCodec());
  EXPECT_EQ(**now(framed.next()), "one");
  EXPECT_TRUE(now(framed.feed("out")));
  auto raw = std::move(framed).map_codec([](LinesCodec) { return BytesCodec(); });
  EXPECT_EQ(raw.read_buffer(), "two\n");
  EXPECT_EQ(raw.write_buffer(), "out\n");
  EXPECT_EQ(raw.read_buffer().size(), 4u);
}

TEST(IO40, SmallBuffersAreMadeLargerAndLargeOnesKept) {
  ScriptedStream stream;
  FramedParts<ScriptedStream&, BytesCodec> parts(stream, BytesCodec());
  parts.read_buffer = BytesMut("small");
  parts.write_buffer = BytesMut::with_capacity(16384);
  auto framed = Framed<ScriptedStream&, BytesCodec>::from_parts(std::move(parts));
  EXPECT_GE(framed.read_buffer().capacity(), 8192u);
  EXPECT_EQ(framed.read_buffer(), "small");
  EXPECT_EQ(framed.write_buffer().capacity(), 16384u);
  Framed large(stream, BytesCodec(), 16384);
  EXPECT_EQ(large.read_buffer().capacity(), 16384u);
  EXPECT_EQ(large.write_buffer().capacity(), 8192u);
  FramedWrite supplied(stream, BytesCodec(), BytesMut("rest"));
  EXPECT_GE(supplied.write_buffer().capacity(), 8192u);
  EXPECT_TRUE(now(supplied.flush()));
  EXPECT_EQ(stream.written(), "rest");
}

TEST(IO40, AnEmptySuppliedBufferIsNotDecoded) {
  struct Counting {
    using Item = int;
    Result<std::optional<int>> decode(BytesMut&) {
      ++calls;
      return std::optional<int>();
    }
    int calls = 0;
  };
  ScriptedStream stream;
  stream.reads(Pending());
  FramedParts<ScriptedStream&, Counting> parts(stream, Counting());
  parts.read_buffer = BytesMut::with_capacity(16);
  auto framed = Framed<ScriptedStream&, Counting>::from_parts(std::move(parts));
  EXPECT_TRUE(waits(framed.next()));
  EXPECT_EQ(framed.codec().calls, 0);
}

TEST(IOF5, PartsAndBack) {
  ScriptedStream stream;
  stream.reads("one\ntwo\nrest");
  Framed framed(std::move(stream), LinesCodec());
  EXPECT_EQ(**now(framed.next()), "one");
  EXPECT_TRUE(now(framed.feed("unsent")));
  auto parts = std::move(framed).into_parts();
  EXPECT_EQ(parts.read_buffer, "two\nrest");
  EXPECT_EQ(parts.write_buffer, "unsent\n");
  auto again = decltype(framed)::from_parts(std::move(parts));
  EXPECT_EQ(**now(again.next()), "two");
  EXPECT_TRUE(now(again.close()));
  EXPECT_EQ(again.inner().written(), "unsent\n");
  const ScriptedStream back = std::move(again).into_inner();
  EXPECT_TRUE(back.is_shut_down());
}

TEST(IOF5, Accessors) {
  ScriptedStream stream;
  Framed framed(stream, LinesCodec());
  EXPECT_EQ(&std::as_const(framed).inner(), &stream);
  EXPECT_EQ(&std::as_const(framed).codec(), &framed.codec());
  EXPECT_EQ(&std::as_const(framed).read_buffer(), &framed.read_buffer());
  EXPECT_EQ(&std::as_const(framed).write_buffer(), &framed.write_buffer());
  framed.set_backpressure_boundary(7);
  EXPECT_EQ(framed.backpressure_boundary(), 7u);
  FramedWrite writer(stream, LinesCodec());
  EXPECT_EQ(&std::as_const(writer).inner(), &stream);
  EXPECT_EQ(&writer.inner(), &stream);
  EXPECT_EQ(&std::as_const(writer).codec(), &writer.codec());
  EXPECT_EQ(&std::as_const(writer).write_buffer(), &writer.write_buffer());
  EXPECT_EQ(&std::move(writer).into_inner(), &stream);
}

// Both directions of one Framed are independent of each other.
TEST(IOF4, WritingGoesOnWhileReadingWaits) {
  ScriptedStream stream;
  stream.reads("on").reads(Pending()).reads("e\n");
  Framed framed(stream, LinesCodec());
  EXPECT_TRUE(waits(framed.next()));
  EXPECT_TRUE(now(framed.send("out")));
  EXPECT_EQ(**now(framed.next()), "one");
  EXPECT_EQ(stream.written(), "out\n");
}

}  // namespace
}  // namespace weft::io::codec
