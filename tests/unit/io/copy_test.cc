// copy, copy_buf, copy_bidirectional.

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
#include <weft/runtime/yield_now.h>

namespace weft::io {
namespace {

using namespace std::literals;

TEST(IO31, CopyUpToTheEndAndFlush) {
  ScriptReader reader{"hello"s, WaitOnce(), " world"s};
  ScriptWriter writer{std::size_t{4}, WaitOnce()};
  EXPECT_EQ(finish(copy(reader, writer)), 11u);
  EXPECT_EQ(writer.written(), "hello world");
  EXPECT_GE(writer.flushes, 1);
  EXPECT_EQ(writer.shutdowns, 0);
}

TEST(IO31, ErrorsOfBothSidesEndIt) {
  ScriptReader broken{"hello"s, Error(std::errc::connection_reset)};
  ScriptWriter writer;
  EXPECT_EQ(finish(copy(broken, writer)).error(), std::errc::connection_reset);
  EXPECT_EQ(writer.written(), "hello");
  ScriptReader reader("hello");
  ScriptWriter full{std::size_t{0}};
  EXPECT_EQ(finish(copy(reader, full)).error(), Errc::write_zero);
}

TEST(IO31, ItReadsOnWhileAWriteIsPending) {
  ScriptReader reader{"a"s, "b"s, "c"s};
  ScriptWriter writer{WaitOnce()};
  EXPECT_EQ(finish(copy(reader, writer)), 3u);
  EXPECT_EQ(writer.writes, (std::vector<std::string>{"abc"}));
}

// What the reader waits for may stand in the buffer of the writer.
TEST(IO31, AProxyWithABufferDoesNotDeadlock) {
  test_support::on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      auto [near, far] = duplex(64);
      auto proxy = spawn(
          [](DuplexStream stream) -> Task<> {
            auto ends = split(std::move(stream));
            BufWriter<WriteHalf<DuplexStream>> writer(std::move(ends.second), 4096);
            const Result<std::uint64_t> copied = co_await copy(ends.first, writer);
            EXPECT_EQ(copied, 1024u);
          },
          std::move(far));
      std::array<char, 1> byte{'x'};
      for (int i = 0; i < 1024; ++i) {
        EXPECT_TRUE(co_await near.write_all(std::string_view(byte.data(), 1)));
        const Result<std::size_t> read = co_await near.read_exact(std::span<char>(byte));
        EXPECT_TRUE(read);
      }
      EXPECT_TRUE(co_await near.shutdown());
      EXPECT_TRUE(co_await proxy);
    }());
  });
}

TEST(IO31, AnEndlessCopyLetsOthersRun) {
  runtime::Runtime rt = test_support::current_thread();
  rt.block_on([]() -> Task<> {
    auto endless = spawn([]() -> Task<> {
      Repeat reader = repeat(std::byte{1});
      Sink writer = sink();
      static_cast<void>(co_await copy(reader, writer));
    });
    for (int i = 0; i < 3; ++i) co_await yield_now();
    endless.abort();
    EXPECT_FALSE(co_await endless);
  }());
}

// The same with streams that take no part in the budget.
TEST(IO31, ACopyBetweenStreamsThatAreAlwaysReadyLetsOthersRun) {
  struct Always {
    Poll<Result<void>> poll_read(Context&, ReadBuf& buf) {
      buf.put_slice(bytes("x"));
      return Result<void>();
    }
    Poll<Result<std::size_t>> poll_write(Context&, std::span<const std::byte> data) {
      return Result<std::size_t>(data.size());
    }
    Poll<Result<void>> poll_flush(Context&) { return Result<void>(); }
    Poll<Result<void>> poll_shutdown(Context&) { return Result<void>(); }
  } stream;
  Budget budget = Budget::initial();
  Context cx(Waker::noop(), budget);
  auto copying = test::spawn(copy(stream, stream));
  EXPECT_TRUE(copying.poll_with(cx).is_pending());
  EXPECT_FALSE(budget.has_remaining());
}

TEST(IO31, CopyBufUsesTheReadersBuffer) {
  ScriptReader script{"hello"s, WaitOnce(), " world"s};
  BufReader<ScriptReader&> reader(script);
  ScriptWriter writer{std::size_t{4}, WaitOnce()};
  EXPECT_EQ(finish(copy_buf(reader, writer)), 11u);
  EXPECT_EQ(writer.written(), "hello world");
  EXPECT_EQ(writer.flushes, 1);
  BufReader<ScriptReader> again(ScriptReader("x"));
  ScriptWriter full{std::size_t{0}};
  EXPECT_EQ(finish(copy_buf(again, full)).error(), Errc::write_zero);
}

// Two pairs of streams with a proxy between them.
struct Proxied {
  explicit Proxied(std::size_t capacity) {
    std::tie(client, client_side) = take(duplex(capacity));
    std::tie(server, server_side) = take(duplex(capacity));
  }
  static std::tuple<DuplexStream, DuplexStream> take(std::pair<DuplexStream, DuplexStream> ends) {
    return {std::move(ends.first), std::move(ends.second)};
  }
  DuplexStream client = duplex(1).first;
  DuplexStream client_side = duplex(1).first;
  DuplexStream server = duplex(1).first;
  DuplexStream server_side = duplex(1).first;
};

TEST(IO32, BothDirectionsUntilBothAreAtTheirEnd) {
  Proxied ends(64);
  auto copying = test::spawn(copy_bidirectional(ends.client_side, ends.server_side));
  test::assert_pending(copying.poll_until_idle());
  EXPECT_TRUE(finish(ends.client.write_all("request")));
  test::assert_pending(copying.poll_until_idle());
  std::array<char, 64> room{};
  EXPECT_EQ(finish(ends.server.read(std::span<char>(room))), 7u);
  // One side ends: the other sees the end, and can still answer.
  EXPECT_TRUE(finish(ends.client.shutdown()));
  test::assert_pending(copying.poll_until_idle());
  EXPECT_EQ(finish(ends.server.read(std::span<char>(room))), 0u);
  EXPECT_TRUE(finish(ends.server.write_all("answer")));
  test::assert_pending(copying.poll_until_idle());
  EXPECT_EQ(finish(ends.client.read(std::span<char>(room))), 6u);
  EXPECT_TRUE(finish(ends.server.shutdown()));
  const auto counts = *copying.poll_until_idle();
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->first, 7u);
  EXPECT_EQ(counts->second, 6u);
  EXPECT_EQ(finish(ends.client.read(std::span<char>(room))), 0u);
}

TEST(IO32, ABlockedDirectionDoesNotBlockTheOther) {
  Proxied ends(8);
  auto copying =
      test::spawn(copy_bidirectional_with_sizes(ends.client_side, ends.server_side, 4, 4));
  // The server reads nothing until the way there is full.
  for (int i = 0; i < 6; ++i) {
    auto writing = test::spawn(ends.client.write("12345678"));
    static_cast<void>(writing.poll());
    test::assert_pending(copying.poll_until_idle());
  }
  EXPECT_TRUE(test::spawn(ends.client.write("x")).poll().is_pending());
  EXPECT_TRUE(finish(ends.server.write_all("back")));
  test::assert_pending(copying.poll_until_idle());
  std::array<char, 8> room{};
  EXPECT_EQ(finish(ends.client.read(std::span<char>(room))), 4u);
}

TEST(IO32, TheFirstErrorEndsIt) {
  for (const bool swapped : {false, true}) {
    auto [client, client_side] = duplex(64);
    Join<ScriptReader, ScriptWriter> broken_reader(ScriptReader{Error(std::errc::connection_reset)},
                                                   ScriptWriter());
    Join<DuplexStream, ScriptWriter> broken_writer(duplex(1).first,
                                                   ScriptWriter{Error(std::errc::broken_pipe)});
    EXPECT_TRUE(finish(client.write_all("x")));
    if (swapped) {
      EXPECT_EQ(finish(copy_bidirectional(broken_reader, client_side)).error(),
                std::errc::connection_reset);
      EXPECT_EQ(finish(copy_bidirectional(broken_writer, client_side)).error(),
                std::errc::broken_pipe);
    } else {
      EXPECT_EQ(finish(copy_bidirectional(client_side, broken_reader)).error(),
                std::errc::connection_reset);
      EXPECT_TRUE(finish(client.write_all("y")));
      EXPECT_EQ(finish(copy_bidirectional(client_side, broken_writer)).error(),
                std::errc::broken_pipe);
    }
  }
}

TEST(IO32, AnEndlessCopyLetsOthersRun) {
  Join<Repeat, Sink> a(repeat(std::byte{1}), sink());
  Join<Repeat, Sink> b(repeat(std::byte{2}), sink());
  Budget budget = Budget::initial();
  Context cx(Waker::noop(), budget);
  auto copying = test::spawn(copy_bidirectional(a, b));
  EXPECT_TRUE(copying.poll_with(cx).is_pending());
  EXPECT_FALSE(budget.has_remaining());
}

TEST(IO35, AnEchoOfManyMessagesIsEqual) {
  test_support::on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      auto [near, far] = duplex(128);
      auto echo = spawn(
          [](DuplexStream stream) -> Task<> {
            auto ends = split(std::move(stream));
            const Result<std::uint64_t> copied = co_await copy(ends.first, ends.second);
            EXPECT_TRUE(copied);
          },
          std::move(far));
      for (int i = 0; i < 1024; ++i) {
        const std::string message = "message " + std::to_string(i);
        EXPECT_TRUE(co_await near.write_all(message));
        std::string back(message.size(), '#');
        const Result<std::size_t> read = co_await near.read_exact(std::span<char>(back));
        EXPECT_TRUE(read);
        EXPECT_EQ(back, message);
      }
      EXPECT_TRUE(co_await near.shutdown());
      EXPECT_TRUE(co_await echo);
    }());
  });
}

}  // namespace
}  // namespace weft::io
