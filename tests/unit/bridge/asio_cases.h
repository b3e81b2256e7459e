// What is tested with Asio without Boost and with Boost.Asio alike; `Asio` names the types of one.
//
// Spec.

#ifndef WEFT_TESTS_UNIT_BRIDGE_ASIO_CASES_H_
#define WEFT_TESTS_UNIT_BRIDGE_ASIO_CASES_H_

#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <weft/base/runtime_gone.h>
#include <weft/runtime/executors/asio_executor.h>
#include <weft/runtime/from_callback.h>
#include <weft/runtime/on.h>
#include <weft/runtime/runtime.h>
#include <weft/time/timeout.h>

namespace weft::bridge_test {

using namespace std::chrono_literals;
using runtime::asio_executor;
using test_support::Event;
using test_support::on_every_kind;

inline Task<int> number(int n) { co_return n; }

template <class Executor>
Task<bool> runs_in(Executor executor) {
  const bool first = executor.running_in_this_thread();
  co_await yield_now();
  co_return first&& executor.running_in_this_thread();
}

template <class Asio>
void a_thread_pool_executes() {
  on_every_kind([](runtime::Runtime& rt) {
    typename Asio::ThreadPool pool(2);
    EXPECT_TRUE(rt.block_on(on(asio_executor(pool), runs_in(pool.get_executor()))));
    EXPECT_TRUE(rt.block_on(on(asio_executor(pool.get_executor()), runs_in(pool.get_executor()))));
    const typename Asio::AnyExecutor any(pool.get_executor());
    EXPECT_TRUE(rt.block_on(on(asio_executor(any), runs_in(pool.get_executor()))));
    pool.join();
  });
}

template <class Asio>
void a_strand_executes() {
  on_every_kind([](runtime::Runtime& rt) {
    typename Asio::ThreadPool pool(2);
    const auto strand = Asio::make_strand(pool);
    EXPECT_TRUE(rt.block_on(on(asio_executor(strand), runs_in(strand))));
    pool.join();
  });
}

template <class Asio>
void an_io_context_executes() {
  on_every_kind([](runtime::Runtime& rt) {
    typename Asio::IoContext io;
    auto work = Asio::make_work_guard(io);
    std::thread thread([&io] { io.run(); });
    EXPECT_TRUE(rt.block_on(on(asio_executor(io), runs_in(io.get_executor()))));
    work.reset();
    thread.join();
  });
}

// An Asio executor's own execute() would run it inside the caller.
template <class Asio>
void on_a_thread_of_the_context_nothing_runs_at_once() {
  typename Asio::IoContext io;
  bool ran = false;
  Asio::post(io, [&] {
    asio_executor(io).execute([&ran] { ran = true; });
    EXPECT_FALSE(ran);
  });
  io.run();
  EXPECT_TRUE(ran);
}

template <class Asio>
void a_destroyed_context_drops_its_calls() {
  on_every_kind([](runtime::Runtime& rt) {
    auto io = std::make_unique<typename Asio::IoContext>();  // which nobody runs
    Event submitted;
    struct Tells {
      void execute(runtime::ExecutorCall call) {
        asio_executor(*io).execute(std::move(call));
        submitted->set();
      }
      typename Asio::IoContext* io;
      Event* submitted;
    };
    std::thread destroys([&] {
      submitted.wait();
      io.reset();
    });
    EXPECT_THROW(rt.block_on(on(Tells{io.get(), &submitted}, number(1))), RuntimeGone);
    destroys.join();
  });
}

template <class Asio>
void threads_of_the_pool_spawn() {
  on_every_kind([](runtime::Runtime& rt) {
    typename Asio::ThreadPool pool(2);
    std::optional<JoinHandle<int>> spawned;
    Event is_spawned;
    Asio::post(pool, [&, handle = rt.handle()] {
      EXPECT_FALSE(runtime::Handle::try_current().has_value());
      spawned.emplace(handle.spawn(number(3)));
      is_spawned.set();
    });
    is_spawned.wait();
    EXPECT_EQ(rt.block_on(*spawned).value(), 3);
    pool.join();
  });
}

template <class Asio>
void threads_of_the_pool_block_on_tasks() {
  const runtime::Runtime rt = test_support::multi_thread(2);
  typename Asio::ThreadPool pool(2);
  int sum = 0;
  Asio::post(pool, [&, handle = rt.handle()] {
    sum = handle.block_on([](runtime::Handle there) -> Task<int> {
      co_await time::sleep(1ms);
      const auto spawned = co_await there.spawn(number(3));
      co_return spawned.value() + co_await number(4);
    }(handle));
  });
  pool.join();
  EXPECT_EQ(sum, 7);
}

// An operation of Asio's as an awaitable, and its end by a timeout.
template <class Asio>
void an_operation_of_asio_is_awaited() {
  on_every_kind([](runtime::Runtime& rt) {
    typename Asio::ThreadPool pool(1);
    typename Asio::Timer timer(pool);
    using Code = typename Asio::ErrorCode;
    const auto wait = [&timer](Completion<Code> done) { timer.async_wait(std::move(done)); };

    timer.expires_after(1ms);
    const auto fired = rt.block_on(from_callback<Code>(wait));
    EXPECT_FALSE(fired.value());

    timer.expires_after(1h);
    const auto cancelled =
        rt.block_on(time::timeout(1ms, from_callback<Code>(wait, [&timer] { timer.cancel(); })));
    EXPECT_FALSE(cancelled.has_value());
    pool.join();  // returns, because the timer has been cancelled
  });
}

}  // namespace weft::bridge_test

#endif  // WEFT_TESTS_UNIT_BRIDGE_ASIO_CASES_H_
