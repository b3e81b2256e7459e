// Cancel at every suspension point: an operation that is destroyed after its k-th poll, for all k
// until it completes, leaves nothing behind.

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

#include <weft/weft.h>

#include <weft/runtime/coroutine/frame_allocator.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using runtime::Builder;
using runtime::Runtime;

constexpr int kMostPolls = 400;

Task<> yields(int count) {
  for (int i = 0; i < count; ++i) co_await yield_now();
}

// The other side of the race: resumes, and now and then lets a paused clock move on.
Task<> steps(int count) {
  for (int i = 0; i < count; ++i) {
    if (i % 4 == 3) {
      co_await time::sleep(300us);
    } else {
      co_await yield_now();
    }
  }
}

// What the operations below share, with what must be true again after each of them.
struct World {
  sync::Mutex<int> mutex{0};
  sync::Semaphore semaphore{3};
  sync::Notify notify;
};

// Holds the mutex and two permits for a few resumes, and notifies now and then.
Task<> disturb(World& world) {
  auto guard = co_await world.mutex.lock();
  auto permits = co_await world.semaphore.acquire_many(2);
  for (int i = 0; i < 6; ++i) {
    co_await yield_now();
    world.notify.notify_waiters();
  }
}

Task<> locks(World& world) {
  auto guard = co_await world.mutex.lock();
  ++*guard;
  co_await yield_now();
  auto permits = co_await world.semaphore.acquire_many(3);
  co_await yields(2);
}

Task<> channels(World&) {
  auto [sender, receiver] = sync::mpsc::channel<int>(1);
  auto [tx, rx] = sync::oneshot::channel<int>();
  auto producer = spawn(
      [](sync::mpsc::Sender<int> out, sync::oneshot::Sender<int> last) -> Task<> {
        for (int i = 0; i < 4; ++i) {
          const bool sent = (co_await out.send(i)).has_value();
          if (!sent) co_return;
          co_await yield_now();
        }
        static_cast<void>(last.send(4));
      },
      std::move(sender), std::move(tx));
  while (true) {
    const std::optional<int> value = co_await receiver.recv();
    if (!value.has_value()) break;
  }
  static_cast<void>(co_await rx);
  static_cast<void>(co_await producer);
}

Task<> timers(World& world) {
  co_await time::sleep(1ms);
  auto waited = co_await time::timeout(2ms, world.notify.notified());
  auto interval = time::interval(1ms);
  for (int i = 0; i < 3; ++i) co_await interval.tick();
  static_cast<void>(waited);
}

Task<> combinators(World& world) {
  co_await join(locks(world), timers(world), yields(3));
  auto first = co_await select(locks(world), time::sleep(1ms), channels(world));
  auto last = co_await time::timeout(5ms, join(channels(world), locks(world)));
  static_cast<void>(first);
  static_cast<void>(last);
}

Task<> sockets(World&) {
  auto listener = (co_await net::TcpListener::bind("127.0.0.1:0")).value();
  const net::SocketAddr address = listener.local_addr().value();
  auto [accepted, connected] = co_await join(listener.accept(), net::TcpStream::connect(address));
  net::TcpStream server = std::move(accepted.value().first);
  net::TcpStream client = std::move(connected).value();
  std::array<std::byte, 64> buffer{};
  const auto sent = co_await client.write_all(buffer);
  auto received = co_await server.read_exact(buffer);
  static_cast<void>(sent);
  static_cast<void>(received);
}

using Operation = Task<> (*)(World&);

// True: the operation completed before it was destroyed.
Task<bool> destroy_after(Operation operation, World& world, int polls) {
  auto disturber = spawn([](World* w) { return disturb(*w); }, &world);
  auto winner = co_await select_biased(operation(world), steps(polls));
  static_cast<void>(co_await disturber);
  co_return winner.index() == 0;
}

void destroy_after_every_poll(Runtime& runtime, Operation operation) {
  World world;
  bool completed = false;
  for (int polls = 0; polls < kMostPolls && !completed; ++polls) {
    completed = runtime.block_on(runtime.spawn(destroy_after(operation, world, polls))).value();
    // No waiter is left in front of us, and every permit is back.
    EXPECT_TRUE(world.mutex.try_lock().has_value()) << "after " << polls << " polls";
    EXPECT_EQ(world.semaphore.available_permits(), 3U) << "after " << polls << " polls";
  }
  EXPECT_TRUE(completed) << "the operation never got to its end";
}

void on_every_runtime(Operation operation) {
  const std::size_t frames = internal::live_frames();
  {
    Runtime paused = Builder::new_current_thread().enable_all().start_paused(true).build().value();
    destroy_after_every_poll(paused, operation);
  }
  EXPECT_EQ(internal::live_frames(), frames);
  {
    Runtime workers = Builder::new_multi_thread().worker_threads(2).enable_all().build().value();
    World world;
    for (int polls = 0; polls < 40; ++polls) {
      static_cast<void>(workers.block_on(workers.spawn(destroy_after(operation, world, polls))));
      EXPECT_EQ(world.semaphore.available_permits(), 3U) << "after " << polls << " polls";
    }
  }
  EXPECT_EQ(internal::live_frames(), frames);
}

TEST(TE42, LocksLeaveNothingBehind) { on_every_runtime(locks); }
TEST(TE42, ChannelsLeaveNothingBehind) { on_every_runtime(channels); }
TEST(TE42, TimersLeaveNothingBehind) { on_every_runtime(timers); }
TEST(TE42, CombinatorsLeaveNothingBehind) { on_every_runtime(combinators); }
TEST(TE42, SocketsLeaveNothingBehind) { on_every_runtime(sockets); }

}  // namespace
}  // namespace weft
