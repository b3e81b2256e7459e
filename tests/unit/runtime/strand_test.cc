// Strand: docs/spec/runtime.md R-157..R-159, R-167. The strand by itself, with hand-made leaves.

#include <weft/runtime/coroutine/strand.h>

#include <coroutine>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/mock_task.h>
#include <tests/support/probe.h>
#include <weft/runtime/context.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/task.h>

namespace weft {
namespace {

using internal::FrameHeader;
using internal::Strand;
using test_support::MockTask;
using test_support::Probe;
using test_support::SlowProbe;

// A Task's frame on its own strand, as a combinator or the scheduler drives it.
template <class T>
class Driven {
 public:
  explicit Driven(Task<T> task) : header_(std::move(task).release()) {
    header_->own.start(header_->handle());
    header_->strand = &header_->own;
  }
  Driven(const Driven&) = delete;
  Driven& operator=(const Driven&) = delete;
  ~Driven() { internal::destroy_frame<T>(header_); }

  bool poll(const MockTask& task) {
    const Waker waker = task.waker();
    Context cx(waker);
    return strand().poll(cx);
  }
  bool poll_cancel(const MockTask& task) {
    const Waker waker = task.waker();
    Context cx(waker);
    return strand().poll_cancel(cx);
  }
  Strand& strand() { return header_->own; }
  FrameHeader& header() { return *header_; }

 private:
  FrameHeader* header_;
};

Task<int> twice(Probe<>& a, Probe<>& b) {
  const int x = co_await a.wait();
  const int y = co_await b.wait();
  co_return x + y;
}

TEST(R158, StrandKnowsTheLeafAndTheInnermostFrame) {
  MockTask task;
  Probe<> a, b;
  Driven driven(twice(a, b));
  EXPECT_FALSE(driven.poll(task));
  EXPECT_EQ(driven.strand().innermost(), driven.header().handle());
  ASSERT_NE(driven.strand().leaf_ops(), nullptr);
  EXPECT_EQ(driven.strand().leaf_ops()->waiting_on, std::string("probe"));
}

TEST(R158, SpuriousPollIsHarmless) {
  MockTask task;
  Probe<> a, b;
  Driven driven(twice(a, b));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(driven.poll(task));
  a.complete(1);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(driven.poll(task));
  EXPECT_EQ(b.polls(), 3);
  b.complete(2);
  EXPECT_TRUE(driven.poll(task));
  EXPECT_EQ(a.polls(), 4);
}

TEST(R158, PollGoesAsFarAsTheChainCan) {
  MockTask task;
  Probe<> a, b;
  a.complete(1);
  b.complete(2);
  Driven driven(twice(a, b));
  EXPECT_TRUE(driven.poll(task));
  EXPECT_EQ(driven.strand().leaf_ops(), nullptr);
}

TEST(R167, LeafWithoutPollCancelIsDestroyedAtOnce) {
  MockTask task;
  Probe<> a, b;
  Driven driven(twice(a, b));
  EXPECT_TRUE(driven.poll_cancel(task)) << "not started";
  EXPECT_FALSE(driven.poll(task));
  EXPECT_TRUE(driven.poll_cancel(task));
  EXPECT_TRUE(driven.strand().may_be_destroyed());
}

Task<> wait_slowly(SlowProbe& slow) { co_await slow.wait(); }

TEST(R167, LeafWithPollCancelIsDrivenToItsEnd) {
  MockTask task;
  SlowProbe slow;
  Driven driven(wait_slowly(slow));
  EXPECT_FALSE(driven.poll(task));
  EXPECT_FALSE(driven.strand().may_be_destroyed());
  EXPECT_FALSE(driven.poll_cancel(task));
  slow.let_end();
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(driven.poll_cancel(task));
  EXPECT_TRUE(driven.strand().may_be_destroyed());
}

// A leaf that, when it completes, has the strand go on elsewhere than in its frame.
struct Diverting {
  bool poll(Context&) noexcept {
    if (!is_ready) return false;
    strand->continue_with(std::noop_coroutine());
    return true;
  }
  bool is_ready = false;
  Strand* strand = nullptr;
};

TEST(R159, LeafMaySendTheStrandToAnotherFrame) {
  MockTask task;
  Probe<> a, b;
  Driven driven(twice(a, b));
  EXPECT_FALSE(driven.poll(task));
  Diverting leaf{.strand = &driven.strand()};
  const std::coroutine_handle<> frame = driven.strand().innermost();
  driven.strand().wait(&internal::kLeafOps<Diverting>, &leaf, frame);
  EXPECT_FALSE(driven.poll(task));
  leaf.is_ready = true;
  EXPECT_TRUE(driven.poll(task)) << "there is nothing left to run: complete";
  EXPECT_EQ(a.polls(), 1) << "the frame that waited was not resumed";
  // Back to where it stood, so that it is destroyed as a waiting chain.
  driven.strand().start(frame);
}

}  // namespace
}  // namespace weft
