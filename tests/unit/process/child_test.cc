// Child: waiting, killing, output (P-10 .. P-20, P-30, P-43 .. P-45, P-56).

#include <csignal>
#include <optional>
#include <sstream>
#include <system_error>

#include <tests/support/mock_task.h>
#include <tests/unit/process/process_support.h>
#include <weft/runtime/join.h>
#include <weft/runtime/select.h>
#include <weft/time/sleep.h>

namespace weft::process {
namespace {

using test_support::MockTask;
using test_support::Polled;

class ChildTest : public testing::Test {
 protected:
  runtime::Runtime rt_ = test_support::current_thread();
  runtime::EnterGuard entered_ = rt_.enter();
};

using P10 = ChildTest;
using P11 = ChildTest;
using P12 = ChildTest;
using P13 = ChildTest;
using P14 = ChildTest;
using P15 = ChildTest;
using P16 = ChildTest;
using P17 = ChildTest;
using P18 = ChildTest;
using P30 = ChildTest;
using P43 = ChildTest;
using P44 = ChildTest;
using P45 = ChildTest;
using P56 = ChildTest;

TEST_F(P10, NumberIsGoneWhenTheEndIsKnown) {
  Child child = sh("exit 0").spawn().value();
  ASSERT_TRUE(child.id());
  const ::pid_t id = *child.id();
  become_zombie(id);
  EXPECT_EQ(child.id(), id);
  EXPECT_TRUE(rt_.block_on(child.wait()));
  EXPECT_EQ(child.id(), std::nullopt);
}

TEST_F(P11, WaitEndsTheChildsInput) {
  Child child = cat().spawn().value();
  EXPECT_TRUE(rt_.block_on(child.wait())->success());
  EXPECT_FALSE(child.stdin_);
}

TEST_F(P11, LaterWaitsYieldTheSame) {
  Child child = sh("exit 3").spawn().value();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(rt_.block_on(child.wait())->code(), 3);
  EXPECT_EQ((*child.try_wait())->code(), 3);
}

TEST_F(P11, DestroyedWaitLosesNothing) {
  Child child = cat().spawn().value();
  ChildStdin input = *std::move(child.stdin_);
  MockTask task;
  {
    Polled wait(child.wait());
    EXPECT_FALSE(wait.poll(task));
  }
  EXPECT_EQ(task.waker_ref_count(), 1);
  EXPECT_TRUE(input.close());
  EXPECT_TRUE(rt_.block_on(child.wait())->success());
}

TEST_F(P12, WaitTakesNothingOutOfThePipes) {
  constexpr std::size_t kSize = 300'000;  // several times what a pipe holds
  Command command("head");
  command.arg("-c").arg(std::to_string(kSize)).arg("/dev/zero").stdout_(Stdio::piped());
  Child child = command.spawn().value();
  const auto [status, all] = rt_.block_on(join(child.wait(), read_all(*child.stdout_)));
  EXPECT_TRUE(status->success());
  EXPECT_EQ(all.size(), kSize);
}

TEST_F(P13, NothingWhileItRuns) {
  Child child = cat().spawn().value();
  EXPECT_EQ(child.try_wait().value(), std::nullopt);
  const ::pid_t id = *child.id();
  child.stdin_.reset();
  become_zombie(id);
  EXPECT_EQ((*child.try_wait())->code(), 0);
  EXPECT_EQ(child.id(), std::nullopt);
}

TEST_F(P14, KillWaits) {
  Child child = sleeper().spawn().value();
  EXPECT_TRUE(rt_.block_on(child.kill()));
  EXPECT_EQ(child.id(), std::nullopt);
  EXPECT_EQ(rt_.block_on(child.wait())->signal(), SIGKILL);
}

TEST_F(P14, StartKillDoesNotWait) {
  Child child = sleeper().spawn().value();
  EXPECT_TRUE(child.start_kill());
  EXPECT_TRUE(child.id());
  EXPECT_EQ(rt_.block_on(child.wait())->signal(), SIGKILL);
}

TEST_F(P14, KillingWhatHasEndedSucceeds) {
  Child child = sh("exit 7").spawn().value();
  become_zombie(*child.id());
  EXPECT_TRUE(child.start_kill());
  EXPECT_EQ(rt_.block_on(child.wait())->code(), 7);
  EXPECT_TRUE(child.start_kill());
  EXPECT_TRUE(rt_.block_on(child.kill()));
}

TEST_F(P15, BothStreamsAreReadAtTheSameTime) {
  // Fills one pipe before it has written all of the other, again and again.
  Command command =
      sh("for i in 1 2 3; do head -c 200000 /dev/zero; head -c 200000 /dev/zero >&2; done");
  const Result<Output> output = rt_.block_on(command.output());
  ASSERT_TRUE(output) << output.error();
  EXPECT_TRUE(output->status.success());
  EXPECT_EQ(output->stdout_.size(), 600'000u);
  EXPECT_EQ(output->stderr_.size(), 600'000u);
  EXPECT_FALSE(output->truncated);
}

TEST_F(P15, WhatIsNotPipedIsEmpty) {
  Command command = sh("echo out; echo err >&2");
  command.stdout_(Stdio::null()).stderr_(Stdio::piped());
  Child child = command.spawn().value();
  const Result<Output> output = rt_.block_on(std::move(child).wait_with_output());
  EXPECT_TRUE(output->stdout_.empty());
  EXPECT_EQ(text_of(output->stderr_), "err\n");
}

TEST_F(P15, ProcessWithTheSamePipeDelaysTheEnd) {
  // The one in the background writes when the input has ended, which is after the child has.
  Command command = sh("exec 3<&0; (cat <&3 >/dev/null; echo later) & echo now");
  command.stdin_(Stdio::piped()).stdout_(Stdio::piped());
  Child child = command.spawn().value();
  ChildStdin input = *std::move(child.stdin_);
  become_zombie(*child.id());
  MockTask task;
  Polled output(std::move(child).wait_with_output());
  EXPECT_FALSE(output.poll(task));
  EXPECT_TRUE(input.close());
  const auto rest = [](Polled<Task<Result<Output>>>& polled, MockTask& mock) -> Task<Output> {
    while (!polled.poll(mock)) co_await yield_now();
    const Result<Output> got = polled.take();
    co_return *got;
  };
  EXPECT_EQ(text_of(rt_.block_on(rest(output, task)).stdout_), "now\nlater\n");
}

Command much(std::size_t size) {
  Command command("head");
  command.arg("-c").arg(std::to_string(size)).arg("/dev/zero");
  return command;
}

TEST_F(P16, TooMuchIsAnError) {
  Command command = much(100'001);
  command.max_output(100'000, OutputOverflow::kError);
  EXPECT_EQ(rt_.block_on(command.output()).error(), Errc::no_capacity);
}

TEST_F(P16, AsMuchAsAllowedIsNotTooMuch) {
  Command command = much(100'000);
  command.max_output(100'000, OutputOverflow::kError);
  const Result<Output> output = rt_.block_on(command.output());
  ASSERT_TRUE(output);
  EXPECT_EQ(output->stdout_.size(), 100'000u);
  EXPECT_FALSE(output->truncated);
}

TEST_F(P16, TheRestIsThrownAway) {
  Command command = sh("printf abc; head -c 500000 /dev/zero; printf x >&2");
  command.max_output(2, OutputOverflow::kTruncate);
  const Result<Output> output = rt_.block_on(command.output());
  ASSERT_TRUE(output);
  EXPECT_TRUE(output->status.success());  // it could write all of it
  EXPECT_EQ(text_of(output->stdout_), "ab");
  EXPECT_EQ(text_of(output->stderr_), "x");
  EXPECT_TRUE(output->truncated);
}

TEST_F(P17, PipesCanBeTaken) {
  Child child = cat().spawn().value();
  std::optional<ChildStdin> input = std::exchange(child.stdin_, std::nullopt);
  std::optional<ChildStdout> output = std::exchange(child.stdout_, std::nullopt);
  ASSERT_TRUE(input && output);
  EXPECT_TRUE(rt_.block_on(input->write_all("text")));
  input.reset();
  EXPECT_EQ(rt_.block_on(read_all(*output)), "text");
  EXPECT_TRUE(rt_.block_on(child.wait()));
}

TEST_F(P18, DestroyedChildRunsOn) {
  auto [stdin_end, ours] = blocking_pipe();
  auto [reader, writer] = blocking_pipe();
  {
    Command command("/bin/cat");
    command.stdin_(Stdio::from_fd(std::move(stdin_end))).stdout_(Stdio::from_fd(std::move(writer)));
    static_cast<void>(command.spawn().value());
  }
  EXPECT_TRUE(sys::write(ours, std::as_bytes(std::span("text", 4))));
  ours = OwnedFd();
  EXPECT_EQ(read_all(reader), "text");
}

TEST_F(P18, KillOnDropKills) {
  auto [reader, writer] = blocking_pipe();
  {
    Command command = sleeper();
    command.stdout_(Stdio::from_fd(std::move(writer)));
    static_cast<void>(command.spawn().value());
  }
  EXPECT_EQ(read_all(reader), "");
}

TEST_F(P18, WhatTheChildHasStartedRunsOn) {
  auto [stdin_end, ours] = blocking_pipe();
  auto [reader, writer] = blocking_pipe();
  {
    Command command = sh("exec 3<&0; cat <&3 & echo started; exec sleep 10000");
    command.stdin_(Stdio::from_fd(std::move(stdin_end))).stdout_(Stdio::from_fd(std::move(writer)));
    Child child = command.kill_on_drop(true).spawn().value();
    std::array<std::byte, 8> started;
    EXPECT_EQ(sys::read(reader, started), started.size());
  }
  EXPECT_TRUE(sys::write(ours, std::as_bytes(std::span("text", 4))));
  ours = OwnedFd();
  EXPECT_EQ(read_all(reader), "text");
}

TEST_F(P18, StartKillTakesKillOnDropBack) {
  // What the drop would send after this is not sent: SIGKILL is sent once.
  static int signals;
  signals = 0;
  sys::Table table;
  table.pidfd_send_signal = [](int, int) {
    ++signals;
    return 0;
  };
  Child child = sleeper().spawn().value();
  const ::pid_t id = *child.id();
  {
    const sys::TableScope scope(table);
    EXPECT_TRUE(child.start_kill());
    const Child dropped = std::move(child);
  }
  EXPECT_EQ(signals, 1);
  ::kill(id, SIGKILL);
}

TEST(P19, ChildIsWaitedForInAnotherRuntime) {
  std::optional<Child> child;
  {
    const runtime::Runtime first = test_support::current_thread();
    const auto entered = first.enter();
    child = cat().spawn().value();
  }
  const runtime::Runtime second = test_support::current_thread();
  EXPECT_TRUE(second.block_on(child->wait())->success());
}

TEST(P20, StatusIsACodeOrASignal) {
  const ExitStatus zero = ExitStatus::from_raw(0);
  const ExitStatus three = ExitStatus::from_raw(3 << 8);
  const ExitStatus segv = ExitStatus::from_raw(SIGSEGV | 0x80);
  EXPECT_TRUE(zero.success());
  EXPECT_EQ(zero.code(), 0);
  EXPECT_FALSE(three.success());
  EXPECT_EQ(three.code(), 3);
  EXPECT_EQ(three.signal(), std::nullopt);
  EXPECT_FALSE(three.core_dumped());
  EXPECT_FALSE(segv.success());
  EXPECT_EQ(segv.code(), std::nullopt);
  EXPECT_EQ(segv.signal(), SIGSEGV);
  EXPECT_TRUE(segv.core_dumped());
  EXPECT_FALSE(ExitStatus::from_raw(SIGSEGV).core_dumped());
  EXPECT_EQ(segv.raw(), SIGSEGV | 0x80);
  EXPECT_NE(zero, three);
}

TEST(P20, StatusInWords) {
  EXPECT_EQ(ExitStatus::from_raw(3 << 8).to_string(), "exit status: 3");
  EXPECT_EQ(ExitStatus::from_raw(SIGKILL).to_string(), "signal: 9 (SIGKILL)");
  std::ostringstream text;
  text << ExitStatus::from_raw(SIGSEGV | 0x80);
  EXPECT_EQ(text.str(), "signal: 11 (SIGSEGV) (core dumped)");
}

TEST_F(P30, WaitSpendsTheBudget) {
  Child child = sh("exit 0").spawn().value();
  EXPECT_TRUE(rt_.block_on(child.wait()));
  const auto wait_for_ever = [](Child& ended) -> Task<> {
    for (;;) {
      const Result<ExitStatus> status = co_await ended.wait();
      EXPECT_TRUE(status);
    }
  };
  // Ends only if the first one lets others have a turn.
  EXPECT_EQ(rt_.block_on(select_biased(wait_for_ever(child), yield_now())).index(), 1u);
}

TEST_F(P30, WaitWithoutABudgetIsPutOff) {
  Child child = sh("exit 0").spawn().value();
  EXPECT_TRUE(rt_.block_on(child.wait()));
  MockTask task;
  const Waker waker = task.waker();
  Budget budget = Budget::initial();
  while (!budget.spend()) {
  }
  Context cx(waker, budget);
  auto awaiter = child.wait().operator co_await();
  EXPECT_FALSE(awaiter.node().poll(cx));
  EXPECT_TRUE(task.take_woken());
}

Task<> write_lines(ChildStdin input, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string line = "line " + std::to_string(i) + "\n";
    EXPECT_TRUE(co_await input.write_all(line));
  }
}

TEST_F(P43, TenThousandLinesGoThroughAChild) {
  constexpr int kLines = 10'000;
  Child child = cat().spawn().value();
  ChildStdin input = *std::move(child.stdin_);
  const auto all = std::get<1>(
      rt_.block_on(join(write_lines(std::move(input), kLines), read_all(*child.stdout_))));
  std::string expected;
  for (int i = 0; i < kLines; ++i) expected += "line " + std::to_string(i) + "\n";
  EXPECT_EQ(all, expected);
  EXPECT_TRUE(rt_.block_on(child.wait())->success());
}

TEST_F(P44, OutputIsThereAfterTheEnd) {
  Command command = sh("echo text");
  command.stdout_(Stdio::piped());
  Child child = command.spawn().value();
  EXPECT_TRUE(rt_.block_on(child.wait()));
  EXPECT_EQ(rt_.block_on(read_all(*child.stdout_)), "text\n");
}

TEST_F(P45, AnyOrderOfCalls) {
  Child child = sleeper().spawn().value();
  EXPECT_EQ(child.try_wait().value(), std::nullopt);
  EXPECT_TRUE(child.start_kill());
  EXPECT_TRUE(child.start_kill());
  EXPECT_TRUE(rt_.block_on(child.kill()));
  EXPECT_TRUE(rt_.block_on(child.kill()));
  EXPECT_EQ((*child.try_wait())->signal(), SIGKILL);
  EXPECT_EQ(rt_.block_on(child.wait())->signal(), SIGKILL);
  EXPECT_EQ(child.id(), std::nullopt);
}

TEST_F(P56, AnySignalCanBeSent) {
  Command command = sh("trap 'kill $!; exit 9' USR1; sleep 10000 & echo ready; wait");
  command.stdout_(Stdio::piped()).kill_on_drop(true);
  Child child = command.spawn().value();
  std::array<char, 6> ready;
  EXPECT_TRUE(rt_.block_on(child.stdout_->read(ready)));
  EXPECT_TRUE(child.send_signal(signal::SignalKind::user_defined1()));
  EXPECT_EQ(rt_.block_on(child.wait())->code(), 9);
  EXPECT_EQ(child.send_signal(signal::SignalKind::user_defined1()).error(),
            std::errc::no_such_process);
}

TEST_F(P56, TerminateAsksFirst) {
  Child child = sleeper().spawn().value();
  EXPECT_EQ(rt_.block_on(child.terminate(std::chrono::hours(1)))->signal(), SIGTERM);
  EXPECT_EQ(rt_.block_on(child.terminate(std::chrono::hours(1)))->signal(), SIGTERM);
}

TEST_F(P56, TerminateKillsAfterTheGrace) {
  Command command = sh("trap '' TERM; echo ready; exec sleep 10000");
  command.stdout_(Stdio::piped()).kill_on_drop(true);
  Child child = command.spawn().value();
  std::array<char, 6> ready;
  EXPECT_TRUE(rt_.block_on(child.stdout_->read(ready)));
  EXPECT_EQ(rt_.block_on(child.terminate(std::chrono::nanoseconds(0)))->signal(), SIGKILL);
}

}  // namespace
}  // namespace weft::process
