// LengthDelimitedCodec: all options, hostile lengths.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include <tests/unit/io/codec/scripted_stream.h>
#include <weft/io/bytes.h>
#include <weft/io/bytes_mut.h>
#include <weft/io/codec/length_delimited_codec.h>

namespace weft::io::codec {
namespace {

using namespace std::string_view_literals;
using test_support::in_brackets;
using test_support::next_text;
using test_support::now;
using test_support::Pending;
using test_support::ScriptedStream;
using test_support::waits;
using Codec = LengthDelimitedCodec;

const std::string kTooLarge = in_brackets(Errc::frame_too_large);
const std::string kLeftOver = in_brackets(Errc::bytes_remaining);

// All frames in `input`, then what follows them: (none) or an error.
std::string frames(Codec codec, std::string_view input) {
  BytesMut in(input);
  std::string all;
  for (;;) {
    const Result<std::optional<BytesMut>> frame = codec.decode(in);
    if (!frame) return all + in_brackets(frame.error());
    if (!*frame) return all + "(none)";
    all += std::string((**frame).as_string_view()) + "|";
  }
}

std::string encoded(Codec codec, std::string_view payload) {
  BytesMut out;
  const Result<void> done = codec.encode(payload, out);
  return done ? std::string(out.as_string_view()) : in_brackets(done.error());
}

TEST(IO44, AnEmptyStreamHasNoFrames) {
  ScriptedStream stream;
  auto framed = Codec::builder().new_read(std::move(stream));
  EXPECT_EQ(next_text(framed), "(end)");
}

TEST(IO44, OneFrameInEachByteOrder) {
  EXPECT_EQ(frames(Codec(),
                   "\0\0\0\x09"
                   "abcdefghi"sv),
            "abcdefghi|(none)");
  EXPECT_EQ(frames(Codec::builder().little_endian().build(), "\x03\0\0\0abc"sv), "abc|(none)");
  EXPECT_EQ(frames(Codec::builder().little_endian().big_endian().build(),
                   "\0\0\0\x03"
                   "abc"sv),
            "abc|(none)");
  const auto native = std::bit_cast<std::array<char, 4>>(std::uint32_t{3});
  EXPECT_EQ(frames(Codec::builder().native_endian().build(),
                   std::string(native.data(), native.size()) + "abc"),
            "abc|(none)");
}

TEST(IO44, SeveralFramesInOneReadAndAcrossReads) {
  const std::string three = std::string(
      "\0\0\0\x09"
      "abcdefghi\0\0\0\x03"
      "123\0\0\0\x0b"
      "hello world"sv);
  EXPECT_EQ(frames(Codec(), three), "abcdefghi|123|hello world|(none)");
  for (std::size_t cut = 1; cut < three.size(); ++cut) {
    ScriptedStream stream;
    stream.reads(three.substr(0, cut)).reads(Pending()).reads(three.substr(cut));
    auto framed = Codec::builder().new_read(std::move(stream));
    test_support::MockTask task;
    std::string all;
    int pauses = 0;
    while (all.size() < three.size() - 9) {
      test_support::Polled next(framed.next());
      while (!next.poll(task)) ++pauses;
      all += std::string((**next.take()).as_string_view()) + "|";
    }
    EXPECT_EQ(all, "abcdefghi|123|hello world|") << "cut at " << cut;
    EXPECT_EQ(pauses, 1);
    EXPECT_EQ(next_text(framed), "(end)");
  }
}

TEST(IO44, AnEmptyFrameIsAFrame) {
  EXPECT_EQ(frames(Codec(), "\0\0\0\0\0\0\0\x01x"sv), "|x|(none)");
}

TEST(IO44, AnIncompleteHeadOrPayloadIsAnErrorAtTheEnd) {
  for (const std::string_view input :
       {"\0"sv, "\0\0\0"sv, "\0\0\0\x03"sv, "\0\0\0\x03x"sv, "\0\0\0\x03xy"sv}) {
    ScriptedStream stream;
    stream.reads(std::string(input));
    auto framed = Codec::builder().new_read(std::move(stream));
    EXPECT_EQ(next_text(framed), kLeftOver) << input.size();
    EXPECT_EQ(next_text(framed), "(end)");
  }
}

TEST(IO44, TheMaximumIsThatOfTheField) {
  const Codec codec = Codec::builder().max_frame_length(5).build();
  EXPECT_EQ(codec.max_frame_length(), 5u);
  EXPECT_EQ(frames(codec, "\0\0\0\x05hello"sv), "hello|(none)");
  EXPECT_EQ(frames(codec, "\0\0\0\x06hello!"sv), kTooLarge);
  EXPECT_EQ(Codec().max_frame_length(), std::size_t{8} << 20);
  EXPECT_EQ(frames(Codec(), "\0\x80\0\x01"sv), kTooLarge);
  EXPECT_EQ(frames(Codec(), "\0\x80\0\0"sv), "(none)");
}

TEST(IO44, TheMaximumIsChangedAtRest) {
  ScriptedStream stream;
  stream.reads(
      std::string("\0\0\0\x03"
                  "abc\0\0\0\x03"
                  "abc"sv));
  auto framed = Codec::builder().new_read(std::move(stream));
  EXPECT_EQ(next_text(framed), "abc");
  framed.codec().set_max_frame_length(2);
  EXPECT_EQ(next_text(framed), kTooLarge);
  EXPECT_EQ(next_text(framed), "(end)");
}

TEST(IO44, TheMaximumIsChangedInFlight) {
  ScriptedStream stream;
  stream.reads(
      std::string("\0\0\0\x03"
                  "ab"sv));
  stream.reads(Pending()).reads(
      std::string("c\0\0\0\x03"
                  "abc"sv));
  auto framed = Codec::builder().new_read(std::move(stream));
  EXPECT_TRUE(waits(framed.next()));
  framed.codec().set_max_frame_length(2);
  EXPECT_EQ(next_text(framed), "abc");  // its head had been read
  EXPECT_EQ(next_text(framed), kTooLarge);
}

TEST(IO44, FieldsOfOtherSizesAndPlaces) {
  EXPECT_EQ(frames(Codec::builder().length_field_length(1).build(),
                   "\x03"
                   "abc\x01"
                   "d"sv),
            "abc|d|(none)");
  EXPECT_EQ(frames(Codec::builder().length_field_type<std::uint16_t>().build(),
                   "\0\x03"
                   "abc"sv),
            "abc|(none)");
  EXPECT_EQ(frames(Codec::builder().length_field_length(3).build(),
                   "\0\0\x03"
                   "abc"sv),
            "abc|(none)");
  EXPECT_EQ(frames(Codec::builder().length_field_length(8).build(),
                   "\0\0\0\0\0\0\0\x03"
                   "abc"sv),
            "abc|(none)");
  EXPECT_EQ(frames(Codec::builder().length_field_length(2).length_field_offset(4).build(),
                   "zzzz\0\x03"
                   "abc"sv),
            "abc|(none)");
}

TEST(IO44, SkippingNothingAndAdjusted) {
  Codec::Builder builder = Codec::builder();
  builder.length_field_length(2).length_field_offset(2).num_skip(0).length_adjustment(4);
  EXPECT_EQ(frames(builder.build(),
                   "xx\0\x03"
                   "abc"sv),
            "xx\0\x03"
            "abc|(none)"sv);
}

TEST(IO44, AFieldThatCountsMoreOrLess) {
  EXPECT_EQ(frames(Codec::builder().length_field_length(2).length_adjustment(2).build(),
                   "\0\x01"
                   "abc"sv),
            "abc|(none)");
  // It counts the head.
  EXPECT_EQ(frames(Codec::builder().length_field_length(2).length_adjustment(-2).build(),
                   "\0\x05"
                   "abc"sv),
            "abc|(none)");
  EXPECT_EQ(
      frames(Codec::builder().length_field_length(2).length_adjustment(-2).num_skip(4).build(),
             "\0\x07ZZabcde"sv),
      "abcde|(none)");
}

TEST(IO44, MoreIsSkippedThanTheHead) {
  // The head is complete only with what is skipped.
  const Codec codec = Codec::builder().length_field_length(1).num_skip(4).build();
  EXPECT_EQ(frames(codec, "\x02zz"sv), "(none)");
  EXPECT_EQ(frames(codec, "\x02zzzab"sv), "ab|(none)");
}

TEST(IOF7, AnAdjustmentThatUnderflowsIsAnError) {
  const Codec codec = Codec::builder().length_adjustment(-4).build();
  EXPECT_EQ(frames(codec,
                   "\0\0\0\x03"
                   "abc"sv),
            in_brackets(std::errc::invalid_argument));
  EXPECT_EQ(frames(codec, "\0\0\0\x04"sv), "|(none)");
}

TEST(IOF7, AnAdjustedLengthAboveTheMaximumIsTooLarge) {
  const Codec codec = Codec::builder().max_frame_length(10).length_adjustment(4).build();
  EXPECT_EQ(frames(codec,
                   "\0\0\0\x06"
                   "0123456789"sv),
            "0123456789|(none)");
  EXPECT_EQ(frames(codec,
                   "\0\0\0\x07"
                   "0123456789!"sv),
            kTooLarge);
}

TEST(IOF7, AnAdjustmentThatOverflowsIsAnError) {
  Codec codec = Codec::builder()
                    .length_field_length(8)
                    .max_frame_length(SIZE_MAX)
                    .length_adjustment(100)
                    .build();
  EXPECT_EQ(codec.max_frame_length(), SIZE_MAX);
  EXPECT_EQ(frames(codec, "\xff\xff\xff\xff\xff\xff\xff\xff"sv),
            in_brackets(std::errc::invalid_argument));
}

// Or else a peer could make somebody receive empty frames for ever, at the cost of one head.
TEST(IOF7, AFrameThatWouldTakeNothingOffTheStreamIsAnError) {
  const Codec codec = Codec::builder().num_skip(0).build();
  EXPECT_EQ(frames(codec, "\0\0\0\0"sv), in_brackets(Errc::invalid_data));
}

TEST(IOF7, AHostileLengthDoesNotMakeTheBufferLarge) {
  Codec codec;
  BytesMut in("\0\x7f\xff\xff"sv);  // eight megabytes are going to come
  EXPECT_FALSE(codec.decode(in)->has_value());
  EXPECT_LE(in.capacity(), 2 * Codec::kReserveStep);
  std::size_t sent = 0;
  while (sent < 0x7fffff) {
    in.extend(std::string(10'000, 'x'));
    sent += 10'000;
    if (sent > 0x7fffff) break;
    ASSERT_FALSE(codec.decode(in)->has_value());
    ASSERT_LE(in.capacity(), 2 * (sent + Codec::kReserveStep));
  }
  EXPECT_EQ((*codec.decode(in))->size(), 0x7fffffu);
}

TEST(IOF7, AFieldOfOtherThanOneToEightBytesIsFatal) {
  EXPECT_DEATH(static_cast<void>(Codec::builder().length_field_length(0)),
               "length_delimited_test.cc:.*1 to 8 bytes");
  EXPECT_DEATH(static_cast<void>(Codec::builder().length_field_length(9)),
               "length_delimited_test.cc:.*1 to 8 bytes");
}

TEST(IO45, NothingIsWrittenForNoFrames) {
  ScriptedStream stream;
  auto framed = Codec::builder().new_write(stream);
  EXPECT_TRUE(now(framed.flush()));
  EXPECT_EQ(stream.write_calls(), 0);
}

TEST(IO45, TheFieldAndThePayload) {
  EXPECT_EQ(encoded(Codec(), "abcdefghi"),
            "\0\0\0\x09"
            "abcdefghi"sv);
  EXPECT_EQ(encoded(Codec(), ""), "\0\0\0\0"sv);
  EXPECT_EQ(encoded(Codec::builder().little_endian().build(), "abc"), "\x03\0\0\0abc"sv);
  EXPECT_EQ(encoded(Codec::builder().length_field_length(2).build(), "abc"),
            "\0\x03"
            "abc"sv);
  EXPECT_EQ(encoded(Codec::builder().length_field_length(1).build(), "abc"),
            "\x03"
            "abc"sv);
  // Nothing for the offset.
  EXPECT_EQ(encoded(Codec::builder().length_field_offset(3).build(), "abc"),
            "\0\0\0\x03"
            "abc"sv);
}

TEST(IO45, SeveralFramesInOneWriteFromBytesAndSpans) {
  ScriptedStream stream;
  auto framed = Codec::builder().new_write(stream);
  EXPECT_TRUE(now(framed.feed(Bytes::from_static("abc"))));
  EXPECT_TRUE(now(framed.feed(test_support::as_bytes("12"))));
  EXPECT_TRUE(now(framed.send(BytesMut("x"))));
  EXPECT_EQ(stream.written(),
            "\0\0\0\x03"
            "abc\0\0\0\x02"
            "12\0\0\0\x01x"sv);
  EXPECT_EQ(stream.write_calls(), 1);
}

TEST(IO45, AdjustmentsTheOtherWay) {
  EXPECT_EQ(encoded(Codec::builder().length_field_length(2).length_adjustment(-2).build(), "abc"),
            "\0\x05"
            "abc"sv);
  EXPECT_EQ(encoded(Codec::builder().length_field_length(2).length_adjustment(2).build(), "abc"),
            "\0\x01"
            "abc"sv);
  EXPECT_EQ(encoded(Codec::builder().length_adjustment(4).build(), "abc"),
            in_brackets(std::errc::invalid_argument));
}

TEST(IO45, AWriterThatIsNotReadyAndOneThatTakesNothing) {
  ScriptedStream stream;
  stream.writes(2).writes(Pending()).writes(3).writes(std::size_t{0});
  auto framed = Codec::builder().new_write(stream);
  EXPECT_TRUE(waits(framed.send("abc")));
  EXPECT_EQ(now(framed.flush()).error(), Errc::write_zero);
  EXPECT_EQ(stream.written(),
            "\0\0\0\x03"
            "a"sv);
}

TEST(IO45, AboveTheMaximumNothingIsWritten) {
  ScriptedStream stream;
  auto framed = Codec::builder().max_frame_length(4).new_write(stream);
  EXPECT_TRUE(now(framed.feed("1234")));
  EXPECT_EQ(now(framed.send("12345")).error(), Errc::frame_too_large);
  framed.codec().set_max_frame_length(5);
  EXPECT_TRUE(now(framed.send("12345")));
  EXPECT_EQ(stream.written(),
            "\0\0\0\x04"
            "1234\0\0\0\x05"
            "12345"sv);
}

TEST(IO45, BothDirections) {
  ScriptedStream stream;
  stream.reads(std::string("\0\x02hi"sv));
  auto framed = Codec::builder().length_field_length(2).new_framed(stream);
  EXPECT_EQ(next_text(framed), "hi");
  EXPECT_TRUE(now(framed.send("ho")));
  EXPECT_EQ(stream.written(), "\0\x02ho"sv);
}

TEST(IO46, TheMaximumIsWhatTheFieldCanStandFor) {
  const auto most = [](std::size_t length, std::ptrdiff_t adjustment, std::size_t wanted) {
    return Codec::builder()
        .length_field_length(length)
        .length_adjustment(adjustment)
        .max_frame_length(wanted)
        .build()
        .max_frame_length();
  };
  EXPECT_EQ(most(1, 0, 1000), 255u);
  EXPECT_EQ(most(1, -1, 1000), 254u);
  EXPECT_EQ(most(1, 1, 1000), 256u);
  EXPECT_EQ(most(2, 0, 1 << 20), 65535u);
  EXPECT_EQ(most(8, 0, SIZE_MAX), SIZE_MAX);
  EXPECT_EQ(most(8, 1, SIZE_MAX), SIZE_MAX);
  EXPECT_EQ(most(8, -1, SIZE_MAX), SIZE_MAX - 1);
  EXPECT_EQ(most(1, 0, 100), 100u);
  EXPECT_EQ(most(1, -1000, 100), 0u);
  EXPECT_EQ(most(1, std::numeric_limits<std::ptrdiff_t>::min(), 100), 0u);
}

TEST(IO46, SoIsOneThatIsSetAtRunTime) {
  Codec codec = Codec::builder().length_field_length(1).build();
  codec.set_max_frame_length(1000);
  EXPECT_EQ(codec.max_frame_length(), 255u);
  codec.set_max_frame_length(10);
  EXPECT_EQ(codec.max_frame_length(), 10u);
}

TEST(IO46, TheLargestFrameOfEachFieldIsEncoded) {
  EXPECT_EQ(encoded(Codec::builder().length_field_length(1).build(), std::string(255, 'x')).size(),
            256u);
  EXPECT_EQ(encoded(Codec::builder().length_field_length(1).length_adjustment(1).build(),
                    std::string(256, 'x'))
                .substr(0, 2),
            "\xffx");
}

TEST(IO46, AnEncodingThatFailsLeavesTheBufferAsItWas) {
  Codec codec = Codec::builder().max_frame_length(3).build();
  BytesMut out("before");
  EXPECT_EQ(codec.encode("1234", out).error(), Errc::frame_too_large);
  EXPECT_EQ(out, "before");
  Codec negative = Codec::builder().length_adjustment(1).build();
  EXPECT_EQ(negative.encode("", out).error(), std::errc::invalid_argument);
  EXPECT_EQ(out, "before");
  // A field that could not hold what it would have to.
  Codec narrow = Codec::builder().length_field_length(1).length_adjustment(-1000).build();
  EXPECT_EQ(narrow.encode("", out).error(), std::errc::invalid_argument);
  EXPECT_EQ(out, "before");
}

}  // namespace
}  // namespace weft::io::codec
