// Bridges between readers, streams of chunks, sinks and blocking code.

#include <array>
#include <cstddef>
#include <optional>
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

TEST(IO48, AReaderAsChunks) {
  ReaderStream<MemoryFile> chunks(MemoryFile(std::string(8000, 'x')));
  std::size_t total = 0;
  for (;;) {
    const std::optional<Result<Bytes>> chunk = finish(chunks.next());
    if (!chunk) break;
    ASSERT_TRUE(*chunk);
    EXPECT_FALSE((*chunk)->empty());
    EXPECT_LE((*chunk)->size(), 4096u);
    total += (*chunk)->size();
  }
  EXPECT_EQ(total, 8000u);
  EXPECT_FALSE(finish(chunks.next()));
}

TEST(IO48, AnErrorIsGivenOnceAndThenTheEnd) {
  ReaderStream<ScriptReader> chunks(
      ScriptReader{"ab"s, Error(std::errc::connection_reset), "never"s}, 16);
  EXPECT_EQ((*finish(chunks.next()))->as_string_view(), "ab");
  EXPECT_EQ(finish(chunks.next())->error(), std::errc::connection_reset);
  EXPECT_FALSE(finish(chunks.next()));
}

TEST(IO48, ChunksShareMemoryAndStayAsTheyWere) {
  ReaderStream<ScriptReader> chunks(ScriptReader{"ab"s, WaitOnce(), "cd"s, "ef"s}, 4);
  const Bytes first = **finish(chunks.next());
  const Bytes second = **finish(chunks.next());
  const Bytes third = **finish(chunks.next());
  EXPECT_EQ(second.data(), first.data() + 2);
  EXPECT_EQ(first.as_string_view(), "ab");
  EXPECT_EQ(second.as_string_view(), "cd");
  EXPECT_EQ(third.as_string_view(), "ef");
}

// Chunks from a script; counts how often it was asked.
struct Chunks {
  using Item = std::optional<Result<Bytes>>;
  auto next() {
    ++asked;
    auto step = [this, waited = false](Context& cx) mutable -> Poll<Item> {
      if (!waited && slow) {
        waited = true;
        cx.waker().wake();
        return kPending;
      }
      if (at == items.size()) return Item();
      return items[at++];
    };
    return poll_fn(std::move(step));
  }
  std::vector<Item> items;
  bool slow = false;
  std::size_t at = 0;
  int asked = 0;
};

Chunks::Item chunk(std::string_view from) { return Result<Bytes>(Bytes::from_static(from)); }

TEST(IO51, ChunksAsAReader) {
  for (const bool slow : {false, true}) {
    Chunks chunks{{chunk("hel"), chunk(""), chunk("lo\nwor"), chunk("ld")}, slow};
    StreamReader<Chunks&> reader(chunks);
    std::string line;
    EXPECT_EQ(finish(reader.read_line(line)), 6u);
    EXPECT_EQ(line, "hello\n");
    std::array<std::byte, 64> room{};
    EXPECT_EQ(finish(reader.read(std::span<std::byte>())), 0u);
    EXPECT_EQ(finish(reader.read(room)), 3u);
    EXPECT_EQ(finish(reader.read(room)), 2u);
    EXPECT_EQ(finish(reader.read(room)), 0u);
    const int asked = chunks.asked;
    EXPECT_EQ(finish(reader.read(room)), 0u);
    EXPECT_EQ(chunks.asked, asked);
  }
}

TEST(IO51, AnErrorComesThroughAndTheStreamGoesOn) {
  Chunks chunks{{Chunks::Item(Err(std::errc::connection_reset)), chunk("on")}};
  StreamReader<Chunks&> reader(chunks);
  std::array<std::byte, 8> room{};
  EXPECT_EQ(finish(reader.read(room)).error(), std::errc::connection_reset);
  EXPECT_EQ(finish(reader.read(room)), 2u);
}

TEST(IO51, AReadThatIsDestroyedLosesNoChunk) {
  Chunks chunks{{chunk("one"), chunk("two")}, true};
  StreamReader<Chunks&> reader(chunks);
  std::array<std::byte, 8> room{};
  cancel_after_one_poll(reader.read(room));
  StreamReader<Chunks&> moved = std::move(reader);
  EXPECT_EQ(finish(moved.read(std::span(room).first(1))), 1u);
  auto [stream, rest] = std::move(moved).into_inner_with_chunk();
  EXPECT_EQ(rest->as_string_view(), "ne");
  EXPECT_EQ(&stream, &chunks);
  EXPECT_EQ(chunks.asked, 1);
}

// A sink that takes its time.
struct ByteSink {
  Task<Result<void>> send(Bytes message) {
    if (slow) co_await yield();
    if (fails) co_return Err(std::errc::connection_reset);
    messages.push_back(std::string(message.as_string_view()));
    co_return Result<void>();
  }
  Task<Result<void>> flush() {
    if (slow) co_await yield();
    ++flushes;
    co_return Result<void>();
  }
  Task<Result<void>> close() {
    ++closes;
    co_return Result<void>();
  }
  static Task<> yield() {
    co_await poll_fn([waited = false](Context& cx) mutable -> Poll<> {
      if (std::exchange(waited, true)) return {};
      cx.waker().wake();
      return kPending;
    });
  }
  std::vector<std::string> messages;
  int flushes = 0;
  int closes = 0;
  bool slow = false;
  bool fails = false;
};

TEST(IO50, WritesAreMessages) {
  for (const bool slow : {false, true}) {
    ByteSink sink;
    sink.slow = slow;
    SinkWriter<CopyToBytes<ByteSink&>> writer{CopyToBytes<ByteSink&>(sink)};
    {
      std::string gone = "one";
      EXPECT_EQ(finish(writer.write(gone)), 3u);
    }
    EXPECT_TRUE(finish(writer.write_all("two")));
    EXPECT_EQ(finish(writer.write("")), 0u);
    EXPECT_TRUE(finish(writer.flush()));
    EXPECT_TRUE(finish(writer.shutdown()));
    EXPECT_EQ(sink.messages, (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(sink.flushes, 1);
    EXPECT_EQ(sink.closes, 1);
  }
}

TEST(IO50, TheErrorOfAMessageComesOutOfTheNextOperation) {
  ByteSink sink;
  sink.fails = true;
  SinkWriter<CopyToBytes<ByteSink&>> at_once{CopyToBytes<ByteSink&>(sink)};
  EXPECT_EQ(finish(at_once.write("x")).error(), std::errc::connection_reset);
  sink.slow = true;
  SinkWriter<CopyToBytes<ByteSink&>> later{CopyToBytes<ByteSink&>(sink)};
  EXPECT_EQ(finish(later.write("x")), 1u);
  EXPECT_EQ(finish(later.flush()).error(), std::errc::connection_reset);
  EXPECT_TRUE(finish(later.flush()));
}

TEST(IO50, AWriteThatWaitsForTheOneBeforeHasTakenNothing) {
  ByteSink sink;
  sink.slow = true;
  SinkWriter<CopyToBytes<ByteSink&>> writer{CopyToBytes<ByteSink&>(sink)};
  EXPECT_EQ(finish(writer.write("one")), 3u);
  SinkWriter<CopyToBytes<ByteSink&>> moved = std::move(writer);
  EXPECT_TRUE(finish(moved.flush()));
  EXPECT_EQ(sink.messages, (std::vector<std::string>{"one"}));
}

TEST(IO52, BlockingCodeReadsAndWrites) {
  test_support::on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      auto [near, far] = duplex(8);
      auto blocking = spawn_blocking(
          [](DuplexStream stream) {
            SyncIoBridge<DuplexStream> bridge(std::move(stream));
            std::array<char, 5> room{};
            EXPECT_EQ(bridge.read_exact(std::as_writable_bytes(std::span(room))), 5u);
            EXPECT_EQ(bridge.read(std::span<char>(room)), 1u);
            EXPECT_TRUE(bridge.write_all("a long answer"));
            EXPECT_TRUE(bridge.flush());
            EXPECT_TRUE(bridge.is_write_vectored());
            std::string rest;
            EXPECT_EQ(bridge.read_to_string(rest), 4u);
            EXPECT_TRUE(bridge.shutdown());
            EXPECT_EQ(bridge.write("x").error(), std::errc::broken_pipe);
            return std::move(bridge).into_inner();
          },
          std::move(far));
      EXPECT_TRUE(co_await near.write_all("hello!"));
      std::array<char, 13> room{};
      const Result<std::size_t> read = co_await near.read_exact(std::span<char>(room));
      EXPECT_TRUE(read);
      EXPECT_TRUE(co_await near.write_all("rest"));
      EXPECT_TRUE(co_await near.shutdown());
      const auto back = co_await blocking;
      EXPECT_TRUE(back);
    }());
  });
}

TEST(IO52, OnAThreadThatRunsTasksItIsFatal) {
  EXPECT_DEATH(
      {
        runtime::Runtime rt = test_support::current_thread();
        rt.block_on([]() -> Task<> {
          auto ends = duplex(8);
          SyncIoBridge<DuplexStream&> bridge(ends.first);
          static_cast<void>(bridge.write("x"));
          co_return;
        }());
      },
      "adapters_test.cc:.*block_on");
}

TEST(IO52, BufferedAndSeekableStreamsKeepWhatTheyCanDo) {
  runtime::Runtime rt = test_support::current_thread();
  SyncIoBridge<BufReader<MemoryFile>> bridge(BufReader<MemoryFile>(MemoryFile("one\ntwo;x")),
                                             rt.handle());
  std::string line;
  EXPECT_EQ(bridge.read_line(line), 4u);
  std::vector<std::byte> part;
  EXPECT_EQ(bridge.read_until(std::byte{';'}, part), 4u);
  EXPECT_EQ(bridge.seek(SeekFrom::start(4)), 4u);
  EXPECT_EQ(text(*bridge.fill_buf()), "two;x");
  bridge.consume(5);
  EXPECT_TRUE(bridge.rewind());
  part.clear();
  EXPECT_EQ(bridge.read_to_end(part), 9u);
}

}  // namespace
}  // namespace weft::io
