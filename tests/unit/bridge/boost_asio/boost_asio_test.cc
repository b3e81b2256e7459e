// Boost.Asio beside weft: the cases of asio_cases.h.

#include <tests/unit/bridge/asio_cases.h>

#include <boost/asio.hpp>
#include <gtest/gtest.h>

namespace weft::bridge_test {
namespace {

struct BoostAsio {
  using ThreadPool = boost::asio::thread_pool;
  using IoContext = boost::asio::io_context;
  using AnyExecutor = boost::asio::any_io_executor;
  using Timer = boost::asio::steady_timer;
  using ErrorCode = boost::system::error_code;
  template <class Context>
  static auto make_strand(Context& context) {
    return boost::asio::make_strand(context);
  }
  static auto make_work_guard(IoContext& context) { return boost::asio::make_work_guard(context); }
  template <class Context, class F>
  static void post(Context& context, F f) {
    boost::asio::post(context, std::move(f));
  }
};

TEST(R183, ABoostAsioThreadPoolExecutes) { a_thread_pool_executes<BoostAsio>(); }
TEST(R183, ABoostAsioStrandExecutes) { a_strand_executes<BoostAsio>(); }
TEST(R183, ABoostAsioIoContextExecutes) { an_io_context_executes<BoostAsio>(); }
TEST(R183, OnAThreadOfABoostAsioContextNothingRunsAtOnce) {
  on_a_thread_of_the_context_nothing_runs_at_once<BoostAsio>();
}
TEST(R183, ADestroyedBoostAsioContextDropsItsCalls) {
  a_destroyed_context_drops_its_calls<BoostAsio>();
}
TEST(R151, ThreadsOfABoostAsioPoolSpawn) { threads_of_the_pool_spawn<BoostAsio>(); }
TEST(R31, ThreadsOfABoostAsioPoolBlockOnTasks) { threads_of_the_pool_block_on_tasks<BoostAsio>(); }
TEST(R180, AnOperationOfBoostAsioIsAwaited) { an_operation_of_asio_is_awaited<BoostAsio>(); }

}  // namespace
}  // namespace weft::bridge_test
