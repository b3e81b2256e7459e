// The halves of a TcpStream, borrowed and owned.

#include <optional>
#include <span>
#include <string>
#include <utility>

#include <tests/unit/net/net_support.h>
#include <weft/base/sys_table.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>

namespace weft::net {
namespace {

using test_support::current_thread;
using test_support::on_every_kind;
using test_support::open_fd_count;

TEST(N15, BorrowedHalvesPeekReadAndWrite) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    auto [reader, writer] = ends.client.split();
    EXPECT_TRUE(co_await ends.server.write_all("hi"));
    char buffer[8];
    EXPECT_EQ((co_await reader.peek(std::span<char>(buffer))).value(), 2u);
    EXPECT_EQ((co_await reader.read(std::span<char>(buffer))).value(), 2u);
    EXPECT_TRUE(co_await writer.writable());
    EXPECT_TRUE(co_await writer.write_all("ho"));
    EXPECT_EQ((co_await ends.server.read_exact(std::span<char>(buffer, 2))).value(), 2u);
    EXPECT_EQ(reader.peer_addr(), ends.server.local_addr());
    EXPECT_EQ(writer.local_addr(), ends.server.peer_addr());
    EXPECT_EQ(reader.local_addr(), writer.local_addr());
    EXPECT_EQ(reader.peer_addr(), writer.peer_addr());
    EXPECT_TRUE(co_await writer.shutdown());
    EXPECT_EQ(co_await read_all(ends.server), "");
  }());
}

TEST(N5, OwnedHalvesReadAndWriteAtTheSameTime) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      Pair ends = co_await connected();
      auto [reader, writer] = std::move(ends.client).into_split();
      auto writing = spawn(
          [](TcpOwnedWriteHalf half) -> Task<Result<void>> {
            co_return co_await half.write_all(std::string(100'000, 'x'));
          },
          std::move(writer));
      auto echoing = spawn(
          [](TcpStream stream) -> Task<std::size_t> {
            const std::string all = co_await read_all(stream);
            static_cast<void>(co_await stream.write_all("done"));
            co_return all.size();
          },
          std::move(ends.server));
      char buffer[8] = {};
      for (int i = 0; i < 2; ++i) {
        EXPECT_GT((co_await reader.peek(std::span<char>(buffer, 4))).value(), 0u);
      }
      EXPECT_EQ((co_await reader.read_exact(std::span<char>(buffer, 4))).value(), 4u);
      EXPECT_EQ(std::string(buffer), "done");
      EXPECT_TRUE((co_await writing).value());
      EXPECT_EQ((co_await echoing).value(), 100'000u);
    }());
  });
}

TEST(N6, ForeignHalvesComeBackAndThePairBecomesWhole) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    auto [r1, w1] = std::move(ends.client).into_split();
    auto [r2, w2] = std::move(ends.server).into_split();
    Result<TcpStream, TcpReuniteError> wrong = std::move(r1).reunite(std::move(w2));
    EXPECT_FALSE(wrong);
    TcpReuniteError back = std::move(wrong).error();
    Result<TcpStream, TcpReuniteError> one = std::move(back.read).reunite(std::move(w1));
    Result<TcpStream, TcpReuniteError> two = std::move(back.write).reunite(std::move(r2));
    EXPECT_TRUE(one && two);
    EXPECT_TRUE(co_await one->write_all("whole"));
    EXPECT_TRUE(one->close());
    EXPECT_EQ(co_await read_all(*two), "whole");
  }());
}

TEST(N7, DroppingTheWriteHalfEndsThePeersReadingOnly) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    auto [reader, writer] = std::move(ends.client).into_split();
    auto reading = spawn(
        [](TcpOwnedReadHalf half) -> Task<std::size_t> {
          char byte = 0;
          co_return (co_await half.read(std::span(&byte, 1))).value();
        },
        std::move(reader));
    co_await yield_now();
    {
      const TcpOwnedWriteHalf dropped(std::move(writer));
    }
    EXPECT_EQ(co_await read_all(ends.server), "");
    EXPECT_FALSE(reading.is_finished());
    EXPECT_TRUE(ends.server.close());
    EXPECT_EQ((co_await reading).value(), 0u);
  }());
}

TEST(NC12, AForgottenWriteHalfEndsNothing) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    auto [reader, writer] = std::move(ends.client).into_split();
    std::move(writer).forget();
    char byte = 0;
    EXPECT_EQ(ends.server.try_read(std::span(&byte, 1)).error(), std::errc::operation_would_block);
    EXPECT_TRUE(co_await ends.server.write_all("x"));
    EXPECT_EQ((co_await reader.read(std::span(&byte, 1))).value(), 1u);
    EXPECT_EQ(ends.server.try_read(std::span(&byte, 1)).error(), std::errc::operation_would_block);
  }());
}

TEST(NC12, TheConnectionIsClosedWithTheLastHalf) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    const std::size_t before = open_fd_count();
    {
      std::optional<TcpOwnedReadHalf> kept;
      {
        auto [reader, writer] = std::move(ends.client).into_split();
        kept.emplace(std::move(reader));
      }
      EXPECT_EQ(open_fd_count(), before);
    }
    EXPECT_EQ(open_fd_count(), before - 1);
  }());
}

TEST(NC12, AWriteHalfThatWasShutDownIsNotShutDownAgain) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    auto [reader, writer] = std::move(ends.client).into_split();
    EXPECT_TRUE(co_await writer.shutdown());
    EXPECT_EQ(reader.peer_addr(), ends.server.local_addr());
    EXPECT_EQ(writer.peer_addr(), ends.server.local_addr());
    int calls = 0;
    struct Counting : sys::Table {
      int* calls;
    } table;
    table.calls = &calls;
    table.shutdown = [](int, int) {
      ++*static_cast<const Counting*>(sys::table())->calls;
      return 0;
    };
    const sys::Table* const old = sys::set_table(&table);
    {
      const TcpOwnedWriteHalf dropped(std::move(writer));
    }
    sys::set_table(old);
    EXPECT_EQ(calls, 0);
  }());
}

TEST(NC12, AssigningToAWriteHalfEndsWhatItWrote) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair one = co_await connected();
    Pair two = co_await connected();
    auto [r1, w1] = std::move(one.client).into_split();
    auto [r2, w2] = std::move(two.client).into_split();
    w1 = std::move(w2);
    EXPECT_EQ(co_await read_all(one.server), "");
    EXPECT_TRUE(co_await w1.write_all("x"));
    EXPECT_TRUE(co_await w1.shutdown());
    EXPECT_EQ(co_await read_all(two.server), "x");
  }());
}

}  // namespace
}  // namespace weft::net
