// copy between sockets: through the kernel, and what happens when that does not work.

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <fcntl.h>
#include <functional>
#include <span>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/runtimes.h>
#include <weft/base/sys_table.h>
#include <weft/io/io.h>
#include <weft/net/net.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>

namespace weft::io {
namespace {

using test_support::current_thread;

struct Pair {
  net::TcpStream near;
  net::TcpStream far;
};

Task<Pair> connected() {
  net::TcpListener listener = (co_await net::TcpListener::bind("127.0.0.1:0")).value();
  const net::SocketAddr address = listener.local_addr().value();
  net::TcpStream near = (co_await net::TcpStream::connect(address)).value();
  auto accepted = (co_await listener.accept()).value();
  co_return Pair{std::move(near), std::move(accepted.first)};
}

std::string pattern(std::size_t size) {
  std::string made(size, '\0');
  for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<char>('a' + i % 23 + i / 4096 % 3);
  return made;
}

Task<> send_all(net::TcpStream& stream, const std::string& data) {
  EXPECT_TRUE(co_await stream.write_all(data));
  EXPECT_TRUE(co_await stream.shutdown());
}

// Sends `data` through a copy from one connection to another, and yields what came out.
Task<std::string> through_a_copy(const std::string& data) {
  Pair source = co_await connected();
  Pair target = co_await connected();
  JoinHandle<void> sending = spawn(send_all(source.near, data));
  std::string received;
  JoinHandle<void> receiving = spawn(
      [](net::TcpStream& stream, std::string& out) -> Task<> {
        const Result<std::size_t> read = co_await read_to_string(stream, out);
        EXPECT_TRUE(read);
      },
      std::ref(target.far), std::ref(received));
  const Result<std::uint64_t> copied = co_await copy(source.far, target.near);
  EXPECT_EQ(copied, data.size());
  EXPECT_TRUE(co_await target.near.shutdown());
  EXPECT_TRUE(co_await sending);
  EXPECT_TRUE(co_await receiving);
  co_return received;
}

thread_local int g_splices = 0;
thread_local int g_allowed = 0;

// Splices as long as g_allowed lasts, then answers EINVAL.
ssize_t limited_splice(int in, int out, std::size_t size, unsigned flags) {
  ++g_splices;
  if (g_allowed-- <= 0) {
    errno = EINVAL;
    return -1;
  }
  return ::splice(in, nullptr, out, nullptr, size, flags);
}

// What copying `data` yields on this thread if only `allowed` calls of splice work.
std::string copied_with(int allowed, const std::string& data) {
  g_splices = 0;
  g_allowed = allowed;
  sys::Table table;
  table.splice = limited_splice;
  runtime::Runtime rt = current_thread();
  const sys::TableScope scope(table);
  return rt.block_on(through_a_copy(data));
}

TEST(IO57, OnlyStreamsThatAreNothingButADescriptorTakePart) {
  struct Counting : net::TcpStream {};
  static_assert(internal::KernelReader<net::TcpStream> && internal::KernelWriter<net::TcpStream&>);
  static_assert(!internal::KernelReader<Counting> && !internal::KernelWriter<Counting>);
  static_assert(!internal::KernelReader<BufReader<net::TcpStream>>);
}

TEST(IO57, BulkDataGoesThroughTheKernel) {
  const std::string data = pattern(1 << 20);
  EXPECT_EQ(copied_with(1 << 20, data), data);
  EXPECT_GT(g_splices, 0);
}

TEST(IO57, ShortMessagesDoNot) {
  const std::string data = pattern(1000);
  EXPECT_EQ(copied_with(1 << 20, data), data);
  EXPECT_EQ(g_splices, 0);
}

TEST(IO57, WhereTheKernelRefusesItGoesOnThroughTheBuffer) {
  const std::string data = pattern(1 << 20);
  // At once; with bytes in the pipe; after some have been moved.
  for (const int allowed : {0, 1, 2, 3}) {
    SCOPED_TRACE(allowed);
    EXPECT_EQ(copied_with(allowed, data), data);
    EXPECT_EQ(g_splices, allowed + 1);
  }
}

TEST(IO57, WithoutADescriptorForThePipeItGoesOnThroughTheBuffer) {
  const std::string data = pattern(1 << 20);
  sys::Table table;
  table.pipe2 = [](int*, int) {
    errno = EMFILE;
    return -1;
  };
  table.splice = limited_splice;
  g_splices = 0;
  runtime::Runtime rt = current_thread();
  const sys::TableScope scope(table);
  EXPECT_EQ(rt.block_on(through_a_copy(data)), data);
  EXPECT_EQ(g_splices, 0);
}

TEST(IO57, APeerThatIsGoneIsAnErrorAndNoSignal) {
  struct Handler {
    Handler() { before = std::signal(SIGPIPE, SIG_DFL); }
    ~Handler() { std::signal(SIGPIPE, before); }
    void (*before)(int);
  };
  runtime::Runtime rt = current_thread();
  const Handler handler;  // a SIGPIPE would end the program
  rt.block_on([]() -> Task<> {
    Pair source = co_await connected();
    Pair target = co_await connected();
    EXPECT_TRUE(target.far.set_zero_linger());
    JoinHandle<void> sending = spawn(
        [](net::TcpStream& stream) -> Task<> {
          const std::string data = pattern(1 << 16);
          Result<void> written;
          while (written) written = co_await stream.write_all(data);
        },
        std::ref(source.near));
    JoinHandle<void> closing = spawn(
        [](net::TcpStream& stream) -> Task<> {
          std::array<char, 1 << 16> room{};
          const Result<std::size_t> read = co_await stream.read_exact(std::span<char>(room));
          EXPECT_TRUE(read);
          EXPECT_TRUE(stream.close());
        },
        std::ref(target.far));
    const Result<std::uint64_t> copied = co_await copy(source.far, target.near);
    EXPECT_FALSE(copied);
    EXPECT_TRUE(co_await closing);
    EXPECT_TRUE(source.far.close());
    EXPECT_TRUE(co_await sending);
  }());
}

TEST(IO57, BothDirectionsOfAProxy) {
  runtime::Runtime rt = test_support::multi_thread(2);
  rt.block_on([]() -> Task<> {
    const std::string forth = pattern(300000);
    const std::string back = pattern(200000);
    Pair client = co_await connected();
    Pair server = co_await connected();
    JoinHandle<void> proxy = spawn(
        [](net::TcpStream& a, net::TcpStream& b) -> Task<> {
          const auto counts = co_await copy_bidirectional(a, b);
          EXPECT_TRUE(counts);
          EXPECT_EQ(counts->first, 300000u);
          EXPECT_EQ(counts->second, 200000u);
        },
        std::ref(client.far), std::ref(server.near));
    JoinHandle<void> asking = spawn(send_all(client.near, forth));
    JoinHandle<void> answering = spawn(
        [](net::TcpStream& stream, const std::string& asked, const std::string& answer) -> Task<> {
          std::string got;
          const Result<std::size_t> read = co_await read_to_string(stream, got);
          EXPECT_TRUE(read);
          EXPECT_EQ(got, asked);
          co_await send_all(stream, answer);
        },
        std::ref(server.far), std::cref(forth), std::cref(back));
    std::string got;
    const Result<std::size_t> read = co_await read_to_string(client.near, got);
    EXPECT_TRUE(read);
    EXPECT_EQ(got, back);
    EXPECT_TRUE(co_await asking);
    EXPECT_TRUE(co_await answering);
    EXPECT_TRUE(co_await proxy);
  }());
}

}  // namespace
}  // namespace weft::io
