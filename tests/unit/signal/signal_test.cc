// Listeners: what they hear, what is refused, and what happens to the process.
//
// What is installed stays for the life of the process, so each test runs in one of its own (ctest),
// and uses a signal of its own where several run in one.

#include <cerrno>
#include <csignal>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/mock_task.h>
#include <tests/support/runtimes.h>
#include <weft/base/sys_table.h>
#include <weft/runtime/handle.h>
#include <weft/runtime/select.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>
#include <weft/signal/signal.h>

namespace weft::signal {
namespace {

using test_support::current_thread;
using test_support::MockTask;
using test_support::on_every_kind;
using test_support::Polled;

void send(SignalKind kind) { ASSERT_EQ(::raise(kind.as_raw()), 0); }

// A listener made in `rt`.
Signal listen(runtime::Runtime& rt, SignalKind kind) {
  const auto guard = rt.enter();
  return signal(kind).value();
}

std::uint64_t next(runtime::Runtime& rt, Signal& listener) {
  return rt.block_on([](Signal& from) -> Task<std::uint64_t> {
    co_return (co_await from.recv())->count;
  }(listener));
}

// Lets the driver of a current_thread runtime announce what has come.
void drive(runtime::Runtime& rt) {
  rt.block_on([]() -> Task<> { co_await yield_now(); }());
}

TEST(SG1, NamedKindsHaveTheirNumbers) {
  EXPECT_EQ(SignalKind::alarm().as_raw(), SIGALRM);
  EXPECT_EQ(SignalKind::child().as_raw(), SIGCHLD);
  EXPECT_EQ(SignalKind::hangup().as_raw(), SIGHUP);
  EXPECT_EQ(SignalKind::interrupt().as_raw(), SIGINT);
  EXPECT_EQ(SignalKind::io().as_raw(), SIGIO);
  EXPECT_EQ(SignalKind::pipe().as_raw(), SIGPIPE);
  EXPECT_EQ(SignalKind::quit().as_raw(), SIGQUIT);
  EXPECT_EQ(SignalKind::terminate().as_raw(), SIGTERM);
  EXPECT_EQ(SignalKind::user_defined1().as_raw(), SIGUSR1);
  EXPECT_EQ(SignalKind::user_defined2().as_raw(), SIGUSR2);
  EXPECT_EQ(SignalKind::window_change().as_raw(), SIGWINCH);
  EXPECT_EQ(SignalKind::from_raw(SIGINT), SignalKind::interrupt());
  EXPECT_NE(SignalKind::from_raw(SIGTERM), SignalKind::interrupt());
}

TEST(SG1, AListenerOfANumberHearsIt) {
  on_every_kind([](runtime::Runtime& rt) {
    Signal listener = listen(rt, SignalKind::from_raw(SIGRTMIN + 3));
    send(SignalKind::from_raw(SIGRTMIN + 3));
    EXPECT_EQ(next(rt, listener), 1U);
  });
}

TEST(SG2, ReceivingCompletesAtTheNextDelivery) {
  runtime::Runtime rt = current_thread();
  Signal listener = listen(rt, SignalKind::user_defined1());
  MockTask task;
  Polled receiving(listener.recv());
  EXPECT_FALSE(receiving.poll(task));
  send(SignalKind::user_defined1());
  drive(rt);
  EXPECT_EQ(task.wake_count(), 1);
  ASSERT_TRUE(receiving.poll(task));
  EXPECT_TRUE(receiving.take().has_value());
}

TEST(SG2, DestroyingAWaitLosesNothing) {
  runtime::Runtime rt = current_thread();
  Signal listener = listen(rt, SignalKind::user_defined1());
  MockTask task;
  {
    Polled receiving(listener.recv());
    EXPECT_FALSE(receiving.poll(task));
    send(SignalKind::user_defined1());
    drive(rt);
  }
  {
    Polled receiving(listener.recv());
    EXPECT_TRUE(receiving.poll(task));
  }
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(SG2, ADestroyedWaitIsNotWoken) {
  runtime::Runtime rt = current_thread();
  Signal listener = listen(rt, SignalKind::user_defined1());
  MockTask task;
  {
    Polled receiving(listener.recv());
    EXPECT_FALSE(receiving.poll(task));
    EXPECT_EQ(task.waker_ref_count(), 2);
  }
  EXPECT_EQ(task.waker_ref_count(), 1);
  send(SignalKind::user_defined1());
  drive(rt);
  EXPECT_EQ(task.wake_count(), 0);
}

TEST(SG2, ThePollFormWakesItsLastCaller) {
  runtime::Runtime rt = current_thread();
  Signal listener = listen(rt, SignalKind::user_defined1());
  MockTask first;
  MockTask second;
  for (MockTask* const task : {&first, &second}) {
    const Waker waker = task->waker();
    Context cx(waker);
    EXPECT_TRUE(listener.poll_recv(cx).is_pending());
  }
  send(SignalKind::user_defined1());
  drive(rt);
  EXPECT_EQ(first.wake_count(), 0);
  EXPECT_EQ(second.wake_count(), 1);
  const Waker waker = second.waker();
  Context cx(waker);
  const auto got = listener.poll_recv(cx);
  ASSERT_TRUE(got.is_ready());
  EXPECT_EQ((*got)->count, 1U);
}

TEST(SG2, AStreamYieldsTheSame) {
  runtime::Runtime rt = current_thread();
  SignalStream stream(listen(rt, SignalKind::user_defined2()));
  send(SignalKind::user_defined2());
  rt.block_on([](SignalStream& from) -> Task<> {
    EXPECT_TRUE((co_await from.next()).has_value());
  }(stream));
  Signal inner = std::move(stream).into_inner();
  send(SignalKind::user_defined2());
  EXPECT_EQ(next(rt, inner), 1U);
}

TEST(SG3, CtrlCListensFromItsFirstPoll) {
  runtime::Runtime rt = current_thread();
  Signal survives = listen(rt, SignalKind::interrupt());
  Task<Result<void>> waiting = ctrl_c();
  send(SignalKind::interrupt());
  EXPECT_EQ(next(rt, survives), 1U);  // announced, before ctrl_c() was awaited
  auto ended = rt.spawn(std::move(waiting));
  drive(rt);
  EXPECT_FALSE(ended.is_finished());
  send(SignalKind::interrupt());
  EXPECT_TRUE(rt.block_on(std::move(ended)).value().has_value());
}

TEST(SG3, ShutdownIsRequestedByEitherSignal) {
  for (const SignalKind kind : {SignalKind::interrupt(), SignalKind::terminate()}) {
    runtime::Runtime rt = current_thread();
    auto ended = rt.spawn(shutdown_requested());
    drive(rt);
    EXPECT_FALSE(ended.is_finished());
    send(kind);
    EXPECT_EQ(rt.block_on(std::move(ended)).value().value(), kind);
  }
}

TEST(SG4, WithoutARuntimeItIsFatalAtTheCallersLine) {
  EXPECT_DEATH(static_cast<void>(signal(SignalKind::hangup())), "signal_test.cc");
}

TEST(SG4, WithoutIoItIsFatal) {
  runtime::Runtime rt = runtime::Builder::new_current_thread().enable_time().build().value();
  const auto guard = rt.enter();
  EXPECT_DEATH(static_cast<void>(signal(SignalKind::hangup())), "signal_test.cc.*enable_io");
}

TEST(SG4, WithADriverThatIsGoneItFails) {
  std::optional<runtime::Runtime> rt(current_thread());
  const runtime::Handle handle = rt->handle();
  rt.reset();
  const auto guard = handle.enter();
  const Result<Signal> refused = signal(SignalKind::hangup());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), Errc::runtime_shutdown);
}

TEST(SG5, WhatIsNoSignalOrMustNotBeHandledIsRefused) {
  runtime::Runtime rt = current_thread();
  const auto guard = rt.enter();
  for (const int number : {-1, 0, SIGKILL, SIGSTOP, SIGILL, SIGFPE, SIGSEGV, SIGRTMAX + 1}) {
    const Result<Signal> refused = signal(SignalKind::from_raw(number));
    ASSERT_FALSE(refused) << number;
    EXPECT_EQ(refused.error(), Errc::other) << number;
  }
}

TEST(SG5, TheNumbersThatTheSystemReservesFailAsItSays) {
  runtime::Runtime rt = current_thread();
  const auto guard = rt.enter();
  const Result<Signal> refused = signal(SignalKind::from_raw(32));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), std::errc::invalid_argument);
}

TEST(SG5, AFailureIsKept) {
  runtime::Runtime rt = current_thread();
  const auto guard = rt.enter();
  {
    sys::Table table;
    table.sigaction = [](int, const struct ::sigaction*, struct ::sigaction*) {
      errno = EPERM;
      return -1;
    };
    const sys::TableScope scope(table);
    EXPECT_EQ(signal(SignalKind::alarm()).error(), std::errc::operation_not_permitted);
  }
  EXPECT_EQ(signal(SignalKind::alarm()).error(), std::errc::operation_not_permitted);
}

TEST(SG6, TheDefaultActionDoesNotComeBack) {
  runtime::Runtime rt = current_thread();
  {
    const Signal gone = listen(rt, SignalKind::terminate());
  }
  send(SignalKind::terminate());  // would end the process
  SUCCEED();
}

int chained = 0;
int counted_when_chained = -1;

TEST(SG7, AnEarlierHandlerIsCalledToo) {
  struct ::sigaction before{};
  before.sa_handler = [](int) {
    ++chained;
    errno = EBADF;
  };
  ASSERT_EQ(::sigaction(SIGUSR2, &before, nullptr), 0);
  runtime::Runtime rt = current_thread();
  Signal listener = listen(rt, SignalKind::user_defined2());
  errno = ENOENT;
  send(SignalKind::user_defined2());
  EXPECT_EQ(errno, ENOENT);
  EXPECT_EQ(chained, 1);
  EXPECT_EQ(next(rt, listener), 1U);
}

TEST(SG7, AnEarlierHandlerGetsItsInformation) {
  struct ::sigaction before{};
  before.sa_sigaction = [](int, ::siginfo_t* info, void*) { counted_when_chained = info->si_int; };
  before.sa_flags = SA_SIGINFO;
  ASSERT_EQ(::sigaction(SIGUSR2, &before, nullptr), 0);
  runtime::Runtime rt = current_thread();
  Signal listener = listen(rt, SignalKind::user_defined2());
  ::sigval value{};
  value.sival_int = 42;
  ASSERT_EQ(::sigqueue(::getpid(), SIGUSR2, value), 0);
  EXPECT_EQ(next(rt, listener), 1U);
  EXPECT_EQ(counted_when_chained, 42);
}

TEST(SG8, EveryListenerInEveryRuntimeHears) {
  std::vector<runtime::Runtime> runtimes;
  for (int i = 0; i < 2; ++i) runtimes.push_back(current_thread());
  runtimes.push_back(test_support::multi_thread(2));
  std::vector<Signal> listeners;
  for (int i = 0; i < 6; ++i) listeners.push_back(listen(runtimes[i % 3], SignalKind::hangup()));
  send(SignalKind::hangup());
  for (int i = 0; i < 6; ++i) EXPECT_EQ(next(runtimes[i % 3], listeners[i]), 1U) << i;
}

TEST(SG8, FiftyWaitingListenersAreAllWoken) {
  runtime::Runtime rt = current_thread();
  std::vector<JoinHandle<std::uint64_t>> tasks;
  for (int i = 0; i < 50; ++i) {
    tasks.push_back(rt.spawn([](Signal from) -> Task<std::uint64_t> {
      co_return (co_await from.recv())->count;
    }(listen(rt, SignalKind::hangup()))));
  }
  drive(rt);
  send(SignalKind::hangup());
  for (auto& task : tasks) EXPECT_EQ(rt.block_on(std::move(task)).value(), 1U);
}

TEST(SG9, DeliveriesBetweenTwoReceivesAreOneItem) {
  runtime::Runtime rt = current_thread();
  Signal listener = listen(rt, SignalKind::user_defined1());
  for (int i = 0; i < 3; ++i) send(SignalKind::user_defined1());
  static_cast<void>(next(rt, listener));
  MockTask task;
  Polled receiving(listener.recv());
  EXPECT_FALSE(receiving.poll(task));
  send(SignalKind::user_defined1());
  drive(rt);
  EXPECT_TRUE(receiving.poll(task));
}

TEST(SG10, DestroyingAListenerDisturbsNoOther) {
  runtime::Runtime rt = current_thread();
  Signal stays = listen(rt, SignalKind::user_defined1());
  MockTask task;
  Polled receiving(stays.recv());
  EXPECT_FALSE(receiving.poll(task));
  {
    Signal goes = listen(rt, SignalKind::user_defined1());
    Polled abandoned(goes.recv());
    EXPECT_FALSE(abandoned.poll(task));
  }
  send(SignalKind::user_defined1());
  drive(rt);
  EXPECT_EQ(task.wake_count(), 1);
  EXPECT_TRUE(receiving.poll(task));
}

TEST(SG11, ANewListenerHearsWhatWasNotAnnouncedYet) {
  runtime::Runtime rt = current_thread();
  {
    const Signal first = listen(rt, SignalKind::user_defined1());
  }
  send(SignalKind::user_defined1());
  Signal second = listen(rt, SignalKind::user_defined1());
  EXPECT_EQ(next(rt, second), 1U);
}

TEST(SG11, WhatWasAnnouncedToNobodyIsLost) {
  runtime::Runtime rt = current_thread();
  {
    const Signal first = listen(rt, SignalKind::user_defined1());
  }
  send(SignalKind::user_defined1());
  drive(rt);
  Signal second = listen(rt, SignalKind::user_defined1());
  MockTask task;
  Polled receiving(second.recv());
  EXPECT_FALSE(receiving.poll(task));
}

TEST(SG12, TwoSignalsWithAReceiveInBetweenAreBothHeard) {
  on_every_kind([](runtime::Runtime& rt) {
    Signal listener = listen(rt, SignalKind::user_defined1());
    for (int i = 0; i < 2; ++i) {
      send(SignalKind::user_defined1());
      EXPECT_EQ(next(rt, listener), 1U);
    }
  });
}

TEST(SG13, AllRealTimeSignalsAtOnce) {
  runtime::Runtime rt = current_thread();
  std::vector<Signal> listeners;
  for (int number = SIGRTMIN; number <= SIGRTMAX; ++number) {
    listeners.push_back(listen(rt, SignalKind::from_raw(number)));
  }
  EXPECT_GE(listeners.size(), 28U);
  for (int number = SIGRTMIN; number <= SIGRTMAX; ++number) send(SignalKind::from_raw(number));
  for (Signal& listener : listeners) EXPECT_EQ(next(rt, listener), 1U);
}

TEST(SG19, AListenerHearsWhatCameWhileNobodyWaited) {
  runtime::Runtime rt = current_thread();
  Signal listener = listen(rt, SignalKind::user_defined1());
  send(SignalKind::user_defined1());
  drive(rt);
  drive(rt);
  MockTask task;
  Polled receiving(listener.recv());
  EXPECT_TRUE(receiving.poll(task));
}

TEST(SG26, HandlersAreInstalledAsSpecified) {
  runtime::Runtime rt = current_thread();
  const Signal listener = listen(rt, SignalKind::io());
  struct ::sigaction installed{};
  ASSERT_EQ(::sigaction(SIGIO, nullptr, &installed), 0);
  const int wanted = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  EXPECT_EQ(installed.sa_flags & wanted, wanted);
  for (int number = 1; number < SIGRTMIN; ++number) {
    EXPECT_EQ(::sigismember(&installed.sa_mask, number), 0) << number;
  }
}

TEST(SG31, AnItemCountsItsDeliveries) {
  runtime::Runtime rt = current_thread();
  Signal listener = listen(rt, SignalKind::user_defined1());
  for (int i = 0; i < 5; ++i) send(SignalKind::user_defined1());
  EXPECT_EQ(next(rt, listener), 5U);
  send(SignalKind::user_defined1());
  EXPECT_EQ(next(rt, listener), 1U);
}

}  // namespace
}  // namespace weft::signal
