// LinesCodec, AnyDelimiterCodec, BytesCodec.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <tests/unit/io/bytes_support.h>
#include <weft/io/bytes_mut.h>
#include <weft/io/codec/any_delimiter_codec.h>
#include <weft/io/codec/bytes_codec.h>
#include <weft/io/codec/concepts.h>
#include <weft/io/codec/lines_codec.h>

namespace weft::io::codec {
namespace {

constexpr const char* kNone = "(none)";
constexpr const char* kTooLarge = "(too large)";
constexpr const char* kInvalid = "(invalid)";

template <class Item>
std::string show(const Result<std::optional<Item>>& frame) {
  if (!frame) {
    if (frame.error() == Errc::frame_too_large) return kTooLarge;
    return frame.error() == Errc::invalid_data ? kInvalid : "(another error)";
  }
  if (!*frame) return kNone;
  if constexpr (std::is_same_v<Item, std::string>) {
    return **frame;
  } else {
    return std::string((**frame).as_string_view());
  }
}

template <class C>
std::string next(C& codec, BytesMut& in) {
  return show(codec.decode(in));
}
template <class C>
std::string last(C& codec, BytesMut& in) {
  return show(decode_eof(codec, in));
}

TEST(IO36, EverythingIsOneFrameAndNothingIsNone) {
  BytesCodec codec;
  BytesMut in("hello world");
  EXPECT_EQ(next(codec, in), "hello world");
  EXPECT_TRUE(in.empty());
  EXPECT_EQ(next(codec, in), kNone);
  EXPECT_EQ(last(codec, in), kNone);
  in.extend("more");
  EXPECT_EQ(last(codec, in), "more");
}

TEST(IO36, EncodesBytesAndText) {
  BytesCodec codec;
  BytesMut out;
  EXPECT_TRUE(codec.encode(Bytes::from_static("ab"), out));
  EXPECT_TRUE(codec.encode(BytesMut("cd"), out));
  EXPECT_TRUE(codec.encode("ef", out));
  EXPECT_EQ(out, "abcdef");
}

TEST(IO37, LinesWithTheirEndsRemoved) {
  LinesCodec codec;
  EXPECT_EQ(codec.max_length(), SIZE_MAX);
  BytesMut in("line 1\nline 2\r\nline 3\n\r\n\n\r");
  EXPECT_EQ(next(codec, in), "line 1");
  EXPECT_EQ(next(codec, in), "line 2");
  EXPECT_EQ(next(codec, in), "line 3");
  EXPECT_EQ(next(codec, in), "");
  EXPECT_EQ(next(codec, in), "");
  EXPECT_EQ(next(codec, in), kNone);
  EXPECT_EQ(last(codec, in), kNone);
  in.extend("k");
  EXPECT_EQ(next(codec, in), kNone);
  EXPECT_EQ(last(codec, in), "\rk");
  EXPECT_EQ(next(codec, in), kNone);
  EXPECT_EQ(last(codec, in), kNone);
}

TEST(IO37, OnlyOneCarriageReturnIsRemoved) {
  LinesCodec codec;
  BytesMut in("a\r\r\nb\r");
  EXPECT_EQ(next(codec, in), "a\r");
  EXPECT_EQ(last(codec, in), "b");
}

TEST(IO37, ALineComesInPieces) {
  LinesCodec codec;
  BytesMut in;
  for (const char* piece : {"he", "l", "lo", "\r"}) {
    in.extend(piece);
    EXPECT_EQ(next(codec, in), kNone);
  }
  in.extend("\nw");
  EXPECT_EQ(next(codec, in), "hello");
  EXPECT_EQ(next(codec, in), kNone);
  in.extend("orld");
  EXPECT_EQ(last(codec, in), "world");
}

TEST(IO37, AfterALineThatIsNotTextTheNextOneComes) {
  LinesCodec codec;
  BytesMut in("line 1\xc3\x28\nline 2\n\xff");
  EXPECT_EQ(next(codec, in), kInvalid);
  EXPECT_EQ(next(codec, in), "line 2");
  EXPECT_EQ(next(codec, in), kNone);
  EXPECT_EQ(last(codec, in), kInvalid);
  EXPECT_EQ(last(codec, in), kNone);
}

TEST(IO37, TheLimitCountsTheBytesBeforeTheLineFeed) {
  LinesCodec codec = LinesCodec::with_max_length(6);
  EXPECT_EQ(codec.max_length(), 6u);
  BytesMut in("line 1\nline 2 is too long\nline 3\nl4\n");
  EXPECT_EQ(next(codec, in), "line 1");
  EXPECT_EQ(next(codec, in), kTooLarge);
  EXPECT_EQ(next(codec, in), "line 3");
  EXPECT_EQ(next(codec, in), "l4");
  EXPECT_EQ(next(codec, in), kNone);
  // A carriage return is one of them.
  in.extend("line 5\r\nline6\r\n");
  EXPECT_EQ(next(codec, in), kTooLarge);
  EXPECT_EQ(next(codec, in), "line6");
}

TEST(IO37, TwoLinesInARowAreTooLong) {
  LinesCodec codec = LinesCodec::with_max_length(3);
  BytesMut in("1234\n5678\nok\n");
  EXPECT_EQ(next(codec, in), kTooLarge);
  EXPECT_EQ(next(codec, in), kTooLarge);
  EXPECT_EQ(next(codec, in), "ok");
}

TEST(IO37, AnEndlessLineIsReportedOnceAndNotCollected) {
  LinesCodec codec = LinesCodec::with_max_length(10);
  BytesMut in("0123456789A");
  EXPECT_EQ(next(codec, in), kTooLarge);
  for (int i = 0; i < 1000; ++i) {
    in.extend("and so on and on without an end ");
    EXPECT_EQ(next(codec, in), kNone);
    EXPECT_TRUE(in.empty());
  }
  in.extend("here it is\nok\n");
  EXPECT_EQ(next(codec, in), "ok");
}

TEST(IO37, UnderTheLimitTheLineGoesOn) {
  LinesCodec codec = LinesCodec::with_max_length(10);
  BytesMut in("short");
  EXPECT_EQ(next(codec, in), kNone);
  in.extend(" and");
  EXPECT_EQ(next(codec, in), kNone);
  in.extend("\n");
  EXPECT_EQ(next(codec, in), "short and");
}

TEST(IO37, TheLineFeedComesExactlyAtTheLimit) {
  LinesCodec codec = LinesCodec::with_max_length(5);
  BytesMut in("01234");
  EXPECT_EQ(next(codec, in), kNone);
  in.extend("\n");
  EXPECT_EQ(next(codec, in), "01234");
  in.extend("01234");
  EXPECT_EQ(next(codec, in), kNone);
  in.extend("5");
  EXPECT_EQ(next(codec, in), kTooLarge);
}

TEST(IO37, BurstsOfLongLines) {
  LinesCodec codec = LinesCodec::with_max_length(4);
  BytesMut in("012");
  EXPECT_EQ(next(codec, in), kNone);
  in.extend("3456789abc");
  EXPECT_EQ(next(codec, in), kTooLarge);
  EXPECT_EQ(next(codec, in), kNone);
  in.extend("defghij");
  EXPECT_EQ(next(codec, in), kNone);
  in.extend("k\n12\n");
  EXPECT_EQ(next(codec, in), "12");
  // At the end what is being thrown away is no line.
  in.extend("too long");
  EXPECT_EQ(next(codec, in), kTooLarge);
  EXPECT_EQ(last(codec, in), kNone);
  EXPECT_TRUE(in.empty());
}

TEST(IO37, SearchesEachByteOnce) {
  // A million bytes without a line feed, one at a time: quadratic work would take minutes.
  LinesCodec codec;
  BytesMut in;
  for (int i = 0; i < 1'000'000; ++i) {
    in.put_u8('x');
    ASSERT_FALSE(codec.decode(in)->has_value());
  }
  in.extend("\n");
  EXPECT_EQ(next(codec, in).size(), 1'000'000u);
}

TEST(IO37, ABufferThatBecameShorterIsSearchedAnew) {
  LinesCodec codec;
  BytesMut in("some text");
  EXPECT_EQ(next(codec, in), kNone);
  in.clear();
  in.extend("a\n");
  EXPECT_EQ(next(codec, in), "a");
}

TEST(IO38, ChunksEndAtAnyDelimiter) {
  AnyDelimiterCodec codec;
  EXPECT_EQ(codec.max_length(), SIZE_MAX);
  BytesMut in("a,b;c\nd\re,,\xff,");
  for (const char* chunk : {"a", "b", "c", "d", "e", "", "\xff"}) {
    EXPECT_EQ(next(codec, in), chunk);
  }
  EXPECT_EQ(next(codec, in), kNone);
  EXPECT_EQ(last(codec, in), kNone);
  in.extend("the rest");
  EXPECT_EQ(next(codec, in), kNone);
  EXPECT_EQ(last(codec, in), "the rest");
  EXPECT_EQ(last(codec, in), kNone);
}

TEST(IO38, ChosenDelimiters) {
  AnyDelimiterCodec codec(std::string_view("|\0", 2), "--");
  BytesMut in(std::string_view("a,b|c\0d\xff|", 9));
  EXPECT_EQ(next(codec, in), "a,b");
  EXPECT_EQ(next(codec, in), "c");
  EXPECT_EQ(next(codec, in), "d\xff");
}

TEST(IO38, TheSameLimitRule) {
  AnyDelimiterCodec codec = AnyDelimiterCodec::with_max_length(",;", ";", 3);
  EXPECT_EQ(codec.max_length(), 3u);
  BytesMut in("abc,abcd;ab;12");
  EXPECT_EQ(next(codec, in), "abc");
  EXPECT_EQ(next(codec, in), kTooLarge);
  EXPECT_EQ(next(codec, in), "ab");
  EXPECT_EQ(next(codec, in), kNone);
  in.extend("3");
  EXPECT_EQ(next(codec, in), kNone);
  in.extend("4");
  EXPECT_EQ(next(codec, in), kTooLarge);
  in.extend("5678901234");
  EXPECT_EQ(next(codec, in), kNone);
  EXPECT_TRUE(in.empty());
  in.extend(";x");
  EXPECT_EQ(next(codec, in), kNone);
  EXPECT_EQ(last(codec, in), "x");
}

TEST(IO39, LinesAreWrittenWithALineFeed) {
  LinesCodec codec;
  BytesMut out;
  EXPECT_TRUE(codec.encode("line 1", out));
  EXPECT_TRUE(codec.encode("", out));
  EXPECT_TRUE(codec.encode(std::string("line 2"), out));
  EXPECT_EQ(out, "line 1\n\nline 2\n");
}

TEST(IO39, ChunksAreWrittenWithTheSequence) {
  AnyDelimiterCodec codec;
  BytesMut out;
  EXPECT_TRUE(codec.encode("a", out));
  EXPECT_TRUE(codec.encode(Bytes::from_static("b"), out));
  EXPECT_EQ(out, "a,b,");
  out.clear();
  AnyDelimiterCodec chosen(",;", ";--;");
  EXPECT_TRUE(chosen.encode("a", out));
  EXPECT_EQ(out, "a;--;");
}

TEST(IO39, WhatIsAboveTheLimitIsNotWritten) {
  LinesCodec lines = LinesCodec::with_max_length(3);
  BytesMut out("x");
  EXPECT_TRUE(lines.encode("123", out));
  EXPECT_EQ(lines.encode("1234", out).error(), Errc::frame_too_large);
  EXPECT_EQ(out, "x123\n");
  AnyDelimiterCodec chunks = AnyDelimiterCodec::with_max_length(",", ",", 3);
  EXPECT_TRUE(chunks.encode("abc", out));
  EXPECT_EQ(chunks.encode("abcd", out).error(), Errc::frame_too_large);
  EXPECT_EQ(out, "x123\nabc,");
}

}  // namespace
}  // namespace weft::io::codec
