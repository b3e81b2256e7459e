// Lines, segments and the buffer of buffered readers.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <tests/unit/io/io_support.h>
#include <weft/io/io.h>

namespace weft::io {
namespace {

using namespace std::literals;

BufReader<ScriptReader> buffered(std::initializer_list<ReadStep> steps) {
  return BufReader<ScriptReader>(ScriptReader(steps));
}

TEST(IO6, ReadLineThroughEachLf) {
  auto reader = buffered({"hello\nworld\n\n"s});
  std::string line;
  EXPECT_EQ(finish(read_line(reader, line)), 6u);
  EXPECT_EQ(line, "hello\n");
  line.clear();
  EXPECT_EQ(finish(read_line(reader, line)), 6u);
  EXPECT_EQ(line, "world\n");
  line.clear();
  EXPECT_EQ(finish(read_line(reader, line)), 1u);
  EXPECT_EQ(line, "\n");
  line.clear();
  EXPECT_EQ(finish(read_line(reader, line)), 0u);
  EXPECT_EQ(line, "");
}

TEST(IO7, ReadLineAppendsAndWaitsForTheRest) {
  auto reader = buffered({"Hel"s, WaitOnce(), "lo Wo"s, WaitOnce(), "rld\nFizzBuzz\n1\n2"s});
  std::string out = "Foo";
  EXPECT_EQ(finish(reader.read_line(out)), 12u);
  EXPECT_EQ(out, "FooHello World\n");
  EXPECT_EQ(finish(reader.read_line(out)), 9u);
  out.clear();
  EXPECT_EQ(finish(reader.read_line(out)), 2u);
  EXPECT_EQ(finish(reader.read_line(out)), 1u);
  EXPECT_EQ(out, "1\n2");
}

TEST(IO8, InvalidUtf8LeavesTheTextAsItWas) {
  auto reader = buffered({"Hello Wor\xFF\xFF\xFFld.\nnext\n"s});
  std::string out = "Foo";
  EXPECT_EQ(finish(reader.read_line(out)).error(), Errc::invalid_data);
  EXPECT_EQ(out, "Foo");
  EXPECT_EQ(finish(reader.read_line(out)), 5u);
  EXPECT_EQ(out, "Foonext\n");
}

TEST(IO9, AnErrorKeepsValidTextOnly) {
  auto reader = buffered({"Hello Wor"s, Error(std::errc::connection_reset)});
  std::string out = "Foo";
  EXPECT_EQ(finish(reader.read_line(out)).error(), std::errc::connection_reset);
  EXPECT_EQ(out, "FooHello Wor");
  auto invalid = buffered({"Hello Wor\xFF"s, Error(std::errc::connection_reset)});
  out = "Foo";
  EXPECT_EQ(finish(invalid.read_line(out)).error(), std::errc::connection_reset);
  EXPECT_EQ(out, "Foo");
}

TEST(IO12, ReadUntilADelimiterOrTheEnd) {
  auto reader = buffered({"hel"s, WaitOnce(), "lo,wor"s, "ld,tail"s});
  std::vector<std::byte> vec;
  EXPECT_EQ(finish(reader.read_until(std::byte{','}, vec)), 6u);
  EXPECT_EQ(text(vec), "hello,");
  EXPECT_EQ(finish(reader.read_until(std::byte{','}, vec)), 6u);
  EXPECT_EQ(finish(reader.read_until(std::byte{','}, vec)), 4u);
  EXPECT_EQ(text(vec), "hello,world,tail");
  EXPECT_EQ(finish(reader.read_until(std::byte{','}, vec)), 0u);
}

TEST(IO12, AnErrorKeepsWhatWasRead) {
  auto reader = buffered({"hel"s, Error(std::errc::connection_reset), "lo,"s});
  std::vector<std::byte> vec;
  EXPECT_EQ(finish(reader.read_until(std::byte{','}, vec)).error(), std::errc::connection_reset);
  EXPECT_EQ(text(vec), "hel");
  EXPECT_EQ(finish(reader.read_until(std::byte{','}, vec)), 3u);
  EXPECT_EQ(text(vec), "hello,");
}

TEST(IO15, LinesWithoutTheirEnds) {
  auto reader = buffered({"hello\r\nwor"s, WaitOnce(), "ld\n\nlast"s});
  auto all = lines(reader);
  EXPECT_EQ(*finish(all.next_line()), std::optional("hello"s));
  EXPECT_EQ(*finish(all.next_line()), std::optional("world"s));
  EXPECT_EQ(*finish(all.next_line()), std::optional(""s));
  EXPECT_EQ(*finish(all.next_line()), std::optional("last"s));
  EXPECT_EQ(*finish(all.next_line()), std::optional<std::string>());
}

TEST(IO15, LinesAreAStream) {
  auto all = buffered({"a\nb\xFF\nc\n"s}).lines();
  EXPECT_EQ(finish(all.next()), std::optional(Result<std::string>("a")));
  EXPECT_EQ(finish(all.next()).value().error(), Errc::invalid_data);
  EXPECT_EQ(finish(all.next()), std::optional(Result<std::string>("c")));
  EXPECT_FALSE(finish(all.next()).has_value());
  BufReader<ScriptReader> back = std::move(all).into_inner();
  EXPECT_TRUE(back.buffer().empty());
}

TEST(IO15, AnErrorInTheMiddleOfALineLosesNothing) {
  auto all = buffered({"hel"s, Error(std::errc::connection_reset), "lo\n"s}).lines();
  EXPECT_EQ(finish(all.next_line()).error(), std::errc::connection_reset);
  EXPECT_EQ(*finish(all.next_line()), std::optional("hello"s));
}

TEST(IO15, SegmentsWithoutTheirDelimiter) {
  auto parts = split(buffered({"a;b"s, WaitOnce(), "c;;d"s}), std::byte{';'});
  EXPECT_EQ(text(**finish(parts.next_segment())), "a");
  EXPECT_EQ(text(**finish(parts.next_segment())), "bc");
  EXPECT_EQ(text(**finish(parts.next_segment())), "");
  EXPECT_EQ(text(**finish(parts.next())), "d");
  EXPECT_FALSE(finish(parts.next_segment())->has_value());
}

TEST(IO16, AFillBufLoopSeesEveryByteOnce) {
  MemoryFile file(std::string(1000, 'a') + std::string(500, 'b'), true);
  BufReader<MemoryFile&> reader(file, 64);
  std::string seen;
  for (;;) {
    const Result<std::span<const std::byte>> filled = finish(reader.fill_buf());
    ASSERT_TRUE(filled);
    if (filled->empty()) break;
    // Not all of it at once.
    const std::size_t size = (filled->size() + 1) / 2;
    seen += text(filled->first(size));
    reader.consume(size);
  }
  EXPECT_EQ(seen, file.content);
}

TEST(IOB3, ConsumedBytesAreNotGivenAgain) {
  auto reader = buffered({"hello"s});
  EXPECT_EQ(text(*finish(reader.fill_buf())), "hello");
  reader.consume(2);
  EXPECT_EQ(text(*finish(reader.fill_buf())), "llo");
  EXPECT_EQ(text(reader.buffer()), "llo");
}

}  // namespace
}  // namespace weft::io
