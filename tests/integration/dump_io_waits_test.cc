// What a dump says of tasks that wait for the world outside: sockets, files, processes, signals.

#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/support/dump_waits.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/dump/await_recorder.h>
#include <weft/weft.h>

namespace weft {
namespace {

using test_support::in_task_of;
using test_support::waits_of;
using ::testing::ElementsAre;

template <class Socket>
std::string descriptor_of(const Socket& socket) {
  return std::to_string(socket.as_fd().raw()) + " is the descriptor";
}

struct Connection {
  net::TcpStream here;
  net::TcpStream there;
};
Task<Connection> connect() {
  auto listener = co_await net::TcpListener::bind("127.0.0.1:0");
  auto here = co_await net::TcpStream::connect(listener->local_addr().value());
  auto accepted = co_await listener->accept();
  co_return Connection{std::move(here).value(), std::move(accepted.value().first)};
}

// --- Sockets

TEST(R150, SocketsNameTheirDescriptors) {
  runtime::Runtime rt = test_support::current_thread();
  in_task_of(rt, []() -> Task<> {
    std::array<std::byte, 16> room{};
    auto listener = co_await net::TcpListener::bind("127.0.0.1:0");
    const auto accepting = co_await waits_of([&] { return listener->accept(); });
    EXPECT_THAT(accepting, ElementsAre("accept, " + descriptor_of(*listener) + ", to read"));

    Connection connection = co_await connect();
    const net::TcpStream& stream = connection.here;
    const std::string reads = descriptor_of(stream) + ", to read";
    const auto reading = co_await waits_of([&] { return stream.read(std::span(room)); });
    EXPECT_THAT(reading, ElementsAre("io, " + reads));
    const auto exact = co_await waits_of([&] { return stream.read_exact(std::span(room)); });
    EXPECT_THAT(exact, ElementsAre("read_exact, " + reads));
    const auto readable = co_await waits_of([&] { return stream.readable(); });
    EXPECT_THAT(readable, ElementsAre("io readiness, " + reads));

    auto datagrams = co_await net::UdpSocket::bind("127.0.0.1:0");
    const auto receiving = co_await waits_of([&] { return datagrams->recv(std::span(room)); });
    EXPECT_THAT(receiving, ElementsAre("io, " + descriptor_of(*datagrams) + ", to read"));
  });
}

TEST(R150, AWriteThatFindsNoRoomNamesItsDescriptor) {
  runtime::Runtime rt = test_support::current_thread();
  in_task_of(rt, []() -> Task<> {
    Connection connection = co_await connect();
    const std::vector<std::byte> much(64U << 20U);
    const auto lines = co_await waits_of([&] { return connection.here.write_all(much); });
    EXPECT_THAT(lines, ElementsAre("write_all, " + descriptor_of(connection.here) + ", to write"));
  });
}

TEST(R150, WhatIsReadThroughAdaptorsNamesTheDescriptorBelow) {
  runtime::Runtime rt = test_support::current_thread();
  in_task_of(rt, []() -> Task<> {
    Connection connection = co_await connect();
    net::TcpStream& stream = connection.here;
    const std::string below = descriptor_of(stream);
    io::BufReader reader(stream);
    std::string line;
    const auto lines = co_await waits_of([&] { return reader.read_line(line); });
    EXPECT_THAT(lines, ElementsAre("read_line, " + below));
    std::array<std::byte, 16> room{};
    const auto exact = co_await waits_of([&] { return io::read_exact(reader, std::span(room)); });
    EXPECT_THAT(exact, ElementsAre("read_exact, " + below));
    auto framed = io::codec::FramedRead(stream, io::codec::LinesCodec());
    const auto frames = co_await waits_of([&] { return framed.next(); });
    EXPECT_THAT(frames, ElementsAre("next frame, " + below));
    auto [one, other] = io::duplex(16);
    const auto in_memory = co_await waits_of([&] { return io::read_u8(one); });
    EXPECT_THAT(in_memory, ElementsAre("read of a number")) << "there is no descriptor";
  });
}

TEST(R150, ACopyNamesBothDescriptors) {
  runtime::Runtime rt = test_support::current_thread();
  in_task_of(rt, []() -> Task<> {
    Connection from = co_await connect();
    Connection to = co_await connect();
    const std::string read = std::to_string(from.here.as_fd().raw()) + " is read";
    const std::string written = std::to_string(to.here.as_fd().raw()) + " is written";
    const auto lines = co_await waits_of([&] { return io::copy(from.here, to.here); });
    EXPECT_THAT(lines, ElementsAre("copy, " + read + ", " + written));
  });
}

// The task is woken by that, so a dump may just have claimed it.
TEST(R150, AWaitForASocketThatIsClosedCanStillBeDescribed) {
  runtime::Runtime rt = test_support::current_thread();
  in_task_of(rt, []() -> Task<> {
    Connection connection = co_await connect();
    io::BufReader reader(connection.here);
    std::string line;
    auto reading = reader.read_line(line);
    auto leaf = reading.operator co_await();
    Context cx(Waker::noop());
    EXPECT_FALSE(leaf.node().poll(cx));
    EXPECT_TRUE(connection.here.close());
    internal::AwaitRecorder recorder{std::chrono::steady_clock::time_point()};
    WaitReport report(recorder);
    leaf.node().describe(report);
    EXPECT_TRUE(leaf.node().poll(cx));
    const auto ended = leaf.node().take();
    EXPECT_EQ(ended.error(), Errc::closed);
  });
}

// --- Files

// A FIFO without a writer keeps who opens it waiting.
class Fifo {
 public:
  Fifo() {
    std::string name = (std::filesystem::temp_directory_path() / "weft-dump-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
    path_ = directory_ / "fifo";
    EXPECT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  }
  Fifo(const Fifo&) = delete;
  Fifo& operator=(const Fifo&) = delete;
  ~Fifo() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }
  // Lets in who waits to read; closing it is the end of the file.
  OwnedFd open_to_write() const { return OwnedFd(::open(path_.c_str(), O_WRONLY | O_CLOEXEC)); }
  // Keeps it from having no writer.
  OwnedFd open_for_both() const { return OwnedFd(::open(path_.c_str(), O_RDWR | O_CLOEXEC)); }

 private:
  std::filesystem::path directory_;
  std::filesystem::path path_;
};

// On io_uring an open never waits for a FIFO's other end.
class WithoutRing {
 public:
  WithoutRing() { ::setenv("WEFT_IO_URING", "0", 1); }
  WithoutRing(const WithoutRing&) = delete;
  WithoutRing& operator=(const WithoutRing&) = delete;
  ~WithoutRing() { ::unsetenv("WEFT_IO_URING"); }
};

TEST(R150, FileOperationsNameTheCallAndWhoCarriesItOut) {
  const WithoutRing on_pool;
  const Fifo fifo;
  runtime::Runtime rt = test_support::current_thread();
  in_task_of(rt, [&fifo]() -> Task<> {
    auto task = spawn(
        [](std::filesystem::path path) -> Task<> {
          static_cast<void>(co_await fs::File::open(path));
        },
        fifo.path());
    co_await yield_now();
    const runtime::Dump dump = co_await runtime::Handle::current().dump();
    EXPECT_THAT(waits_of(*dump.find(task.id())), ElementsAre("fs, fs::open, by the blocking pool"));
    const OwnedFd writer = fifo.open_to_write();
    static_cast<void>(co_await task);
  });
}

TEST(R150, AReadFromAFileNamesItsDescriptor) {
  const Fifo fifo;
  const OwnedFd writer = fifo.open_for_both();
  runtime::Runtime rt = test_support::current_thread();
  in_task_of(rt, [&fifo, &writer]() -> Task<> {
    auto file = co_await fs::File::open(fifo.path());
    std::array<std::byte, 16> room{};
    const std::string below = descriptor_of(*file);
    auto task = spawn(
        [](fs::File& from, std::span<std::byte> into) -> Task<> {
          static_cast<void>(co_await from.read(into));
        },
        std::ref(*file), std::span(room));
    co_await yield_now();
    const runtime::Dump dump = co_await runtime::Handle::current().dump();
    EXPECT_THAT(waits_of(*dump.find(task.id())), ElementsAre("read, " + below));
    EXPECT_EQ(::write(writer.raw(), "x", 1), 1);
    static_cast<void>(co_await task);
  });
}

// --- Processes and signals

TEST(R150, AWaitForAProcessNamesIt) {
  runtime::Runtime rt = test_support::current_thread();
  in_task_of(rt, []() -> Task<> {
    process::Command command("sleep");
    process::Child child = command.arg("1000").kill_on_drop(true).spawn().value();
    const std::string number = std::to_string(*child.id());
    const auto lines = co_await waits_of([&child] { return child.wait(); });
    EXPECT_THAT(lines, ElementsAre("process, " + number + " is its number"));
    static_cast<void>(co_await child.kill());
  });
}

TEST(R150, APipeOfAProcessNamesItsDescriptor) {
  runtime::Runtime rt = test_support::current_thread();
  in_task_of(rt, []() -> Task<> {
    process::Command command("sleep");
    command.arg("1000").stdout_(process::Stdio::piped()).kill_on_drop(true);
    process::Child child = command.spawn().value();
    const std::string below = descriptor_of(*child.stdout_);
    io::BufReader reader(*child.stdout_);
    std::string line;
    const auto lines = co_await waits_of([&] { return reader.read_line(line); });
    EXPECT_THAT(lines, ElementsAre("read_line, " + below));
    static_cast<void>(co_await child.kill());
  });
}

TEST(R150, AWaitForASignalNamesIt) {
  runtime::Runtime rt = test_support::current_thread();
  in_task_of(rt, []() -> Task<> {
    auto received = signal::signal(signal::SignalKind::user_defined2());
    const auto lines = co_await waits_of([&received] { return received->recv(); });
    EXPECT_THAT(lines, ElementsAre("signal, " + std::to_string(SIGUSR2) + " is its number"));
  });
}

}  // namespace
}  // namespace weft
