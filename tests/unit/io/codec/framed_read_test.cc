// FramedRead: from the bytes of a stream to frames, whatever the pieces are.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include <tests/unit/io/codec/scripted_stream.h>
#include <weft/io/bytes_mut.h>
#include <weft/io/codec/bytes_codec.h>
#include <weft/io/codec/concepts.h>
#include <weft/io/codec/framed_read.h>
#include <weft/io/codec/lines_codec.h>
#include <weft/runtime/coop.h>

namespace weft::io::codec {
namespace {

using test_support::End;
using test_support::in_brackets;
using test_support::next_text;
using test_support::now;
using test_support::Pending;
using test_support::ScriptedStream;
using test_support::waits;

// Frames of four bytes.
class FourBytes {
 public:
  using Item = BytesMut;
  Result<std::optional<BytesMut>> decode(BytesMut& in) {
    ++calls;
    if (in.size() < 4) return std::optional<BytesMut>();
    if (in[0] == std::byte{'!'}) return Err(Errc::invalid_data);
    return std::optional<BytesMut>(in.split_to(4));
  }
  int calls = 0;
};
static_assert(Decoder<FourBytes> && !Encoder<FourBytes, BytesMut> && !Decoder<int>);

// At the end gives what is left in frames of one byte, and then one more.
class Tail {
 public:
  using Item = BytesMut;
  Result<std::optional<BytesMut>> decode(BytesMut&) { return std::optional<BytesMut>(); }
  Result<std::optional<BytesMut>> decode_eof(BytesMut& in) {
    ++calls;
    if (!in.empty()) return std::optional<BytesMut>(in.split_to(1));
    if (std::exchange(gave_more_, true)) return std::optional<BytesMut>();
    return std::optional<BytesMut>(BytesMut("more"));
  }
  int calls = 0;

 private:
  bool gave_more_ = false;
};

const std::string kLeftOver = in_brackets(Errc::bytes_remaining);
const std::string kReset = in_brackets(std::errc::connection_reset);

TEST(IOF1, WithoutItsOwnDecodeEofWhatIsLeftIsAnError) {
  FourBytes codec;
  BytesMut in("abcdefgh12");
  EXPECT_EQ(**decode_eof(codec, in), "abcd");
  EXPECT_EQ(**decode_eof(codec, in), "efgh");
  EXPECT_EQ(decode_eof(codec, in).error(), Errc::bytes_remaining);
  in.clear();
  EXPECT_FALSE(decode_eof(codec, in)->has_value());
}

TEST(IOF1, DecodeEofIsAskedUntilItHasNothingAlsoWithAnEmptyBuffer) {
  ScriptedStream stream;
  stream.reads("ab");
  FramedRead framed(stream, Tail());
  EXPECT_EQ(next_text(framed), "a");
  EXPECT_EQ(next_text(framed), "b");
  EXPECT_EQ(next_text(framed), "more");
  EXPECT_EQ(next_text(framed), "(end)");
  EXPECT_EQ(framed.codec().calls, 4);
}

TEST(IO41, ManyFramesInOneRead) {
  ScriptedStream stream;
  stream.reads("aaaabbbbcccc");
  FramedRead framed(stream, FourBytes());
  EXPECT_EQ(next_text(framed), "aaaa");
  EXPECT_EQ(stream.read_calls(), 1);
  EXPECT_EQ(next_text(framed), "bbbb");
  EXPECT_EQ(next_text(framed), "cccc");
  EXPECT_EQ(stream.read_calls(), 1);
  EXPECT_EQ(next_text(framed), "(end)");
}

TEST(IO41, FramesAcrossReads) {
  ScriptedStream stream;
  stream.reads("aaa").reads("abb").reads("bb");
  FramedRead framed(std::move(stream), FourBytes());
  EXPECT_EQ(next_text(framed), "aaaa");
  EXPECT_EQ(next_text(framed), "bbbb");
  EXPECT_EQ(next_text(framed), "(end)");
}

TEST(IO41, NotReadyBeforeAndWithinAFrame) {
  ScriptedStream stream;
  stream.reads(Pending()).reads("aaaa").reads(Pending()).reads("bb").reads(Pending()).reads("bb");
  FramedRead framed(std::move(stream), FourBytes());
  EXPECT_TRUE(waits(framed.next()));
  EXPECT_EQ(next_text(framed), "aaaa");
  EXPECT_TRUE(waits(framed.next()));
  EXPECT_TRUE(waits(framed.next()));  // cancelled with "bb" in the buffer, which is not lost
  EXPECT_EQ(next_text(framed), "bbbb");
  EXPECT_EQ(next_text(framed), "(end)");
}

TEST(IO41, AnErrorOfTheStream) {
  ScriptedStream stream;
  stream.reads(std::errc::connection_reset).reads("aa").reads(std::errc::connection_reset);
  stream.reads("aa");
  FramedRead framed(std::move(stream), FourBytes());
  EXPECT_EQ(next_text(framed), kReset);
  EXPECT_EQ(next_text(framed), "(end)");
  EXPECT_EQ(next_text(framed), kReset);
  EXPECT_EQ(next_text(framed), "(end)");
  EXPECT_EQ(next_text(framed), "aaaa");
}

TEST(IO41, AFrameLargerThanTheBuffer) {
  ScriptedStream stream;
  const std::string line(100'000, 'x');
  stream.reads(line).reads("y\n");
  FramedRead framed(std::move(stream), LinesCodec());
  EXPECT_EQ(**now(framed.next()), line + "y");
}

TEST(IO41, WhatIsLeftAtTheEnd) {
  ScriptedStream stream;
  stream.reads("aaaab");
  FramedRead framed(std::move(stream), FourBytes());
  EXPECT_EQ(next_text(framed), "aaaa");
  EXPECT_EQ(next_text(framed), kLeftOver);
  EXPECT_EQ(next_text(framed), "(end)");
  EXPECT_EQ(next_text(framed), "(end)");
}

TEST(IO41, TheStreamGoesOnAfterItsEnd) {
  ScriptedStream stream;
  stream.reads("aaaa").reads(End()).reads(End()).reads("bbbb").reads("cc").reads(End());
  stream.reads("cc");
  FramedRead framed(stream, FourBytes());
  EXPECT_EQ(next_text(framed), "aaaa");
  EXPECT_EQ(next_text(framed), "(end)");
  const int calls = framed.codec().calls;
  EXPECT_EQ(next_text(framed), "(end)");
  EXPECT_EQ(framed.codec().calls, calls);  // nothing new to decode
  EXPECT_EQ(next_text(framed), "bbbb");
  EXPECT_EQ(next_text(framed), kLeftOver);
  EXPECT_EQ(next_text(framed), "(end)");
  EXPECT_EQ(next_text(framed), "cccc");
  EXPECT_EQ(next_text(framed), "(end)");
}

TEST(IO41, TheCodecIsChangedBetweenFrames) {
  ScriptedStream stream;
  stream.reads("aaaaone\ntwo\n");
  FramedRead framed(std::move(stream), FourBytes());
  EXPECT_EQ(next_text(framed), "aaaa");
  auto lines = std::move(framed).map_codec([](FourBytes) { return LinesCodec(); });
  EXPECT_EQ(**now(lines.next()), "one");
  EXPECT_EQ(**now(lines.next()), "two");
  EXPECT_FALSE(now(lines.next()).has_value());
}

TEST(IO42, AfterAnErrorOfTheDecoderComesTheEndOnce) {
  ScriptedStream stream;
  stream.reads("aaaa!!!!").reads("bbbb");
  FramedRead framed(std::move(stream), FourBytes());
  EXPECT_EQ(next_text(framed), "aaaa");
  EXPECT_EQ(next_text(framed), in_brackets(Errc::invalid_data));
  EXPECT_EQ(next_text(framed), "(end)");
  // The decoder has left what it did not like: it is asked again with more, and fails again.
  EXPECT_EQ(next_text(framed), in_brackets(Errc::invalid_data));
  EXPECT_EQ(next_text(framed), "(end)");
}

TEST(IO42, ALineThatIsTooLongDoesNotEndTheStreamForGood) {
  ScriptedStream stream;
  stream.reads("far too long").reads("\nok\n");
  FramedRead framed(std::move(stream), LinesCodec::with_max_length(4));
  EXPECT_EQ((*now(framed.next())).error(), Errc::frame_too_large);
  EXPECT_FALSE(now(framed.next()).has_value());
  EXPECT_EQ(**now(framed.next()), "ok");
}

TEST(IOF2, BuffersBeginWith8192BytesAndReadsHaveRoom) {
  ScriptedStream stream;
  FramedRead framed(stream, BytesCodec());
  EXPECT_EQ(framed.read_buffer().capacity(), 8192u);
  FramedRead sized(stream, BytesCodec(), 16);
  EXPECT_EQ(sized.read_buffer().capacity(), 16u);
  FramedRead tiny(stream, BytesCodec(), 0);
  stream.reads("data");
  EXPECT_EQ(next_text(tiny), "data");  // an empty buffer would look like the end
}

TEST(IOF5, Accessors) {
  ScriptedStream stream;
  FramedRead framed(stream, BytesCodec());
  EXPECT_EQ(&framed.inner(), &stream);
  EXPECT_EQ(&std::as_const(framed).inner(), &stream);
  EXPECT_EQ(&std::as_const(framed).codec(), &framed.codec());
  EXPECT_EQ(&std::as_const(framed).read_buffer(), &framed.read_buffer());
  EXPECT_EQ(&std::move(framed).into_inner(), &stream);
}

// A peer that sends the shortest frames must not keep the thread for a whole buffer of them.
TEST(IOF3, EachFrameTakesAUnitOfTheBudget) {
  ScriptedStream stream;
  stream.reads(std::string(8000, '\n'));
  FramedRead framed(std::move(stream), LinesCodec());
  test_support::MockTask task;
  const Waker waker = task.waker();
  Budget budget = Budget::initial();
  Context cx(waker, budget);
  int frames = 0;
  while (frames < 1000 && framed.poll_next(cx).is_ready()) ++frames;
  EXPECT_EQ(frames, Budget::kUnits);
  EXPECT_TRUE(task.take_woken());
}

// The states that only a decoder of one's own can tell apart are in IO41 and IO42.
TEST(IOF3, ASuppliedBufferIsDecodedFirstAndAnEmptyOneIsNot) {
  ScriptedStream stream;
  FramedRead framed(stream, FourBytes(), BytesMut("aaaab"));
  EXPECT_EQ(next_text(framed), "aaaa");
  EXPECT_EQ(stream.read_calls(), 0);
  stream.reads(Pending());
  FramedRead empty(stream, FourBytes(), BytesMut());
  EXPECT_TRUE(waits(empty.next()));
  EXPECT_EQ(empty.codec().calls, 0);
}

TEST(IOF3, WhatADecoderThrowsComesOutOfNext) {
  struct Throws {
    using Item = int;
    Result<std::optional<int>> decode(BytesMut&) { throw std::string("thrown"); }
  };
  ScriptedStream stream;
  stream.reads("x");
  FramedRead framed(std::move(stream), Throws());
  EXPECT_THROW(now(framed.next()), std::string);
}

}  // namespace
}  // namespace weft::io::codec
