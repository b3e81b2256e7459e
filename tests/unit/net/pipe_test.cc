// Pipes and FIFOs.

#include <algorithm>
#include <array>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <span>
#include <spawn.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <tests/support/mock_task.h>
#include <tests/unit/net/net_support.h>
#include <tests/unit/net/scratch_directory.h>
#include <weft/base/sys.h>
#include <weft/base/sys_table.h>
#include <weft/io/concepts.h>
#include <weft/runtime/poll_fn.h>
#include <weft/runtime/spawn.h>

namespace weft::net {
namespace {

using test_support::current_thread;
using test_support::MockTask;
using test_support::on_every_kind;
using test_support::open_fd_count;
using test_support::Polled;
using test_support::ScratchDirectory;

static_assert(io::AsyncWrite<pipe::Sender> && !io::AsyncRead<pipe::Sender>);
static_assert(io::AsyncRead<pipe::Receiver> && !io::AsyncWrite<pipe::Receiver>);

Task<std::string> read_text(const pipe::Receiver& receiver) {
  std::string all;
  std::array<char, 64> room;
  for (;;) {
    const std::size_t n = (co_await receiver.read(room)).value();
    if (n == 0) co_return all;
    all.append(room.data(), n);
  }
}

// A path with a FIFO behind it.
class Fifo {
 public:
  Fifo() : path_(directory_.path() / "fifo") {
    WEFT_CHECK(::mkfifo(path_.c_str(), 0600) == 0, "Fifo: mkfifo");
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  ScratchDirectory directory_;
  std::filesystem::path path_;
};

TEST(NP1, WhatIsWrittenIsReadAndFlushAndShutdownDoNothing) {
  on_every_kind([](runtime::Runtime& rt) {
    rt.block_on([]() -> Task<> {
      auto [sender, receiver] = pipe::pipe().value();
      EXPECT_TRUE(co_await sender.write_all("hello"));
      EXPECT_TRUE(co_await sender.flush());
      EXPECT_TRUE(co_await sender.shutdown());
      EXPECT_TRUE(co_await sender.write_all(" again"));
      EXPECT_TRUE(sender.close());
      EXPECT_EQ(co_await read_text(receiver), "hello again");
    }());
  });
}

TEST(NP1, PollFormsTryFormsAndReadiness) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [sender, receiver] = pipe::pipe().value();
    MockTask task;
    Waker waker = task.waker();
    Context cx(waker);
    EXPECT_TRUE(receiver.poll_read_ready(cx).is_pending());
    const auto write_ready = [&](Context& own) { return sender.poll_write_ready(own); };
    EXPECT_TRUE(co_await poll_fn(write_ready));
    EXPECT_EQ(sender.try_write("hello").value(), 5u);
    EXPECT_TRUE((co_await receiver.ready(io::Interest::kReadable))->is_readable());
    EXPECT_TRUE(task.take_woken());
    const auto seven = [] { return Result<int>(7); };
    EXPECT_EQ(receiver.try_io(io::Interest::kReadable, seven).value(), 7);
    std::array<char, 16> room;
    EXPECT_EQ(receiver.try_read(room).value(), 5u);
    EXPECT_EQ(receiver.try_read(room).error(), std::errc::operation_would_block);
  }());
}

TEST(NP2, WhatIsNoFifoIsRefusedUnlessUnchecked) {
  runtime::Runtime rt = current_thread();
  const ScratchDirectory directory;
  const auto context = rt.enter();
  const std::filesystem::path file = directory.path() / "file";
  OwnedFd made(::open(file.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  const std::size_t before = open_fd_count();
  EXPECT_EQ(pipe::OpenOptions().open_receiver(file).error(), std::errc::invalid_argument);
  EXPECT_EQ(pipe::OpenOptions().open_sender(file).error(), std::errc::invalid_argument);
  EXPECT_EQ(pipe::OpenOptions().open_sender(directory.path() / "none").error(),
            std::errc::no_such_file_or_directory);
  // Not looked at, it is the selector that does not take a regular file.
  EXPECT_EQ(pipe::OpenOptions().unchecked(true).open_receiver(file).error(),
            std::errc::operation_not_permitted);
  EXPECT_EQ(open_fd_count(), before);
}

TEST(N41, AFifoCarriesWhatIsSent) {
  runtime::Runtime rt = current_thread();
  const Fifo fifo;
  rt.block_on([](std::filesystem::path path) -> Task<> {
    pipe::Receiver receiver = pipe::OpenOptions().open_receiver(path).value();
    {
      pipe::Sender sender = pipe::OpenOptions().open_sender(path).value();
      EXPECT_TRUE(co_await sender.write_all("through a file"));
    }
    EXPECT_EQ(co_await read_text(receiver), "through a file");
  }(fifo.path()));
}

TEST(N41, ASenderWithoutReadersIsRefusedUnlessItReadsItself) {
  runtime::Runtime rt = current_thread();
  const Fifo fifo;
  rt.block_on([](std::filesystem::path path) -> Task<> {
    EXPECT_EQ(pipe::OpenOptions().open_sender(path).error(), std::errc::no_such_device_or_address);
    pipe::Sender sender = pipe::OpenOptions().read_write(true).open_sender(path).value();
    EXPECT_TRUE(co_await sender.write_all("early"));
    pipe::Receiver receiver = pipe::OpenOptions().open_receiver(path).value();
    std::array<char, 16> room;
    EXPECT_EQ((co_await receiver.read(room)).value(), 5u);
  }(fifo.path()));
}

TEST(N41, BetweenWritersThereIsAnEnd) {
  runtime::Runtime rt = current_thread();
  const Fifo fifo;
  rt.block_on([](std::filesystem::path path) -> Task<> {
    pipe::Receiver receiver = pipe::OpenOptions().open_receiver(path).value();
    for (const char* text : {"first", "second", "third"}) {
      {
        pipe::Sender sender = pipe::OpenOptions().open_sender(path).value();
        EXPECT_TRUE(co_await sender.write_all(text));
      }
      EXPECT_EQ(co_await read_text(receiver), text);
    }
  }(fifo.path()));
}

TEST(N41, AReaderThatWritesItselfSeesNoEnds) {
  runtime::Runtime rt = current_thread();
  const Fifo fifo;
  rt.block_on([](std::filesystem::path path) -> Task<> {
    pipe::Receiver receiver = pipe::OpenOptions().read_write(true).open_receiver(path).value();
    std::array<char, 16> room;
    for (int i = 0; i < 3; ++i) {
      {
        pipe::Sender sender = pipe::OpenOptions().open_sender(path).value();
        EXPECT_TRUE(co_await sender.write_all("once"));
      }
      const io::Ready ready = (co_await receiver.ready(io::Interest::kReadable)).value();
      EXPECT_FALSE(ready.is_read_closed());
      EXPECT_EQ((co_await receiver.read(room)).value(), 4u);
    }
    MockTask task;
    Polled waiting(receiver.read(room));
    EXPECT_FALSE(waiting.poll(task));
  }(fifo.path()));
}

TEST(NP5, AFifoThatWasOpenedAgainIsWaitedFor) {
  runtime::Runtime rt = current_thread();
  const Fifo fifo;
  rt.block_on([](std::filesystem::path path) -> Task<> {
    pipe::Receiver receiver = pipe::OpenOptions().open_receiver(path).value();
    {
      pipe::Sender sender = pipe::OpenOptions().open_sender(path).value();
      EXPECT_TRUE(co_await sender.write_all("x"));
    }
    EXPECT_EQ(co_await read_text(receiver), "x");
    pipe::Sender next = pipe::OpenOptions().open_sender(path).value();
    std::array<char, 16> room;
    MockTask task;
    Polled waiting(receiver.read(room));
    EXPECT_FALSE(waiting.poll(task));
    EXPECT_TRUE(co_await next.write_all("y"));
    EXPECT_TRUE(co_await receiver.readable());
    EXPECT_TRUE(waiting.poll(task));
    EXPECT_EQ(waiting.take().value(), 1u);
  }(fifo.path()));
}

struct CountingReads : sys::Table {
  CountingReads() {
    read = [](int fd, void* out, std::size_t size) {
      ++static_cast<const CountingReads*>(sys::table())->calls;
      return ::read(fd, out, size);
    };
  }
  mutable int calls = 0;
};

TEST(N61, AFifoThatWasOpenedAgainIsNotReadInVain) {
  runtime::Runtime rt = current_thread();
  const Fifo fifo;
  rt.block_on([](std::filesystem::path path) -> Task<> {
    pipe::Receiver receiver = pipe::OpenOptions().open_receiver(path).value();
    {
      pipe::Sender sender = pipe::OpenOptions().open_sender(path).value();
      EXPECT_TRUE(co_await sender.write_all("x"));
    }
    EXPECT_TRUE(co_await receiver.readable());
    EXPECT_EQ(co_await read_text(receiver), "x");
    const pipe::Sender next = pipe::OpenOptions().open_sender(path).value();
    const CountingReads table;
    const sys::TableScope scope(table);
    std::array<char, 16> room;
    MockTask task;
    Polled waiting(receiver.read(room));
    for (int i = 0; i < 50; ++i) EXPECT_FALSE(waiting.poll(task));
    EXPECT_EQ(table.calls, 1);
  }(fifo.path()));
}

TEST(N42, WrongKindsAndModesAreRefusedAndComeBack) {
  runtime::Runtime rt = current_thread();
  const ScratchDirectory directory;
  const auto context = rt.enter();
  OwnedFd file(::open((directory.path() / "f").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  EXPECT_EQ(pipe::Sender::from_fd(std::move(file)).error(), std::errc::invalid_argument);
  EXPECT_EQ(pipe::Receiver::from_fd(std::move(file)).error(), std::errc::invalid_argument);
  EXPECT_TRUE(file);
  auto [read_end, write_end] = sys::pipe2(O_CLOEXEC).value();
  EXPECT_EQ(pipe::Sender::from_fd(std::move(read_end)).error(), std::errc::invalid_argument);
  EXPECT_EQ(pipe::Receiver::from_fd(std::move(write_end)).error(), std::errc::invalid_argument);
  EXPECT_TRUE(read_end);
  EXPECT_TRUE(write_end);
}

TEST(NP3, FromFdMakesItNonBlocking) {
  runtime::Runtime rt = current_thread();
  const auto context = rt.enter();
  auto [read_end, write_end] = sys::pipe2(O_CLOEXEC).value();
  const pipe::Receiver receiver = pipe::Receiver::from_fd(std::move(read_end)).value();
  const pipe::Sender sender = pipe::Sender::from_fd(std::move(write_end)).value();
  EXPECT_TRUE(*sys::get_status_flags(receiver.as_fd()) & O_NONBLOCK);
  EXPECT_TRUE(*sys::get_status_flags(sender.as_fd()) & O_NONBLOCK);
}

TEST(NP3, UncheckedTakesWhatItIsGiven) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [a, b] = test_support::unix_stream_pair();
    pipe::Sender sender = pipe::Sender::from_fd_unchecked(std::move(a)).value();
    pipe::Receiver receiver = pipe::Receiver::from_fd_unchecked(std::move(b)).value();
    EXPECT_TRUE(co_await sender.write_all("socket"));
    std::array<char, 16> room;
    EXPECT_EQ((co_await receiver.read(room)).value(), 6u);
  }());
}

TEST(N45, DescriptorsComeOutBlockingOrNot) {
  runtime::Runtime rt = current_thread();
  const auto context = rt.enter();
  {
    auto [sender, receiver] = pipe::pipe().value();
    const OwnedFd out = std::move(sender).into_blocking_fd().value();
    const OwnedFd in = std::move(receiver).into_nonblocking_fd().value();
    EXPECT_FALSE(*sys::get_status_flags(out) & O_NONBLOCK);
    EXPECT_TRUE(*sys::get_status_flags(in) & O_NONBLOCK);
  }
  auto [sender, receiver] = pipe::pipe().value();
  const OwnedFd out = std::move(sender).into_nonblocking_fd().value();
  const OwnedFd in = std::move(receiver).into_blocking_fd().value();
  EXPECT_TRUE(*sys::get_status_flags(out) & O_NONBLOCK);
  EXPECT_FALSE(*sys::get_status_flags(in) & O_NONBLOCK);
}

TEST(NP4, AnEndThatCameOutGoesInAgain) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [sender, receiver] = pipe::pipe().value();
    OwnedFd out = std::move(sender).into_blocking_fd().value();
    OwnedFd in = std::move(receiver).into_nonblocking_fd().value();
    pipe::Sender again = pipe::Sender::from_fd(std::move(out)).value();
    const pipe::Receiver reader = pipe::Receiver::from_fd(std::move(in)).value();
    EXPECT_TRUE(co_await again.write_all("again"));
    EXPECT_TRUE(again.close());
    EXPECT_EQ(co_await read_text(reader), "again");
  }());
}

TEST(N44, AChildProcessWritesIntoAPipe) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [sender, receiver] = pipe::pipe().value();
    {
      const OwnedFd out = std::move(sender).into_blocking_fd().value();
      ::posix_spawn_file_actions_t actions;
      ::posix_spawn_file_actions_init(&actions);
      ::posix_spawn_file_actions_adddup2(&actions, out.raw(), STDOUT_FILENO);
      std::array<char*, 3> arguments{const_cast<char*>("echo"), const_cast<char*>("from a child"),
                                     nullptr};
      ::pid_t child = 0;
      EXPECT_EQ(::posix_spawnp(&child, "echo", &actions, nullptr, arguments.data(), environ), 0);
      ::posix_spawn_file_actions_destroy(&actions);
      EXPECT_EQ(::waitpid(child, nullptr, 0), child);
    }
    EXPECT_EQ(co_await read_text(receiver), "from a child\n");
  }());
}

// What is read until it would block, of what was written until it would block.
std::string drain(const pipe::Receiver& receiver) {
  std::string all;
  std::array<char, 1000> room;
  while (const Result<std::size_t> n = receiver.try_read(room)) all.append(room.data(), *n);
  return all;
}

TEST(N43, FillingAndDrainingPlain) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [sender, receiver] = pipe::pipe().value();
    EXPECT_TRUE(co_await sender.writable());
    std::string written;
    const std::string block(1000, 'p');
    while (const Result<std::size_t> n = sender.try_write(block)) written.append(block, 0, *n);
    MockTask task;
    Polled writable(sender.writable());
    EXPECT_FALSE(writable.poll(task));
    EXPECT_TRUE(co_await receiver.readable());
    EXPECT_EQ(drain(receiver), written);
    EXPECT_TRUE(co_await sender.writable());
    EXPECT_TRUE(writable.poll(task));
  }());
}

TEST(N43, FillingAndDrainingVectored) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [sender, receiver] = pipe::pipe().value();
    EXPECT_TRUE(co_await sender.writable());
    const std::string a(300, 'a');
    const std::string b(700, 'b');
    const std::array<io::IoSlice, 2> slices{io::IoSlice(a), io::IoSlice(b)};
    std::string written;
    while (const Result<std::size_t> n = sender.try_write_vectored(slices)) {
      written.append(a + b, 0, *n);
    }
    std::string read;
    std::array<char, 100> first;
    std::array<char, 900> second;
    std::array<io::IoSliceMut, 2> room{io::IoSliceMut(first), io::IoSliceMut(second)};
    EXPECT_TRUE(co_await receiver.readable());
    while (const Result<std::size_t> n = receiver.try_read_vectored(room)) {
      read.append(first.data(), std::min<std::size_t>(*n, first.size()));
      if (*n > first.size()) read.append(second.data(), *n - first.size());
    }
    EXPECT_EQ(read, written);
  }());
}

// A buffer that grows, as BytesMut does.
class GrowingBuffer {
 public:
  std::span<std::byte> chunk_mut() {
    bytes_.resize(size_ + 512);
    return std::span(bytes_).subspan(size_);
  }
  void advance_mut(std::size_t size) { size_ += size; }
  std::size_t size() const { return size_; }

 private:
  std::vector<std::byte> bytes_;
  std::size_t size_ = 0;
};

TEST(N43, FillingAndDrainingIntoABuffer) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [sender, receiver] = pipe::pipe().value();
    EXPECT_TRUE(co_await sender.writable());
    std::size_t written = 0;
    const std::string block(1000, 'p');
    while (const Result<std::size_t> n = sender.try_write(block)) written += *n;
    GrowingBuffer buffer;
    EXPECT_TRUE(co_await receiver.readable());
    EXPECT_EQ((co_await receiver.read_buf(buffer)).value(), 512u);
    while (receiver.try_read_buf(buffer)) {
    }
    EXPECT_EQ(buffer.size(), written);
  }());
}

TEST(NP6, WritingWithoutAReaderIsAnErrorAndNoSignal) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    auto [sender, receiver] = pipe::pipe().value();
    EXPECT_TRUE(receiver.close());
    EXPECT_EQ((co_await sender.write("x")).error(), std::errc::broken_pipe);
    io::IoSlice slice("x");
    EXPECT_EQ((co_await sender.write_vectored(std::span(&slice, 1))).error(),
              std::errc::broken_pipe);
  }());
}

TEST(NP6, AHandlerOfTheProgramsOwnIsLeftAlone) {
  struct ::sigaction handled{};
  handled.sa_handler = [](int) {};
  struct ::sigaction before{};
  ASSERT_EQ(::sigaction(SIGPIPE, &handled, &before), 0);
  {
    runtime::Runtime rt = current_thread();
    const auto context = rt.enter();
    EXPECT_TRUE(pipe::pipe());
  }
  struct ::sigaction after{};
  ASSERT_EQ(::sigaction(SIGPIPE, &before, &after), 0);
  EXPECT_EQ(after.sa_handler, handled.sa_handler);
}

TEST(NP6, TheDefaultActionIsTurnedOff) {
  struct ::sigaction deadly{};
  deadly.sa_handler = SIG_DFL;
  struct ::sigaction before{};
  ASSERT_EQ(::sigaction(SIGPIPE, &deadly, &before), 0);
  {
    runtime::Runtime rt = current_thread();
    const auto context = rt.enter();
    EXPECT_TRUE(pipe::pipe());
  }
  struct ::sigaction after{};
  ASSERT_EQ(::sigaction(SIGPIPE, nullptr, &after), 0);
  EXPECT_EQ(after.sa_handler, SIG_IGN);
}

}  // namespace
}  // namespace weft::net
