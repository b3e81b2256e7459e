// Streams in memory, and what is made of streams.

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/runtimes.h>
#include <tests/unit/io/io_support.h>
#include <weft/io/io.h>
#include <weft/runtime/spawn.h>

namespace weft::io {
namespace {

using namespace std::literals;

std::string read_some(auto& reader, std::size_t size) {
  std::string room(size, '#');
  const Result<std::size_t> read = finish(io::read(reader, std::span<char>(room)));
  return room.substr(0, read.value());
}

// How many times `make()` can be awaited to its end within one resume.
template <class Make>
int completed_in_one_resume(Make make) {
  Budget budget = Budget::initial();
  Waker waker = Waker::noop();
  Context cx(waker, budget);
  int count = 0;
  for (; count < 1000; ++count) {
    auto operation = test::spawn(make());
    if (operation.poll_with(cx).is_pending()) return count;
  }
  return count;
}

TEST(IO13, TakeEndsAtItsLimit) {
  ScriptReader reader("hello world");
  auto limited = take(reader, 4);
  EXPECT_EQ(limited.limit(), 4u);
  EXPECT_EQ(read_some(limited, 64), "hell");
  EXPECT_EQ(limited.limit(), 0u);
  const int before = reader.calls;
  EXPECT_EQ(read_some(limited, 64), "");
  EXPECT_EQ(reader.calls, before);
  limited.set_limit(3);
  EXPECT_EQ(read_some(limited, 2), "o ");
  EXPECT_EQ(read_some(limited, 2), "w");
}

TEST(IO13, TakeReadsBehindWhatIsInTheBuffer) {
  ScriptReader reader("hello world");
  auto limited = take(reader, 4);
  std::array<std::byte, 64> room{};
  ReadBuf buf(room);
  buf.put_slice(bytes("AB"));
  test::MockTask task;
  task.enter([&](Context& cx) { EXPECT_TRUE(limited.poll_read(cx, buf).is_ready()); });
  EXPECT_EQ(text(buf.filled()), "ABhell");
}

TEST(IO13, TakeOfABufferedReaderIsBuffered) {
  BufReader<ScriptReader> reader(ScriptReader("hello world"));
  auto limited = take(reader, 7);
  EXPECT_EQ(text(*finish(limited.fill_buf())), "hello w");
  limited.consume(6);
  std::string rest;
  EXPECT_EQ(finish(limited.read_line(rest)), 1u);
  EXPECT_EQ(rest, "w");
  EXPECT_DEATH(limited.consume(1), "memory_test.cc:.*Take::consume");
}

TEST(IO14, ChainReadsOneAfterTheOther) {
  auto both = chain(ScriptReader{"hel"s, "lo "s}, ScriptReader("world"));
  std::string out;
  EXPECT_EQ(finish(both.read_to_string(out)), 11u);
  EXPECT_EQ(out, "hello world");
}

TEST(IO14, AnEmptyReadDoesNotSkipTheFirst) {
  auto both = chain(ScriptReader("a"), ScriptReader("b"));
  EXPECT_EQ(finish(both.read(std::span<std::byte>())), 0u);
  EXPECT_EQ(read_some(both, 4), "a");
  EXPECT_EQ(read_some(both, 4), "b");
}

TEST(IO14, ChainOfBufferedReadersIsBuffered) {
  BufReader<ScriptReader> first(ScriptReader("ab\nc"));
  BufReader<ScriptReader> second(ScriptReader("d\n"));
  auto all = chain(first, second).lines();
  EXPECT_EQ(*finish(all.next_line()), std::optional("ab"s));
  EXPECT_EQ(*finish(all.next_line()), std::optional("cd"s));
}

TEST(IO17, EmptySinkAndRepeatAreCooperative) {
  Empty nothing = empty();
  Sink hole = sink();
  Repeat sevens = repeat(std::byte{7});
  std::array<std::byte, 4> room{};
  EXPECT_EQ(completed_in_one_resume([&] { return nothing.read(room); }), Budget::kUnits);
  EXPECT_EQ(completed_in_one_resume([&] { return nothing.write("x"); }), Budget::kUnits);
  EXPECT_EQ(completed_in_one_resume([&] { return nothing.fill_buf(); }), Budget::kUnits);
  EXPECT_EQ(completed_in_one_resume([&] { return hole.write("x"); }), Budget::kUnits);
  EXPECT_EQ(completed_in_one_resume([&] { return hole.flush(); }), Budget::kUnits);
  EXPECT_EQ(completed_in_one_resume([&] { return sevens.read(room); }), Budget::kUnits);
  EXPECT_EQ(room[3], std::byte{7});
}

TEST(IOQ5, WhatTheyDo) {
  Empty nothing = empty();
  EXPECT_EQ(read_some(nothing, 4), "");
  EXPECT_EQ(finish(nothing.write("gone")), 4u);
  const std::array<IoSlice, 2> slices{IoSlice("ab"), IoSlice("c")};
  EXPECT_EQ(finish(nothing.write_vectored(slices)), 3u);
  Sink hole = sink();
  EXPECT_EQ(finish(hole.write_vectored(slices)), 3u);
  EXPECT_TRUE(finish(hole.shutdown()));
  Repeat a = repeat(std::byte{'a'});
  EXPECT_EQ(read_some(a, 5), "aaaaa");
}

TEST(IO18, EmptySeeksToZeroAlways) {
  Empty nothing = empty();
  EXPECT_EQ(finish(nothing.seek(SeekFrom::start(9))), 0u);
  EXPECT_EQ(finish(nothing.seek(SeekFrom::end(-3))), 0u);
  EXPECT_EQ(finish(nothing.seek(SeekFrom::current(1))), 0u);
}

TEST(IO19, JoinDelegates) {
  ScriptWriter below;
  below.vectored = true;
  auto both = join(BufReader<ScriptReader>(ScriptReader("a\nb")), below);
  std::string line;
  EXPECT_EQ(finish(both.read_line(line)), 2u);
  EXPECT_EQ(read_some(both, 4), "b");
  EXPECT_TRUE(finish(both.write_all("x")));
  const std::array<IoSlice, 2> slices{IoSlice("y"), IoSlice("z")};
  EXPECT_TRUE(both.is_write_vectored());
  EXPECT_EQ(finish(both.write_vectored(slices)), 2u);
  EXPECT_TRUE(finish(both.flush()));
  EXPECT_TRUE(finish(both.shutdown()));
  EXPECT_EQ(below.writes, (std::vector<std::string>{"x", "yz"}));
  EXPECT_EQ(below.flushes + below.shutdowns, 2);
  EXPECT_EQ(&both.writer(), &below);
}

TEST(IO19, SplitDelegatesAndPutsTogetherAgain) {
  auto [a, b] = duplex(64);
  auto [reader, writer] = split(std::move(a));
  EXPECT_TRUE(reader.is_pair_of(writer) && writer.is_pair_of(reader));
  EXPECT_TRUE(writer.is_write_vectored());
  EXPECT_TRUE(finish(b.write_all("in")));
  EXPECT_EQ(read_some(reader, 8), "in");
  const std::array<IoSlice, 2> slices{IoSlice("o"), IoSlice("ut")};
  EXPECT_EQ(finish(writer.write_vectored(slices)), 3u);
  EXPECT_TRUE(finish(writer.flush()));
  EXPECT_EQ(read_some(b, 8), "out");
  EXPECT_TRUE(finish(writer.shutdown()));
  EXPECT_EQ(read_some(b, 8), "");
  DuplexStream whole = std::move(writer).unsplit(std::move(reader));
  EXPECT_TRUE(finish(b.write_all("x")));
  EXPECT_EQ(read_some(whole, 1), "x");
}

TEST(IO19, UnsplitOfStrangersIsFatalBothWays) {
  auto [r1, w1] = split(Join<Empty, Sink>(empty(), sink()));
  auto [r2, w2] = split(Join<Empty, Sink>(empty(), sink()));
  EXPECT_FALSE(r1.is_pair_of(w2));
  EXPECT_DEATH(static_cast<void>(std::move(r1).unsplit(std::move(w2))), "memory_test.cc:.*unsplit");
  EXPECT_DEATH(static_cast<void>(std::move(w1).unsplit(std::move(r2))), "memory_test.cc:.*unsplit");
}

TEST(IOQ6, HalvesWorkOnDifferentThreads) {
  test_support::on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      auto [a, b] = duplex(16);
      auto halves = split(std::move(a));
      auto writing = spawn(
          [](WriteHalf<DuplexStream> writer) -> Task<> {
            for (int i = 0; i < 100; ++i) EXPECT_TRUE(co_await writer.write_all("hello"));
            EXPECT_TRUE(co_await writer.shutdown());
          },
          std::move(halves.second));
      auto echo = spawn(
          [](DuplexStream peer) -> Task<> {
            auto ends = split(std::move(peer));
            const Result<std::uint64_t> copied = co_await copy(ends.first, ends.second);
            EXPECT_EQ(copied, 500u);
          },
          std::move(b));
      std::string out;
      const Result<std::size_t> read = co_await halves.first.read_to_string(out);
      EXPECT_EQ(read, 500u);
      EXPECT_TRUE(co_await writing);
      EXPECT_TRUE(co_await echo);
    }());
  });
}

TEST(IO33, WhatOneEndWritesTheOtherReads) {
  auto [a, b] = duplex(32);
  EXPECT_TRUE(finish(a.write_all("ping")));
  EXPECT_EQ(read_some(b, 8), "ping");
  EXPECT_TRUE(finish(b.write_all("pong")));
  EXPECT_EQ(read_some(a, 8), "pong");
}

TEST(IO33, AReaderIsWokenByAWriter) {
  auto [a, b] = duplex(32);
  std::array<std::byte, 8> room{};
  auto reading = test::spawn(b.read(room));
  test::assert_pending(reading.poll());
  EXPECT_TRUE(finish(a.write_all("ping")));
  EXPECT_TRUE(reading.is_woken());
  EXPECT_EQ(*reading.poll(), 4u);
  EXPECT_EQ(reading.waker_ref_count(), 1);
}

TEST(IO33, AWriteTakesWhatFitsAndTheNextWaits) {
  auto [a, b] = duplex(32);
  const std::string all(36, 'x');
  EXPECT_EQ(finish(a.write(all)), 32u);
  auto writing = test::spawn(a.write(std::string_view(all).substr(32)));
  test::assert_pending(writing.poll());
  EXPECT_EQ(read_some(b, 8), "xxxxxxxx");
  EXPECT_TRUE(writing.is_woken());
  EXPECT_EQ(*writing.poll(), 4u);
  EXPECT_EQ(read_some(b, 64).size(), 28u);
}

TEST(IO33, TheRingWrapsAround) {
  auto [a, b] = duplex(7);
  std::string sent;
  std::string got;
  for (int i = 0; i < 50; ++i) {
    const std::string piece(static_cast<std::size_t>(i % 5 + 1), static_cast<char>('a' + i % 26));
    EXPECT_TRUE(finish(a.write_all(piece)));
    sent += piece;
    std::string back(piece.size(), '#');
    EXPECT_EQ(finish(b.read_exact(std::span<char>(back))), piece.size());
    got += back;
  }
  EXPECT_EQ(got, sent);
}

TEST(IO33, AfterTheOtherEndIsGoneOneReadsWhatIsLeftAndWritesFail) {
  auto [a, b] = duplex(32);
  EXPECT_TRUE(finish(a.write_all("bye")));
  std::array<std::byte, 8> room{};
  {
    const DuplexStream gone = std::move(a);
  }
  EXPECT_EQ(finish(b.read(room)), 3u);
  EXPECT_EQ(finish(b.read(room)), 0u);
  EXPECT_EQ(finish(b.write("x")).error(), std::errc::broken_pipe);
  EXPECT_EQ(finish(b.write("")).error(), std::errc::broken_pipe);
}

TEST(IO33, ClosingWakesBothWaiters) {
  auto [a, b] = duplex(2);
  EXPECT_TRUE(finish(b.write_all("ab")));
  std::array<std::byte, 8> room{};
  auto ends = split(std::move(b));
  auto reading = test::spawn(ends.first.read(room));
  auto writing = test::spawn(ends.second.write("c"));
  test::assert_pending(reading.poll());
  test::assert_pending(writing.poll());
  {
    const DuplexStream gone = std::move(a);
  }
  EXPECT_TRUE(reading.is_woken() && writing.is_woken());
  EXPECT_EQ(*reading.poll(), 0u);
  EXPECT_EQ((*writing.poll()).error(), std::errc::broken_pipe);
}

TEST(IO33, ShutdownClosesOneDirection) {
  auto [a, b] = duplex(32);
  EXPECT_TRUE(finish(a.shutdown()));
  EXPECT_EQ(finish(a.write("x")).error(), std::errc::broken_pipe);
  EXPECT_EQ(read_some(b, 4), "");
  EXPECT_TRUE(finish(b.write_all("still")));
  EXPECT_EQ(read_some(a, 8), "still");
}

TEST(IO33, NothingCanBeReadAndWrittenAtOnce) {
  auto [a, b] = duplex(2);
  EXPECT_EQ(finish(b.read(std::span<std::byte>())), 0u);
  EXPECT_TRUE(finish(a.write_all("ab")));
  EXPECT_EQ(finish(a.write("")), 0u);
  EXPECT_EQ(finish(a.write_vectored({})), 0u);
}

TEST(IO33, VectoredWritesFillTheRoom) {
  auto [a, b] = duplex(7);
  const std::array<IoSlice, 3> slices{IoSlice("hello"), IoSlice(), IoSlice("world")};
  EXPECT_TRUE(a.is_write_vectored());
  EXPECT_EQ(finish(a.write_vectored(slices)), 7u);
  EXPECT_EQ(read_some(b, 16), "hellowo");
}

TEST(IO33, MovingAnEndKeepsItOpenAndAssigningClosesTheOld) {
  auto [a, b] = duplex(8);
  auto [c, d] = duplex(8);
  a = std::move(c);
  EXPECT_EQ(read_some(b, 4), "");
  EXPECT_TRUE(finish(a.write_all("x")));
  EXPECT_EQ(read_some(d, 4), "x");
}

TEST(IOB6, StreamsInMemoryAreCooperative) {
  auto [a, b] = duplex(100000);
  EXPECT_EQ(completed_in_one_resume([&writer = a] { return writer.write("x"); }), Budget::kUnits);
  std::array<std::byte, 1> room{};
  auto [tx, rx] = simplex(100000);
  EXPECT_EQ(completed_in_one_resume([&writer = tx] { return writer.write("xy"); }), Budget::kUnits);
  EXPECT_EQ(completed_in_one_resume([&reader = rx, &room] { return reader.read(room); }),
            Budget::kUnits);
}

TEST(IO49, SimplexBetweenTasks) {
  test_support::on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      auto ends = simplex(3);
      auto sending = spawn(
          [](SimplexSender tx) -> Task<> {
            for (int i = 0; i < 200; ++i) EXPECT_TRUE(co_await tx.write_all("hello"));
          },
          std::move(ends.first));
      std::string out;
      const Result<std::size_t> read = co_await ends.second.read_to_string(out);
      EXPECT_EQ(read, 1000u);
      EXPECT_EQ(out.substr(995), "hello");
      EXPECT_TRUE(co_await sending);
    }());
  });
}

TEST(IO49, DroppingOrShuttingDownWakesTheOther) {
  std::array<std::byte, 4> room{};
  {
    auto [tx, rx] = simplex(1);
    auto reading = test::spawn(rx.read(room));
    test::assert_pending(reading.poll());
    EXPECT_TRUE(finish(tx.shutdown()));
    EXPECT_TRUE(reading.is_woken());
    EXPECT_EQ(*reading.poll(), 0u);
    EXPECT_TRUE(finish(tx.shutdown()));
    EXPECT_EQ(finish(tx.write("x")).error(), std::errc::broken_pipe);
    EXPECT_EQ(finish(tx.write("")).error(), std::errc::broken_pipe);
    EXPECT_EQ(finish(tx.flush()).error(), std::errc::broken_pipe);
  }
  auto [tx, rx] = simplex(1);
  EXPECT_TRUE(finish(tx.write_all("x")));
  EXPECT_TRUE(finish(tx.flush()));
  auto writing = test::spawn(tx.write("y"));
  test::assert_pending(writing.poll());
  {
    const SimplexReceiver gone = std::move(rx);
  }
  EXPECT_TRUE(writing.is_woken());
  EXPECT_EQ((*writing.poll()).error(), std::errc::broken_pipe);
}

TEST(IO49, WhatIsLeftCanBeReadAfterTheSenderIsGone) {
  auto [tx, rx] = simplex(8);
  EXPECT_TRUE(finish(tx.write_all("left")));
  {
    const SimplexSender gone = std::move(tx);
  }
  EXPECT_EQ(read_some(rx, 8), "left");
  EXPECT_EQ(read_some(rx, 8), "");
}

TEST(IO49, ZeroAndVectoredCases) {
  auto [tx, rx] = simplex(6);
  EXPECT_EQ(finish(tx.write("")), 0u);
  EXPECT_EQ(finish(rx.read(std::span<std::byte>())), 0u);
  const std::array<IoSlice, 2> slices{IoSlice("abc"), IoSlice("def")};
  EXPECT_EQ(finish(tx.write_vectored(slices)), 6u);
  EXPECT_EQ(read_some(rx, 4), "abcd");
  EXPECT_EQ(finish(tx.write_vectored(slices)), 4u);
  EXPECT_EQ(read_some(rx, 8), "efabcd");
}

TEST(IO47, InspectSeesEveryByteThatIsRead) {
  std::string seen;
  auto look = [&seen](std::span<const std::byte> part) { seen += text(part) + "|"; };
  InspectReader<ScriptReader, decltype(look)> reader(ScriptReader{"hel"s, WaitOnce(), "lo"s}, look);
  std::string out;
  EXPECT_EQ(finish(reader.read_to_string(out)), 5u);
  EXPECT_EQ(seen, "hel|lo|");
}

TEST(IO47, InspectSeesEveryByteThatIsTaken) {
  std::string seen;
  auto look = [&seen](std::span<const std::byte> part) { seen += text(part) + "|"; };
  ScriptWriter below{std::size_t{2}, std::size_t{4}, Error(std::errc::broken_pipe)};
  below.vectored = true;
  InspectWriter<ScriptWriter&, decltype(look)> writer(below, look);
  EXPECT_EQ(finish(writer.write("abc")), 2u);
  const std::array<IoSlice, 4> slices{IoSlice("123"), IoSlice(), IoSlice("45"), IoSlice("6")};
  EXPECT_EQ(finish(writer.write_vectored(slices)), 4u);
  EXPECT_FALSE(finish(writer.write("x")));
  EXPECT_EQ(seen, "ab|123|4|");
}

}  // namespace
}  // namespace weft::io
