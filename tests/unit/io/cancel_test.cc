// What is left when an operation is destroyed while it waits.

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/unit/io/io_support.h>
#include <weft/io/io.h>

namespace weft::io {
namespace {

using namespace std::literals;

// A pair of streams of which one has been given `written`.
struct Given {
  explicit Given(std::string_view written, std::size_t capacity = 64) : ends(duplex(capacity)) {
    write(written);
  }
  void write(std::string_view more) { EXPECT_TRUE(finish(ends.first.write_all(more))); }
  DuplexStream& reader() { return ends.second; }
  std::pair<DuplexStream, DuplexStream> ends;
};

TEST(IOC1, AReadThatIsDestroyedLosesNothing) {
  Given given("");
  std::array<char, 8> room{};
  cancel_after_one_poll(given.reader().read(std::span<char>(room)));
  BytesMut buffer;
  cancel_after_one_poll(given.reader().read_buf(buffer));
  cancel_after_one_poll(read_u8(given.reader()));
  given.write("abc");
  EXPECT_EQ(finish(read_u8(given.reader())), 'a');
  EXPECT_EQ(finish(given.reader().read(std::span<char>(room))), 2u);
  EXPECT_EQ(std::string(room.data(), 2), "bc");
}

TEST(IOC1, AWriteThatIsDestroyedHasWrittenNothing) {
  Given given("full", 4);
  cancel_after_one_poll(given.ends.first.write("x"));
  const std::array<IoSlice, 1> slices{IoSlice("y")};
  cancel_after_one_poll(given.ends.first.write_vectored(slices));
  Bytes left = Bytes::from_static("z");
  cancel_after_one_poll(given.ends.first.write_buf(left));
  EXPECT_EQ(left.size(), 1u);
  std::string out(4, '#');
  EXPECT_EQ(finish(given.reader().read_exact(std::span<char>(out))), 4u);
  EXPECT_TRUE(finish(given.ends.first.write_all("next")));
  EXPECT_EQ(finish(given.reader().read_exact(std::span<char>(out))), 4u);
  EXPECT_EQ(out, "next");
}

TEST(IOC1, LinesAndSegmentsGoOnWhereTheyWere) {
  Given given("hel");
  BufReader<DuplexStream&> reader(given.reader(), 4);
  auto all = lines(reader);
  cancel_after_one_poll(all.next_line());
  given.write("lo\nwor");
  EXPECT_EQ(*finish(all.next_line()), std::optional("hello"s));
  cancel_after_one_poll(all.next());
  given.write("ld\n");
  EXPECT_EQ(*finish(all.next_line()), std::optional("world"s));
  given.write("a;b");
  auto parts = split(reader, std::byte{';'});
  EXPECT_EQ(text(**finish(parts.next_segment())), "a");
  cancel_after_one_poll(parts.next_segment());
  given.write("c;");
  EXPECT_EQ(text(**finish(parts.next_segment())), "bc");
}

TEST(IOC1, FillBufGivesWhatItGaveBefore) {
  Given given("");
  BufReader<DuplexStream&> reader(given.reader(), 4);
  cancel_after_one_poll(reader.fill_buf());
  given.write("abcdef");
  EXPECT_EQ(text(*finish(reader.fill_buf())), "abcd");
  EXPECT_EQ(text(*finish(reader.fill_buf())), "abcd");
}

// What a flush has passed on before it was destroyed is not passed on again.
TEST(IOC1, AFlushRemembersHowFarItCame) {
  ScriptWriter below{std::size_t{3}, WaitOnce()};
  BufWriter<ScriptWriter&> writer(below, 16);
  EXPECT_TRUE(finish(writer.write_all("hello")));
  cancel_after_one_poll(writer.flush());
  EXPECT_EQ(text(writer.buffer()), "lo");
  EXPECT_TRUE(finish(writer.flush()));
  EXPECT_EQ(below.written(), "hello");
}

TEST(IOC2, WhatReadUntilHasReadIsInTheVector) {
  Given given("hel");
  BufReader<DuplexStream&> reader(given.reader());
  std::vector<std::byte> vec;
  cancel_after_one_poll(reader.read_until(std::byte{'\n'}, vec));
  EXPECT_EQ(text(vec), "hel");
  given.write("lo\n");
  EXPECT_EQ(finish(reader.read_until(std::byte{'\n'}, vec)), 3u);
  EXPECT_EQ(text(vec), "hello\n");
}

TEST(IOC2, WriteAllBufLetsGoOfWhatWasWritten) {
  Given given("", 4);
  Bytes left = Bytes::from_static("hello world");
  cancel_after_one_poll(given.ends.first.write_all_buf(left));
  EXPECT_EQ(left.as_string_view(), "o world");
}

TEST(IOC3, WhatReadToEndHasReadIsInTheVector) {
  Given given("hello");
  std::vector<std::byte> vec = vector_of("> ");
  cancel_after_one_poll(given.reader().read_to_end(vec));
  EXPECT_EQ(text(vec), "> hello");
}

TEST(IOC3, ReadToStringLeavesTheTextAsItWas) {
  Given given("hello");
  std::string out = "old";
  cancel_after_one_poll(given.reader().read_to_string(out));
  EXPECT_EQ(out, "old");
}

TEST(IOC3, ReadLineLeavesTheTextEmpty) {
  Given given("hel");
  BufReader<DuplexStream&> reader(given.reader());
  std::string out = "old";
  cancel_after_one_poll(reader.read_line(out));
  EXPECT_EQ(out, "");
}

TEST(IOC3, ReadExactAndNumbersLoseWhatTheyHaveRead) {
  Given given("abc");
  std::array<std::byte, 4> room{};
  cancel_after_one_poll(given.reader().read_exact(room));
  given.write("d");
  EXPECT_EQ(finish(given.reader().read(room)), 1u);
  given.write("ab");
  cancel_after_one_poll(read_u32(given.reader()));
  given.write("x");
  EXPECT_EQ(finish(given.reader().read(room)), 1u);
}

TEST(IOC3, WriteAllDoesNotSayHowMuchItHasWritten) {
  Given given("", 4);
  cancel_after_one_poll(given.ends.first.write_all("hello"));
  std::array<std::byte, 8> room{};
  EXPECT_EQ(finish(given.reader().read(room)), 4u);
}

// Every wrapper is asked, has to wait, and is asked by somebody else: nothing is lost or doubled.
TEST(IOB5, WrappersLoseNothingWhenTheyArePolledOnceAndNeverAgain) {
  Given given("");
  auto ends = split(std::move(given.ends.second));
  auto chained = chain(empty(), take(BufReader(std::move(ends.first)), 100));
  AnyRead reader = any_read(std::move(chained));
  std::array<char, 8> room{};
  std::string got;
  for (const std::string_view piece : {"one", "two", "three"}) {
    cancel_after_one_poll(reader.read(std::span<char>(room)));
    given.write(piece);
    const std::size_t size = finish(reader.read(std::span<char>(room))).value();
    got += std::string(room.data(), size) + ",";
  }
  EXPECT_EQ(got, "one,two,three,");
}

TEST(IOB5, BufferedWritersDoubleNothingWhenAPollIsPending) {
  ScriptWriter below{std::size_t{2}, WaitOnce(), std::size_t{1}, WaitOnce(), WaitOnce()};
  BufWriter<LineWriter<ScriptWriter&>> writer(LineWriter<ScriptWriter&>(below, 4), 4);
  EXPECT_TRUE(finish(writer.write_all("abcd")));
  cancel_after_one_poll(writer.write("efgh\n"));
  cancel_after_one_poll(writer.flush());
  EXPECT_TRUE(finish(writer.write_all("12\n3")));
  EXPECT_TRUE(finish(writer.flush()));
  EXPECT_EQ(below.written(), "abcd12\n3");
}

}  // namespace
}  // namespace weft::io
