// The pipes to a child (P-21 .. P-26).

#include <csignal>
#include <system_error>

#include <tests/support/mock_task.h>
#include <tests/support/raw_sockets.h>
#include <tests/unit/process/process_support.h>
#include <weft/io/concepts.h>

namespace weft::process {
namespace {

using test_support::MockTask;
using test_support::Polled;

class PipesTest : public testing::Test {
 protected:
  runtime::Runtime rt_ = test_support::current_thread();
  runtime::EnterGuard entered_ = rt_.enter();
};

using P21 = PipesTest;
using P22 = PipesTest;
using P23 = PipesTest;
using P24 = PipesTest;
using P25 = PipesTest;
using P26 = PipesTest;

static_assert(io::AsyncWrite<ChildStdin> && io::AsyncRead<ChildStdout> &&
              io::AsyncRead<ChildStderr>);

bool is_nonblocking(BorrowedFd fd) { return (sys::get_status_flags(fd).value() & O_NONBLOCK) != 0; }

TEST_F(P21, OurEndsDoNotBlock) {
  Child child = cat().stderr_(Stdio::piped()).spawn().value();
  for (const BorrowedFd fd :
       {child.stdin_->as_fd(), child.stdout_->as_fd(), child.stderr_->as_fd()}) {
    EXPECT_TRUE(is_nonblocking(fd));
    EXPECT_EQ(sys::get_fd_flags(fd), FD_CLOEXEC);
  }
  EXPECT_TRUE(rt_.block_on(child.wait()));
}

TEST_F(P21, TheChildsEndsBlock) {
  Command command = sh("cat /proc/self/fdinfo/0 /proc/self/fdinfo/1 | grep flags");
  command.stdin_(Stdio::piped());
  const Result<Output> output = rt_.block_on(command.output());
  // O_RDONLY; O_WRONLY; and no O_NONBLOCK.
  EXPECT_EQ(text_of(output->stdout_), "flags:\t00\nflags:\t01\n");
}

TEST_F(P21, PiecesAreReadAndWritten) {
  Child child = cat().spawn().value();
  const io::IoSlice out[] = {std::string_view("ab"), std::string_view("cd")};
  EXPECT_EQ(rt_.block_on(child.stdin_->write_vectored(out)), 4u);
  EXPECT_TRUE(ChildStdin::is_write_vectored());
  std::array<char, 1> first{};
  std::array<char, 8> rest{};
  io::IoSliceMut in[] = {std::span<char>(first), std::span<char>(rest)};
  EXPECT_EQ(rt_.block_on(child.stdout_->read_vectored(in)), 4u);
  EXPECT_EQ(first[0], 'a');
  EXPECT_EQ(std::string_view(rest.data(), 3), "bcd");
  EXPECT_TRUE(rt_.block_on(child.wait()));
}

TEST_F(P21, TryFormsAnswerAtOnce) {
  Child child = cat().spawn().value();
  std::array<char, 8> room{};
  EXPECT_EQ(child.stdout_->try_read(room).error(), std::errc::operation_would_block);
  EXPECT_TRUE(rt_.block_on(child.stdin_->write_all("x")));
  EXPECT_EQ(rt_.block_on(child.stdout_->read(room)), 1u);  // lets the driver report
  EXPECT_EQ(child.stdin_->try_write("y"), 1u);
  EXPECT_TRUE(rt_.block_on(child.wait()));
}

TEST_F(P21, PollFormsMoveBytes) {
  Child child = cat().spawn().value();
  MockTask task;
  const Waker waker = task.waker();
  Context cx(waker);
  std::array<std::byte, 8> room;
  io::ReadBuf buf(room);
  EXPECT_TRUE(child.stdout_->poll_read(cx, buf).is_pending());
  const Poll<Result<std::size_t>> written =
      child.stdin_->poll_write(cx, std::as_bytes(std::span("abc", 3)));
  ASSERT_TRUE(written.is_ready());
  EXPECT_EQ(*written, 3u);
  const io::IoSlice more[] = {std::string_view("d")};
  EXPECT_EQ(*child.stdin_->poll_write_vectored(cx, more), 1u);
  EXPECT_TRUE(*child.stdin_->poll_flush(cx));
  EXPECT_TRUE(*child.stdin_->poll_shutdown(cx));
  child.stdin_.reset();
  EXPECT_TRUE(rt_.block_on(child.wait()));
  EXPECT_TRUE(task.take_woken());
  const Poll<Result<void>> read = child.stdout_->poll_read(cx, buf);
  ASSERT_TRUE(read.is_ready());
  EXPECT_EQ(buf.filled().size(), 4u);
}

TEST_F(P22, ShutdownDoesNotEndTheInput) {
  Child child = cat().spawn().value();
  EXPECT_TRUE(rt_.block_on(child.stdin_->flush()));
  EXPECT_TRUE(rt_.block_on(child.stdin_->shutdown()));
  EXPECT_TRUE(rt_.block_on(child.stdin_->write_all("text")));
  std::array<char, 4> room;
  EXPECT_EQ(rt_.block_on(child.stdout_->read(room)), 4u);
  child.stdin_.reset();
  EXPECT_EQ(rt_.block_on(child.stdout_->read(room)), 0u);
  EXPECT_TRUE(rt_.block_on(child.wait()));
}

TEST_F(P23, WriterThatWaitsForRoomIsWoken) {
  Command command = sleeper();
  Child child = command.stdin_(Stdio::piped()).spawn().value();
  const std::vector<std::byte> chunk(8192);
  const auto fill = [](ChildStdin& input, std::span<const std::byte> data) -> Task<Error> {
    for (;;) {
      const Result<std::size_t> n = co_await input.write(data);
      if (!n) co_return n.error();
    }
  };
  MockTask task;
  Polled writing(fill(*child.stdin_, chunk));
  EXPECT_FALSE(writing.poll(task));
  ChildStdin input = *std::move(child.stdin_);
  EXPECT_TRUE(rt_.block_on(child.kill()));
  EXPECT_EQ(rt_.block_on(input.write_all(chunk)).error(), std::errc::broken_pipe);
}

TEST_F(P23, ChildThatClosesItsPipesEarly) {
  Command command = sh("exec <&- >&-; echo closed >&2; exec sleep 10000");
  command.stdin_(Stdio::piped()).stdout_(Stdio::piped()).stderr_(Stdio::piped());
  Child child = command.kill_on_drop(true).spawn().value();
  std::array<char, 8> room;
  EXPECT_EQ(rt_.block_on(child.stderr_->read(room)), 7u);
  EXPECT_EQ(rt_.block_on(child.stdout_->read(room)), 0u);
  EXPECT_EQ(rt_.block_on(child.stdin_->write("x")).error(), std::errc::broken_pipe);
  EXPECT_EQ(child.try_wait().value(), std::nullopt);
  EXPECT_TRUE(rt_.block_on(child.kill()));
}

TEST_F(P24, PipeBecomesTheInputOfAnotherCommand) {
  Command echo = sh("printf text");
  Child first = echo.stdout_(Stdio::piped()).spawn().value();
  Result<Stdio> between = (*std::move(first.stdout_)).into_stdio();
  ASSERT_TRUE(between);
  Command upper("tr");
  upper.arg("a-z").arg("A-Z").stdin_(*std::move(between));
  EXPECT_EQ(text_of(rt_.block_on(upper.output())->stdout_), "TEXT");
  EXPECT_TRUE(rt_.block_on(first.wait()));
}

TEST_F(P24, InputBecomesTheOutputOfAnotherCommand) {
  Child last = cat().spawn().value();
  {
    Command echo = sh("printf text");
    echo.stdout_((*std::move(last.stdin_)).into_stdio().value());
    EXPECT_TRUE(rt_.block_on(echo.status())->success());
  }
  last.stdin_.reset();
  EXPECT_EQ(rt_.block_on(read_all(*last.stdout_)), "text");
  EXPECT_TRUE(rt_.block_on(last.wait()));
}

TEST_F(P24, DescriptorIsTakenOverAndGivenBack) {
  auto [reader, writer] = blocking_pipe();
  ChildStdin in = ChildStdin::from_fd(std::move(writer)).value();
  ChildStdout out = ChildStdout::from_fd(std::move(reader)).value();
  EXPECT_TRUE(is_nonblocking(in.as_fd()) && is_nonblocking(out.as_fd()));
  EXPECT_TRUE(rt_.block_on(in.write_all("x")));
  std::array<char, 4> room;
  EXPECT_EQ(rt_.block_on(out.read(room)), 1u);
  const OwnedFd again = std::move(in).into_fd().value();
  EXPECT_FALSE(is_nonblocking(again));
  EXPECT_FALSE(is_nonblocking(std::move(out).into_fd().value()));
}

TEST_F(P24, RefusedDescriptorComesBack) {
  const TemporaryDirectory directory;
  OwnedFd file(::open(directory.script("x", "").c_str(), O_RDWR | O_CLOEXEC));
  EXPECT_EQ(ChildStderr::from_fd(std::move(file)).error(), std::errc::operation_not_permitted);
  ASSERT_TRUE(file);
  EXPECT_FALSE(is_nonblocking(file));
}

TEST_F(P25, InheritedStreamsAreLeftAlone) {
  std::array<int, 3> before{};
  for (int fd = 0; fd < 3; ++fd) before[static_cast<std::size_t>(fd)] = ::fcntl(fd, F_GETFL);
  EXPECT_TRUE(rt_.block_on(Command("/bin/true").status()));
  for (int fd = 0; fd < 3; ++fd) {
    EXPECT_EQ(::fcntl(fd, F_GETFL), before[static_cast<std::size_t>(fd)]);
  }
}

class SigpipeAction {
 public:
  explicit SigpipeAction(::sighandler_t action) : before_(std::signal(SIGPIPE, action)) {}
  ~SigpipeAction() { std::signal(SIGPIPE, before_); }
  SigpipeAction(const SigpipeAction&) = delete;
  SigpipeAction& operator=(const SigpipeAction&) = delete;

 private:
  ::sighandler_t before_;
};

TEST_F(P26, WritingRaisesNoSignal) {
  // Its default action would end this program.
  const SigpipeAction action(SIG_DFL);
  Command command("/bin/true");
  Child child = command.stdin_(Stdio::piped()).spawn().value();
  ChildStdin input = *std::move(child.stdin_);
  EXPECT_TRUE(rt_.block_on(child.wait()));
  EXPECT_EQ(rt_.block_on(input.write("x")).error(), std::errc::broken_pipe);
  const io::IoSlice slices[] = {std::string_view("ab")};
  EXPECT_EQ(rt_.block_on(input.write_vectored(slices)).error(), std::errc::broken_pipe);
}

TEST_F(P26, SignalMaskIsLeftAsItWas) {
  ::sigset_t before;
  ::sigset_t after;
  Command command("/bin/true");
  Child child = command.stdin_(Stdio::piped()).spawn().value();
  ChildStdin input = *std::move(child.stdin_);
  EXPECT_TRUE(rt_.block_on(child.wait()));
  ::pthread_sigmask(SIG_SETMASK, nullptr, &before);
  EXPECT_FALSE(rt_.block_on(input.write("x")));
  ::pthread_sigmask(SIG_SETMASK, nullptr, &after);
  ::sigset_t pending;
  ::sigpending(&pending);
  EXPECT_EQ(::sigismember(&after, SIGPIPE), ::sigismember(&before, SIGPIPE));
  EXPECT_EQ(::sigismember(&pending, SIGPIPE), 0);
}

TEST_F(P26, ChildHasTheDefaultAction) {
  const SigpipeAction action(SIG_IGN);
  Command command = sh("kill -PIPE $$; exit 1");
  EXPECT_EQ(rt_.block_on(command.status())->signal(), SIGPIPE);
}

}  // namespace
}  // namespace weft::process
