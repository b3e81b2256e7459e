// Reading from any stream.

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

using namespace std::literals;

TEST(IO1, ReadReturnsOneChunk) {
  ScriptReader reader{"hello world"s, "more"s};
  std::array<char, 64> room{};
  EXPECT_EQ(finish(read(reader, std::span<char>(room))), 11u);
  EXPECT_EQ(std::string(room.data(), 11), "hello world");
  EXPECT_EQ(reader.calls, 1);
}

TEST(IO1, TheEndAndAnEmptySpanAreZero) {
  ScriptReader reader{"x"s};
  EXPECT_EQ(finish(read(reader, std::span<std::byte>())), 0u);
  std::array<std::byte, 4> room{};
  EXPECT_EQ(finish(read(reader, room)), 1u);
  EXPECT_EQ(finish(read(reader, room)), 0u);
}

TEST(IO1, AnErrorComesThrough) {
  ScriptReader reader{Error(std::errc::connection_reset), "x"s};
  std::array<std::byte, 4> room{};
  EXPECT_EQ(finish(read(reader, room)).error(), std::errc::connection_reset);
  EXPECT_EQ(finish(read(reader, room)), 1u);
}

TEST(IO1, AScatteringReadOfAnOrdinaryReaderFillsTheFirstSliceWithRoom) {
  ScriptReader reader{"hello"s};
  std::array<std::byte, 3> first{};
  std::array<std::byte, 3> second{};
  std::array<IoSliceMut, 3> slices{IoSliceMut(), IoSliceMut(std::span<std::byte>(first)),
                                   IoSliceMut(std::span<std::byte>(second))};
  EXPECT_EQ(finish(read_vectored(reader, slices)), 3u);
  EXPECT_EQ(text(first), "hel");
  EXPECT_EQ(second[0], std::byte{0});
}

TEST(IO2, ReadBufAdvancesTheBuffer) {
  ScriptReader reader{"hello world"s, " again"s};
  BytesMut buffer = BytesMut::with_capacity(64);
  EXPECT_EQ(finish(read_buf(reader, buffer)), 11u);
  EXPECT_EQ(buffer.as_string_view(), "hello world");
  EXPECT_EQ(finish(read_buf(reader, buffer)), 6u);
  EXPECT_EQ(buffer.as_string_view(), "hello world again");
  EXPECT_EQ(finish(read_buf(reader, buffer)), 0u);
}

TEST(IO2, AFullBufferGivesZeroWithoutARead) {
  ScriptReader reader{"hello"s};
  std::array<std::byte, 2> room{};
  ReadBuf full(room);
  full.put_slice(bytes("ab"));
  EXPECT_EQ(finish(read_buf(reader, full)), 0u);
  EXPECT_EQ(reader.calls, 0);
}

// A ReadBuf can be neither assigned nor swapped, so the misuse that other languages have to look
// for does not compile.
TEST(IO3, AReaderCannotPutAnotherBufferInThePlaceOfTheOneItWasGiven) {
  static_assert(!std::is_move_assignable_v<ReadBuf> && !std::is_copy_assignable_v<ReadBuf>);
  static_assert(!std::is_swappable_v<ReadBuf> && !std::is_move_constructible_v<ReadBuf>);
}

TEST(IO5, ReadExactFillsAllAndLeavesTheRest) {
  ScriptReader reader{"hel"s, WaitOnce(), "lo wo"s, "rld"s};
  std::array<char, 8> room{};
  EXPECT_EQ(finish(read_exact(reader, std::span<char>(room))), 8u);
  EXPECT_EQ(std::string(room.data(), room.size()), "hello wo");
  std::string rest;
  EXPECT_EQ(finish(read_to_string(reader, rest)), 3u);
  EXPECT_EQ(rest, "rld");
}

TEST(IO5, ReadExactFailsAtTheEnd) {
  ScriptReader reader{"hello"s};
  std::array<std::byte, 8> room{};
  EXPECT_EQ(finish(read_exact(reader, room)).error(), Errc::unexpected_eof);
  EXPECT_EQ(finish(read_exact(reader, std::span<std::byte>())), 0u);
}

TEST(IOT6, ReadExactIntoMemoryThatIsShared) {
  ScriptReader reader{"hel"s, "lo!"s};
  const Result<std::shared_ptr<std::byte[]>> got = finish(read_exact_shared(reader, 5));
  ASSERT_TRUE(got);
  EXPECT_EQ(text(std::span(got->get(), 5)), "hello");
  EXPECT_EQ(finish(read_exact_shared(reader, 5)).error(), Errc::unexpected_eof);
}

TEST(IO10, ReadToEndAppends) {
  ScriptReader reader{"hello"s, WaitOnce(), " world"s};
  std::vector<std::byte> vec = vector_of("> ");
  EXPECT_EQ(finish(read_to_end(reader, vec)), 11u);
  EXPECT_EQ(text(vec), "> hello world");
}

TEST(IO10, AnExactFitIsNotGrown) {
  const std::string content(100, 'x');
  ScriptReader reader{content};
  std::vector<std::byte> vec;
  vec.reserve(100);
  EXPECT_EQ(finish(read_to_end(reader, vec)), 100u);
  EXPECT_EQ(vec.capacity(), 100u);
  EXPECT_EQ(vec.size(), 100u);
}

TEST(IO10, WhatDoesNotFitDoublesTheCapacity) {
  const std::string content(150, 'x');
  ScriptReader reader{content};
  std::vector<std::byte> vec;
  vec.reserve(40);
  EXPECT_EQ(finish(read_to_end(reader, vec)), 150u);
  EXPECT_EQ(vec.capacity(), 160u);
  EXPECT_EQ(text(vec), content);
}

TEST(IO10, ItGrowsByAtLeastThirtyTwo) {
  ScriptReader reader{"abc"s};
  std::vector<std::byte> vec;
  EXPECT_EQ(finish(read_to_end(reader, vec)), 3u);
  EXPECT_EQ(vec.capacity(), 32u);
}

// Room is initialised once, when the vector grows, and not again for each read into it.
TEST(IO10, RoomIsNotInitialisedAgainForEachRead) {
  struct Watching {
    Poll<Result<void>> poll_read(Context&, ReadBuf& buf) {
      if (++calls == 1) {
        std::fill(buf.unfilled_raw().begin(), buf.unfilled_raw().end(), std::byte{'#'});
        buf.put_slice(bytes("ab"));
      } else if (calls == 2) {
        left_as_it_was = buf.unfilled_raw()[0] == std::byte{'#'};
        was_initialized = buf.initialized().size() == buf.capacity();
      }
      return Result<void>();
    }
    int calls = 0;
    bool left_as_it_was = false;
    bool was_initialized = false;
  } reader;
  std::vector<std::byte> vec;
  vec.reserve(64);
  EXPECT_EQ(finish(read_to_end(reader, vec)), 2u);
  EXPECT_TRUE(reader.left_as_it_was);
  EXPECT_TRUE(reader.was_initialized);
  EXPECT_EQ(text(vec), "ab");
}

TEST(IO10, AnErrorKeepsWhatWasRead) {
  ScriptReader reader{"hello"s, Error(std::errc::connection_reset)};
  std::vector<std::byte> vec;
  EXPECT_EQ(finish(read_to_end(reader, vec)).error(), std::errc::connection_reset);
  EXPECT_EQ(text(vec), "hello");
}

TEST(IO11, ReadToStringAppends) {
  ScriptReader reader{"gr\xC3"s, "\xBC\xC3\x9F"s, " dich"s};
  std::string out = "> ";
  EXPECT_EQ(finish(read_to_string(reader, out)), 11u);
  EXPECT_EQ(out, "> gr\u00FC\u00DF dich");
}

TEST(IO11, OnAnErrorTheTextIsAsBefore) {
  std::string out = "old";
  ScriptReader invalid{"ab\xFF"s};
  EXPECT_EQ(finish(read_to_string(invalid, out)).error(), Errc::invalid_data);
  EXPECT_EQ(out, "old");
  ScriptReader broken{"ab"s, Error(std::errc::connection_reset)};
  EXPECT_EQ(finish(read_to_string(broken, out)).error(), std::errc::connection_reset);
  EXPECT_EQ(out, "old");
  // Only what was appended is looked at.
  std::string odd = "\xFF";
  ScriptReader valid{"ab"s};
  EXPECT_EQ(finish(read_to_string(valid, odd)), 2u);
  EXPECT_EQ(odd,
            "\xFF"
            "ab");
}

TEST(IO11, WhatIsUtf8) {
  for (const char* good : {"", "a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                           "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF",
                           "12345678\xC3\xBC"
                           "12345678"}) {
    EXPECT_TRUE(internal::is_utf8(bytes(good))) << good;
  }
  for (const char* bad :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x9F\xBF", "\xE2\x82",
        "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF0\x90\x80",
        "\xFE", "\xFF", "12345678\xC3", "\xE2\x82\x41", "\xF0\x90\x41\x80"}) {
    EXPECT_FALSE(internal::is_utf8(bytes(bad))) << bad;
  }
  EXPECT_EQ(internal::valid_utf8_prefix(bytes("12345678ab\xC3")), 10u);
}

TEST(IO24, NumbersOfAllWidthsComeBackInBothOrders) {
  auto [a, b] = duplex(256);
  EXPECT_TRUE(finish(a.write_u16(0x0102)));
  EXPECT_TRUE(finish(a.write_u16_le(0x0102)));
  std::array<std::byte, 4> raw{};
  EXPECT_EQ(finish(b.read_exact(raw)), 4u);
  EXPECT_EQ(raw, (std::array{std::byte{1}, std::byte{2}, std::byte{2}, std::byte{1}}));

  EXPECT_TRUE(finish(a.write_u8(0xFE)));
  EXPECT_EQ(finish(b.read_u8()), 0xFE);
  EXPECT_TRUE(finish(a.write_i8(-2)));
  EXPECT_EQ(finish(b.read_i8()), -2);
  EXPECT_TRUE(finish(a.write_i16(-300)));
  EXPECT_EQ(finish(b.read_i16()), -300);
  EXPECT_TRUE(finish(a.write_i16_le(-300)));
  EXPECT_EQ(finish(b.read_i16_le()), -300);
  EXPECT_TRUE(finish(a.write_u32(0xDEADBEEF)));
  EXPECT_EQ(finish(b.read_u32()), 0xDEADBEEF);
  EXPECT_TRUE(finish(a.write_u32_le(0xDEADBEEF)));
  EXPECT_EQ(finish(b.read_u32_le()), 0xDEADBEEF);
  EXPECT_TRUE(finish(a.write_i32(-70000)));
  EXPECT_EQ(finish(b.read_i32()), -70000);
  EXPECT_TRUE(finish(a.write_i32_le(-70000)));
  EXPECT_EQ(finish(b.read_i32_le()), -70000);
  EXPECT_TRUE(finish(a.write_u64(0x0102030405060708)));
  EXPECT_EQ(finish(b.read_u64()), 0x0102030405060708u);
  EXPECT_TRUE(finish(a.write_u64_le(0x0102030405060708)));
  EXPECT_EQ(finish(b.read_u64_le()), 0x0102030405060708u);
  EXPECT_TRUE(finish(a.write_i64(INT64_MIN)));
  EXPECT_EQ(finish(b.read_i64()), INT64_MIN);
  EXPECT_TRUE(finish(a.write_i64_le(INT64_MIN)));
  EXPECT_EQ(finish(b.read_i64_le()), INT64_MIN);
  const internal::UInt128 wide = (internal::UInt128(1) << 100) + 7;
  EXPECT_TRUE(finish(a.write_u128(wide)));
  EXPECT_TRUE(*finish(b.read_u128()) == wide);
  EXPECT_TRUE(finish(a.write_u128_le(wide)));
  EXPECT_TRUE(*finish(b.read_u128_le()) == wide);
  EXPECT_TRUE(finish(a.write_i128(-5)));
  EXPECT_TRUE(*finish(b.read_i128()) == -5);
  EXPECT_TRUE(finish(a.write_i128_le(-5)));
  EXPECT_TRUE(*finish(b.read_i128_le()) == -5);
  EXPECT_TRUE(finish(a.write_f32(1.5F)));
  EXPECT_EQ(finish(b.read_f32()), 1.5F);
  EXPECT_TRUE(finish(a.write_f32_le(-0.25F)));
  EXPECT_EQ(finish(b.read_f32_le()), -0.25F);
  EXPECT_TRUE(finish(a.write_f64(6.02e23)));
  EXPECT_EQ(finish(b.read_f64()), 6.02e23);
  EXPECT_TRUE(finish(a.write_f64_le(-1e-300)));
  EXPECT_EQ(finish(b.read_f64_le()), -1e-300);
}

TEST(IO24, ANumberThatIsCutOffFails) {
  ScriptReader reader{"abc"s};
  EXPECT_EQ(finish(read_u32(reader)).error(), Errc::unexpected_eof);
  EXPECT_EQ(finish(read_u8(reader)).error(), Errc::unexpected_eof);
}

TEST(IO24, AWriterThatTakesNothingFails) {
  ScriptWriter writer{std::size_t{2}, std::size_t{0}};
  EXPECT_EQ(finish(write_u32(writer, 1)).error(), Errc::write_zero);
  ScriptWriter none{std::size_t{0}};
  EXPECT_EQ(finish(write_u8(none, 1)).error(), Errc::write_zero);
}

TEST(IO24, ANumberMayTakeSeveralReadsAndWrites) {
  ScriptReader reader{"\x01"s, WaitOnce(), "\x02\x03"s, "\x04"s};
  EXPECT_EQ(finish(read_u32(reader)), 0x01020304u);
  ScriptWriter writer{std::size_t{1}, WaitOnce(), std::size_t{2}};
  EXPECT_TRUE(finish(write_u32(writer, 0x01020304)));
  EXPECT_EQ(writer.written(), "\x01\x02\x03\x04");
}

}  // namespace
}  // namespace weft::io
