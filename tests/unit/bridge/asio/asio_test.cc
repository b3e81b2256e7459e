// Asio without Boost beside weft: the cases of asio_cases.h.

#include <tests/unit/bridge/asio_cases.h>

#include <asio.hpp>
#include <gtest/gtest.h>

namespace weft::bridge_test {
namespace {

struct StandaloneAsio {
  using ThreadPool = asio::thread_pool;
  using IoContext = asio::io_context;
  using AnyExecutor = asio::any_io_executor;
  using Timer = asio::steady_timer;
  using ErrorCode = std::error_code;
  template <class Context>
  static auto make_strand(Context& context) {
    return asio::make_strand(context);
  }
  static auto make_work_guard(IoContext& context) { return asio::make_work_guard(context); }
  template <class Context, class F>
  static void post(Context& context, F f) {
    asio::post(context, std::move(f));
  }
};

TEST(R183, AStandaloneAsioThreadPoolExecutes) { a_thread_pool_executes<StandaloneAsio>(); }
TEST(R183, AStandaloneAsioStrandExecutes) { a_strand_executes<StandaloneAsio>(); }
TEST(R183, AStandaloneAsioIoContextExecutes) { an_io_context_executes<StandaloneAsio>(); }
TEST(R183, OnAThreadOfAStandaloneAsioContextNothingRunsAtOnce) {
  on_a_thread_of_the_context_nothing_runs_at_once<StandaloneAsio>();
}
TEST(R183, ADestroyedStandaloneAsioContextDropsItsCalls) {
  a_destroyed_context_drops_its_calls<StandaloneAsio>();
}
TEST(R151, ThreadsOfAStandaloneAsioPoolSpawn) { threads_of_the_pool_spawn<StandaloneAsio>(); }
TEST(R31, ThreadsOfAStandaloneAsioPoolBlockOnTasks) {
  threads_of_the_pool_block_on_tasks<StandaloneAsio>();
}
TEST(R180, AnOperationOfStandaloneAsioIsAwaited) {
  an_operation_of_asio_is_awaited<StandaloneAsio>();
}

}  // namespace
}  // namespace weft::bridge_test
