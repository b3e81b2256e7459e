// TcpStream: reading, writing, ending.

#include <array>
#include <cerrno>
#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include <tests/support/mock_task.h>
#include <tests/unit/net/net_support.h>
#include <weft/base/sys_table.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>

namespace weft::net {
namespace {

using test_support::current_thread;
using test_support::on_every_kind;
using test_support::open_fd_count;

TEST(NC5, ConnectingLeavesAnErrorOfALiveStreamAlone) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    EXPECT_TRUE(ends.server.set_zero_linger());
    EXPECT_TRUE(ends.server.close());
    char byte = 0;
    const Result<std::size_t> first = co_await ends.client.read(std::span(&byte, 1));
    EXPECT_EQ(first.error(), std::errc::connection_reset);
  }());
}

TEST(NC5, TakingTheErrorTakesItAway) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    EXPECT_TRUE(ends.server.set_zero_linger());
    EXPECT_TRUE(ends.server.close());
    EXPECT_TRUE(co_await ends.client.readable());
    EXPECT_EQ(ends.client.take_error().value(), Error(std::errc::connection_reset));
    EXPECT_EQ(ends.client.take_error().value(), std::nullopt);
    char byte = 0;
    EXPECT_EQ((co_await ends.client.read(std::span(&byte, 1))).value(), 0u);
  }());
}

TEST(NC9, ZeroIsTheEndAndAResetAnError) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      Pair ends = co_await connected();
      EXPECT_TRUE(co_await ends.client.write_all("hello"));
      EXPECT_TRUE(ends.client.close());
      const std::string all = co_await read_all(ends.server);
      EXPECT_EQ(all, "hello");
      // The first write gets the reset for an answer, the ones after that find it.
      EXPECT_TRUE(co_await ends.server.write_all("anybody?"));
      Result<void> written;
      while (written) written = co_await ends.server.write_all("anybody?");
      EXPECT_TRUE(written.error() == std::errc::broken_pipe ||
                  written.error() == std::errc::connection_reset);
    }());
  });
}

TEST(N63, AReadWithoutRoomReturnsZeroAtOnce) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    EXPECT_EQ((co_await ends.client.read(std::span<char>())).value(), 0u);
    EXPECT_EQ((co_await ends.client.read_exact(std::span<char>())).value(), 0u);
    EXPECT_EQ((co_await ends.client.write("")).value(), 0u);
    EXPECT_TRUE(co_await ends.client.write_all(""));
    EXPECT_EQ(ends.client.try_read(std::span<char>()).value(), 0u);
  }());
}

TEST(N64, WritingToAPeerThatIsGoneRaisesNoSignal) {
  struct Handler {
    Handler() { before = std::signal(SIGPIPE, SIG_DFL); }
    ~Handler() { std::signal(SIGPIPE, before); }
    void (*before)(int);
  };
  runtime::Runtime rt = current_thread();
  const Handler handler;  // a SIGPIPE would end the program
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    EXPECT_TRUE(co_await ends.client.shutdown());
    EXPECT_EQ((co_await ends.client.write("x")).error(), std::errc::broken_pipe);
    io::IoSlice slice("x");
    EXPECT_EQ((co_await ends.client.write_vectored(std::span(&slice, 1))).error(),
              std::errc::broken_pipe);
  }());
}

TEST(N9, AfterShutdownBothSidesReachTheEnd) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    EXPECT_TRUE(co_await ends.client.shutdown());
    const std::string to_server = co_await read_all(ends.server);
    EXPECT_EQ(to_server, "");
    EXPECT_TRUE(co_await ends.server.write_all("reading goes on"));
    EXPECT_TRUE(ends.server.close());
    const std::string to_client = co_await read_all(ends.client);
    EXPECT_EQ(to_client, "reading goes on");
  }());
}

TEST(N10, ShutdownAfterAResetSucceeds) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    EXPECT_TRUE(ends.server.set_zero_linger());
    EXPECT_TRUE(ends.server.close());
    EXPECT_TRUE(co_await ends.client.readable());
    EXPECT_TRUE(co_await ends.client.shutdown());
  }());
}

TEST(N11, ShutdownThreeTimesSucceeds) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(co_await ends.client.shutdown());
  }());
}

TEST(NC11, ALocalShutdownEndsAPendingRead) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    auto reading =
        spawn([](const TcpStream& stream) { return read_all(stream); }, std::cref(ends.client));
    co_await yield_now();
    EXPECT_EQ(::shutdown(ends.client.as_fd().raw(), SHUT_RD), 0);
    EXPECT_EQ((co_await reading).value(), "");
  }());
}

TEST(NC11, AnUnpolledShutdownHasDoneNothing) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    {
      [[maybe_unused]] auto never = ends.client.shutdown();
    }
    EXPECT_TRUE(co_await ends.client.write_all("x"));
  }());
}

TEST(N17, APeerThatIsGoneIsReadClosed) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    EXPECT_TRUE(ends.server.close());
    const io::Ready ready = (co_await ends.client.ready(io::Interest::kReadable)).value();
    EXPECT_TRUE(ready.is_read_closed());
  }());
}

TEST(N21, NothingIsClosedWhileThePeerLives) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    EXPECT_TRUE(co_await ends.server.write_all("x"));
    const io::Ready ready =
        (co_await ends.client.ready(io::Interest::kReadable | io::Interest::kWritable)).value();
    EXPECT_FALSE(ready.is_read_closed());
    EXPECT_FALSE(ready.is_write_closed());
  }());
}

TEST(N16, TriesFollowReadiness) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    char buffer[8];
    EXPECT_EQ(ends.client.try_read(std::span<char>(buffer)).error(),
              std::errc::operation_would_block);
    EXPECT_TRUE(co_await ends.server.writable());
    EXPECT_EQ(ends.server.try_write("hello").value(), 5u);
    EXPECT_TRUE(co_await ends.client.readable());
    EXPECT_EQ(ends.client.try_read(std::span<char>(buffer)).value(), 5u);
    EXPECT_EQ(ends.client.try_read(std::span<char>(buffer)).error(),
              std::errc::operation_would_block);

    // Until nothing more goes in; then it all comes out, and writing is possible again.
    const std::vector<std::byte> block(64 * 1024);
    std::size_t written = 0;
    Result<std::size_t> last = ends.server.try_write(block);
    for (; last; last = ends.server.try_write(block)) written += *last;
    EXPECT_EQ(last.error(), std::errc::operation_would_block);
    std::vector<std::byte> room(64 * 1024);
    for (std::size_t read = 0; read < written;) {
      EXPECT_TRUE(co_await ends.client.readable());
      read += ends.client.try_read(room).value_or(0);
    }
    EXPECT_TRUE(co_await ends.server.writable());
  }());
}

TEST(N16, VectoredTries) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    EXPECT_TRUE(co_await ends.client.writable());
    std::array<io::IoSlice, 3> out{io::IoSlice("ab"), io::IoSlice(), io::IoSlice("cde")};
    EXPECT_EQ(ends.client.try_write_vectored(out).value(), 5u);
    EXPECT_TRUE(co_await ends.server.readable());
    char first[2];
    char second[8];
    std::array<io::IoSliceMut, 2> in{io::IoSliceMut(std::span<char>(first)),
                                     io::IoSliceMut(std::span<char>(second))};
    EXPECT_EQ(ends.server.try_read_vectored(in).value(), 5u);
    EXPECT_EQ(std::string(first, 2) + std::string(second, 3), "abcde");
  }());
}

TEST(NC10, VectoredReadsAndWrites) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    std::array<io::IoSlice, 2> out{io::IoSlice("hello "), io::IoSlice("world")};
    EXPECT_EQ((co_await ends.client.write_vectored(out)).value(), 11u);
    EXPECT_TRUE(TcpStream::is_write_vectored());
    char first[5];
    char second[16];
    std::array<io::IoSliceMut, 2> in{io::IoSliceMut(std::span<char>(first)),
                                     io::IoSliceMut(std::span<char>(second))};
    EXPECT_EQ((co_await ends.server.read_vectored(in)).value(), 11u);
    EXPECT_EQ(std::string(second, 6), " world");
    io::IoSliceMut none;
    EXPECT_EQ((co_await ends.server.read_vectored(std::span(&none, 1))).value(), 0u);
  }());
}

TEST(N8, PeekAndReadGiveTheSame) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      Pair ends = co_await connected();
      EXPECT_TRUE(co_await ends.client.write_all("hello"));
      char buffer[8] = {};
      for (int i = 0; i < 2; ++i) {
        EXPECT_EQ((co_await ends.server.peek(std::span<char>(buffer))).value(), 5u);
        EXPECT_EQ(std::string(buffer, 5), "hello");
      }
      EXPECT_EQ((co_await ends.server.read(std::span<char>(buffer))).value(), 5u);
      EXPECT_EQ(std::string(buffer, 5), "hello");
    }());
  });
}

TEST(N58, ClosingEndsBothWaits) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      auto ends = std::make_shared<std::optional<Pair>>(co_await connected());
      const TcpStream& stream = (*ends)->client;
      auto one =
          spawn([](const TcpStream& s) -> Task<Result<void>> { co_return co_await s.readable(); },
                std::cref(stream));
      auto two = spawn(
          [](const TcpStream& s) -> Task<Result<std::size_t>> {
            char byte = 0;
            co_return co_await s.read(std::span(&byte, 1));
          },
          std::cref(stream));
      for (int i = 0; i < 10; ++i) co_await yield_now();
      EXPECT_TRUE((*ends)->client.close());
      EXPECT_EQ((co_await one).value().error(), Errc::closed);
      EXPECT_EQ((co_await two).value().error(), Errc::closed);
    }());
  });
}

TEST(N25, AWakeUpMayDestroyTheTaskThatHoldsTheSocket) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      for (int i = 0; i < 20; ++i) {
        Pair ends = co_await connected();
        auto holder = spawn(
            [](TcpStream stream) -> Task<> {
              char byte = 0;
              static_cast<void>(co_await stream.read(std::span(&byte, 1)));
            },
            std::move(ends.server));
        co_await yield_now();
        EXPECT_TRUE(co_await ends.client.write_all("x"));
        holder.abort();
        static_cast<void>(co_await holder);
      }
    }());
  });
}

}  // namespace
}  // namespace weft::net
