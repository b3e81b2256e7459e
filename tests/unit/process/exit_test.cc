// Noticing the end of a process: by pidfd, by SIGCHLD, in other runtimes (P-27 .. P-33, P-39 ..
// P-41).

#include <csignal>
#include <memory>
#include <optional>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <system_error>
#include <vector>

#include <tests/support/mock_task.h>
#include <tests/support/scale.h>
#include <tests/unit/process/process_support.h>
#include <weft/base/sys_table.h>
#include <weft/process/internal/exit_wait.h>
#include <weft/runtime/join.h>
#include <weft/runtime/join_all.h>
#include <weft/runtime/spawn.h>

namespace weft::process {
namespace {

using test_support::MockTask;
using test_support::Polled;

class ExitTest : public testing::Test {
 protected:
  runtime::Runtime rt_ = test_support::current_thread();
  runtime::EnterGuard entered_ = rt_.enter();
};

using P27 = ExitTest;
using P28 = ExitTest;
using P31 = ExitTest;
using P33 = ExitTest;
using P40 = ExitTest;
using P41 = ExitTest;

// For the calling thread: no pidfd for anybody, because of `error`.
sys::Table without_pidfds(int error) {
  static thread_local int number;
  number = error;
  sys::Table table;
  table.pidfd_open = [](::pid_t, unsigned) {
    errno = number;
    return -1;
  };
  return table;
}

bool handles_sigchld() {
  struct ::sigaction action{};
  ::sigaction(SIGCHLD, nullptr, &action);
  return action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN;
}

// What every way of noticing has to manage.
void wait_for_several(const runtime::Runtime& rt) {
  Child one = cat().spawn().value();
  Child two = sh("exit 2").spawn().value();
  Child three = sh("kill -TERM $$").spawn().value();
  EXPECT_EQ(rt.block_on(three.wait())->signal(), SIGTERM);
  EXPECT_EQ(rt.block_on(two.wait())->code(), 2);
  EXPECT_EQ(one.try_wait().value(), std::nullopt);
  EXPECT_EQ(rt.block_on(one.wait())->code(), 0);
}

TEST_F(P27, PidfdsNeedNoSignals) {
  const WithoutSigchldHandler no_handler;
  wait_for_several(rt_);
  EXPECT_TRUE(no_handler.still_holds());
}

TEST_F(P27, WithoutAPidfdSignalsDo) {
  {
    const sys::Table table = without_pidfds(EMFILE);
    const sys::TableScope scope(table);
    wait_for_several(rt_);
  }
  wait_for_several(rt_);
}

TEST_F(P27, MissingCallIsRemembered) {
  const auto in_a_process_of_its_own = [] {
    const runtime::Runtime rt = test_support::current_thread();
    const auto entered = rt.enter();
    {
      const sys::Table table = without_pidfds(ENOSYS);
      const sys::TableScope scope(table);
      wait_for_several(rt);
    }
    static int calls = 0;
    sys::Table table;
    table.pidfd_open = [](::pid_t, unsigned) {
      ++calls;
      errno = ENOSYS;
      return -1;
    };
    const sys::TableScope scope(table);
    wait_for_several(rt);
    ::_exit(calls == 0 && !testing::Test::HasFailure() ? 0 : 1);
  };
  EXPECT_EXIT(in_a_process_of_its_own(), testing::ExitedWithCode(0), "");
}

TEST_F(P27, UnregisteredPidfdFailsSpawn) {
  sys::Table table;
  table.epoll_ctl = [](int, int, int, ::epoll_event*) {
    errno = ENOSPC;
    return -1;
  };
  {
    const sys::TableScope scope(table);
    Command command = sleeper();
    EXPECT_EQ(command.spawn().error(), std::errc::no_space_on_device);
  }
  // It was killed; the next spawn takes it along.
  Child other = sh("exit 0").spawn().value();
  EXPECT_TRUE(rt_.block_on(other.wait()));
  const auto drive = []() -> Task<> {
    while (internal::Orphans::get().count() != 0) co_await yield_now();
  };
  rt_.block_on(drive());
  EXPECT_TRUE(has_no_children());
}

// A tracer that is not the parent: as long as it has not waited for its tracee, nobody else can.
// Attaches to `tracee`, writes a byte to `attached`, and waits for it when `let_go` ends.
::pid_t start_tracer(::pid_t tracee, BorrowedFd attached, BorrowedFd let_go) {
  const ::pid_t tracer = ::fork();
  if (tracer != 0) return tracer;
  // Nothing of what it has inherited may stay open: the ends of pipes to the tracee, above all.
  ::dup2(let_go.raw(), STDIN_FILENO);
  ::dup2(attached.raw(), STDOUT_FILENO);
  ::close_range(3, ~0U, 0);
  const bool is_attached = ::ptrace(PTRACE_SEIZE, tracee, nullptr, nullptr) == 0;
  char byte = is_attached ? 'y' : 'n';
  static_cast<void>(::write(STDOUT_FILENO, &byte, 1));
  static_cast<void>(::read(STDIN_FILENO, &byte, 1));
  int status = 0;
  ::waitpid(tracee, &status, __WALL);
  ::_exit(0);
}

TEST_F(P28, WaitComesAfterATracer) {
  auto [attached, attached_writer] = blocking_pipe();
  auto [let_go_reader, let_go] = blocking_pipe();
  Command command = cat();
  command.pre_exec([]() -> Result<void> {
    // Where only ancestors may trace, anybody may trace this one.
    ::prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    return {};
  });
  Child child = command.spawn().value();
  const ::pid_t id = *child.id();
  const ::pid_t tracer = start_tracer(id, attached_writer, let_go_reader);
  let_go_reader = OwnedFd();
  std::array<std::byte, 1> answer;
  ASSERT_EQ(sys::read(attached, answer), 1u);
  ASSERT_EQ(static_cast<char>(answer[0]), 'y') << "the system allows no tracing";

  ChildStdin input = *std::move(child.stdin_);
  MockTask task;
  Polled wait(child.wait());
  EXPECT_FALSE(wait.poll(task));
  EXPECT_TRUE(input.close());  // it ends now; the pidfd becomes readable
  const auto until_woken = [](MockTask& mock) -> Task<> {
    while (!mock.take_woken()) co_await yield_now();
  };
  rt_.block_on(until_woken(task));
  EXPECT_FALSE(wait.poll(task));  // the tracer comes first

  let_go = OwnedFd();
  rt_.block_on(until_woken(task));
  ASSERT_TRUE(wait.poll(task));
  EXPECT_TRUE(wait.take()->success());
  EXPECT_EQ(::waitpid(tracer, nullptr, 0), tracer);
}

TEST(P29, WaitMovesToAnotherRuntime) {
  auto first = std::make_unique<runtime::Runtime>(test_support::current_thread());
  std::optional<Child> child;
  {
    const auto entered = first->enter();
    child = cat().spawn().value();
  }
  ChildStdin input = *std::move(child->stdin_);
  const runtime::Runtime second = test_support::current_thread();
  MockTask task;
  {
    const auto entered = second.enter();
    Polled wait(child->wait());
    EXPECT_FALSE(wait.poll(task));  // with the first driver
    first.reset();
    EXPECT_TRUE(task.take_woken());
    EXPECT_FALSE(wait.poll(task));  // with the second one
    EXPECT_TRUE(input.close());
    const auto until_woken = [](MockTask& mock) -> Task<> {
      while (!mock.take_woken()) co_await yield_now();
    };
    second.block_on(until_woken(task));
    ASSERT_TRUE(wait.poll(task));
    EXPECT_TRUE(wait.take()->success());
  }
}

TEST(P29, WithoutARuntimeOnlyTheEndIsSeen) {
  std::optional<Child> runs;
  std::optional<Child> ended;
  {
    const runtime::Runtime rt = test_support::current_thread();
    const auto entered = rt.enter();
    runs = sleeper().spawn().value();
    ended = sh("exit 3").spawn().value();
  }
  become_zombie(*ended->id());
  MockTask task;
  {
    Polled wait(ended->wait());
    ASSERT_TRUE(wait.poll(task));
    EXPECT_EQ(wait.take()->code(), 3);
  }
  Polled wait(runs->wait());
  ASSERT_TRUE(wait.poll(task));
  EXPECT_EQ(wait.take().error(), Errc::runtime_shutdown);
}

TEST(P29, SignalsAreHeardInAnotherRuntime) {
  std::optional<Child> child;
  {
    const runtime::Runtime first = test_support::current_thread();
    const auto entered = first.enter();
    const sys::Table table = without_pidfds(EMFILE);
    const sys::TableScope scope(table);
    child = cat().spawn().value();
  }
  const runtime::Runtime second = test_support::current_thread();
  EXPECT_TRUE(second.block_on(child->wait())->success());
}

TEST_F(P31, OthersAreNotWaitedFor) {
  const ::pid_t own = ::fork();
  if (own == 0) ::_exit(6);
  become_zombie(own);
  static bool asked_for_all;
  asked_for_all = false;
  sys::Table table = without_pidfds(EMFILE);
  table.waitpid = [](::pid_t process, int* status, int options) {
    if (process <= 0) asked_for_all = true;
    return ::waitpid(process, status, options);
  };
  {
    const sys::TableScope scope(table);
    Child child = sh("exit 2").spawn().value();
    EXPECT_EQ(rt_.block_on(child.wait())->code(), 2);
  }
  EXPECT_FALSE(asked_for_all);
  int status = 0;
  EXPECT_EQ(::waitpid(own, &status, 0), own);
  EXPECT_EQ(WEXITSTATUS(status), 6);
}

// How often a poll asks for the next signal and looks, if `signals` have come and it never ends.
std::pair<int, int> asked_and_looked(int signals) {
  int asked = 0;
  int looked = 0;
  const auto seen = internal::look_after_asking([&] { return asked++ < signals; },
                                                [&]() -> std::optional<int> {
                                                  ++looked;
                                                  EXPECT_EQ(asked, looked);  // asked first
                                                  return std::nullopt;
                                                });
  EXPECT_EQ(seen, std::nullopt);
  return {asked, looked};
}

TEST(P32, LooksOnceMoreForEachSignalThatHadCome) {
  EXPECT_EQ(asked_and_looked(0), std::pair(1, 1));
  EXPECT_EQ(asked_and_looked(1), std::pair(2, 2));
  EXPECT_EQ(asked_and_looked(3), std::pair(4, 4));
}

TEST(P32, EndsWithWhatItSees) {
  int asked = 0;
  const auto seen = internal::look_after_asking([&] { return ++asked > 0; },
                                                [&] { return std::optional<int>(7); });
  EXPECT_EQ(seen, 7);
  EXPECT_EQ(asked, 1);
}

TEST_F(P33, ProcessThatSomebodyElseWaitedFor) {
  Child child = sh("exit 0").spawn().value();
  EXPECT_EQ(::waitpid(*child.id(), nullptr, 0), *child.id());
  EXPECT_EQ(rt_.block_on(child.wait()).error(), std::errc::no_child_process);
  EXPECT_EQ(child.try_wait().error(), std::errc::no_child_process);
  EXPECT_EQ(child.start_kill().error(), std::errc::no_such_process);
}

TEST_F(P33, InterruptedWaitIsRepeated) {
  static int interrupts;
  interrupts = 3;
  sys::Table table;
  table.waitpid = [](::pid_t process, int* status, int options) -> ::pid_t {
    if (interrupts-- <= 0) return ::waitpid(process, status, options);
    errno = EINTR;
    return -1;
  };
  const sys::TableScope scope(table);
  Child child = sh("exit 4").spawn().value();
  EXPECT_EQ(rt_.block_on(child.wait())->code(), 4);
  EXPECT_LE(interrupts, 0);
}

Task<> run_ten(int round) {
  std::vector<Task<Result<ExitStatus>>> waits;
  for (int i = 0; i < 10; ++i) {
    waits.push_back(sh("exit " + std::to_string(10 * round + i)).status());
  }
  const std::vector<Result<ExitStatus>> ends = co_await join_all(std::move(waits));
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(ends[static_cast<std::size_t>(i)]->code(), 10 * round + i);
  }
}

void run_ten_times_ten() {
  const runtime::Runtime rt = test_support::multi_thread(2);
  std::vector<JoinHandle<void>> rounds;
  for (int round = 0; round < 10; ++round) rounds.push_back(rt.spawn(run_ten(round)));
  for (auto& round : rounds) EXPECT_TRUE(rt.block_on(round));
}

TEST(P39, ManyShortProcessesAtATime) { run_ten_times_ten(); }

TEST(P39, ManyShortProcessesAtATimeBySignals) {
  const auto in_a_process_of_its_own = [] {
    {
      // On this thread; what it finds out holds for all.
      const runtime::Runtime rt = test_support::current_thread();
      const auto entered = rt.enter();
      const sys::Table table = without_pidfds(ENOSYS);
      const sys::TableScope scope(table);
      wait_for_several(rt);
    }
    run_ten_times_ten();
    ::_exit(handles_sigchld() && !testing::Test::HasFailure() ? 0 : 1);
  };
  EXPECT_EXIT(in_a_process_of_its_own(), testing::ExitedWithCode(0), "");
}

TEST_F(P40, EndBeforeTheFirstWait) {
  for (const bool by_signals : {false, true}) {
    std::optional<Child> child;
    {
      const sys::Table table = by_signals ? without_pidfds(EMFILE) : sys::Table();
      const sys::TableScope scope(table);
      child = sh("exit 3").spawn().value();
    }
    become_zombie(*child->id());
    EXPECT_EQ(rt_.block_on(child->wait())->code(), 3);
  }
}

TEST_F(P40, EndWhileAWaitIsDestroyed) {
  for (const bool by_signals : {false, true}) {
    std::optional<Child> child;
    {
      const sys::Table table = by_signals ? without_pidfds(EMFILE) : sys::Table();
      const sys::TableScope scope(table);
      child = cat().spawn().value();
    }
    ChildStdin input = *std::move(child->stdin_);
    MockTask task;
    {
      Polled wait(child->wait());
      EXPECT_FALSE(wait.poll(task));
      EXPECT_TRUE(input.close());
      become_zombie(*child->id());
    }
    EXPECT_EQ(task.waker_ref_count(), 1);
    EXPECT_TRUE(rt_.block_on(child->wait())->success());
  }
}

TEST_F(P41, NoSignalAfterTheEnd) {
  static int signals;
  signals = 0;
  for (const bool by_signals : {false, true}) {
    sys::Table table = by_signals ? without_pidfds(EMFILE) : sys::Table();
    table.pidfd_send_signal = [](int, int) { return ++signals, 0; };
    table.kill = [](::pid_t, int) { return ++signals, 0; };
    const sys::TableScope scope(table);
    Command command = sh("exit 0");
    Child child = command.kill_on_drop(true).spawn().value();
    EXPECT_TRUE(rt_.block_on(child.wait()));
    EXPECT_TRUE(child.start_kill());
    EXPECT_FALSE(child.send_signal(signal::SignalKind::terminate()));
  }
  EXPECT_EQ(signals, 0);  // also not when they were destroyed
}

}  // namespace
}  // namespace weft::process
