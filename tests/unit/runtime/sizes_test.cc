// Guards the memory that a task costs.
//
// The figures are those of docs/design/task.md, and goals of ours: a suspended task takes at most
// 160 bytes, one that sleeps at most 256, everything included. clang's frames are what is promised;
// g++ keeps every temporary of a body in its frame.

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/coroutine/frame_allocator.h>
#include <weft/runtime/runtime.h>
#include <weft/time/time.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using internal::FrameHeader;
using internal::live_frames;

#ifdef __clang__
constexpr std::size_t kCompilersShare = 0;
#else
constexpr std::size_t kCompilersShare = 48;
#endif

// A leaf that is never ready and keeps nothing: what is left is the task itself.
class NeverNode : public Leaf {
 public:
  bool poll(Context&) noexcept { return false; }
  void take() noexcept {}
};
struct Never {
  LeafAwaiter<NeverNode> operator co_await() const noexcept { return LeafAwaiter<NeverNode>(); }
};

Task<> end_at_once() { co_return; }
Task<int> value_at_once(int value) { co_return value; }
Task<> wait_for_ever() { co_await Never(); }
Task<> sleep_for_an_hour() { co_await time::sleep(1h); }
Task<int> call_a_child(int value) { co_return co_await value_at_once(value); }

// What the allocator gives for the frame of `task`, header included.
template <class T>
std::size_t bytes_of(Task<T> task) {
  FrameHeader* const frame = std::move(task).release();
  const std::size_t bytes = internal::size_of_class(internal::size_class_of(frame->block_size));
  internal::destroy_frame<T>(frame);
  return bytes;
}

TEST(R103, HeaderHas112Bytes) { EXPECT_EQ(sizeof(FrameHeader), 112u); }

TEST(R103, SmallFramesStaySmall) {
  EXPECT_LE(bytes_of(end_at_once()), 144 + kCompilersShare);
  EXPECT_LE(bytes_of(value_at_once(1)), 144 + kCompilersShare);
  EXPECT_LE(bytes_of(call_a_child(1)), 176 + kCompilersShare);
}

TEST(R103, SuspendedTaskTakesAtMost160Bytes) {
  EXPECT_LE(bytes_of(wait_for_ever()), 160 + kCompilersShare);
}

TEST(R103, SleepingTaskTakesAtMost256Bytes) {
  EXPECT_LE(bytes_of(sleep_for_an_hour()), 256 + kCompilersShare);
}

TEST(R103, SpawningATaskAllocatesItsFrameAndNothingElse) {
  const auto rt = test_support::current_thread();
  const std::size_t before = live_frames();
  Task<> task = wait_for_ever();
  EXPECT_EQ(live_frames(), before + 1);
  const JoinHandle<void> handle = rt.spawn(std::move(task));
  EXPECT_EQ(live_frames(), before + 1);
}

TEST(R103, SpawningAFunctionAllocatesItsFrameAndNothingElse) {
  const auto rt = test_support::current_thread();
  const std::size_t before = live_frames();
  const JoinHandle<int> handle = rt.spawn(value_at_once, 1);
  EXPECT_EQ(live_frames(), before + 1);
}

TEST(R103, SpawningACapturingCallableAllocatesOneBlockMore) {
  auto rt = test_support::current_thread();
  const std::size_t before = live_frames();
  const auto captured = std::make_shared<int>(1);
  const JoinHandle<void> handle = rt.spawn([captured]() -> Task<> {
    co_await Never();
    EXPECT_EQ(*captured, 1);
  });
  EXPECT_EQ(live_frames(), before + 1) << "the callable's own coroutine begins with the task";
  rt.block_on(end_at_once());
  rt.block_on(yield_now());
  EXPECT_EQ(live_frames(), before + 2);
}

// The blocks of many tasks that wait are the only thing they cost.
TEST(R103, ManyWaitingTasksTakeOneBlockEach) {
  auto rt = test_support::current_thread();
  const std::size_t before = live_frames();
  constexpr std::size_t kTasks = 1000;
  std::vector<JoinHandle<void>> handles;
  for (std::size_t i = 0; i < kTasks; ++i) handles.push_back(rt.spawn(sleep_for_an_hour()));
  rt.block_on(yield_now());
  EXPECT_EQ(live_frames(), before + kTasks);
}

}  // namespace
}  // namespace weft
