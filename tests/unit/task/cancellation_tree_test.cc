// The tree behind CancellationTokens: nodes come and go in every order.

#include <weft/task/internal/cancellation_tree.h>

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/mock_task.h>
#include <tests/support/scale.h>
#include <tests/support/threads.h>
#include <weft/base/rng.h>
#include <weft/loom/atomic.h>
#include <weft/sync/internal/thread_wait.h>
#include <weft/task/cancellation_token.h>

namespace weft {
namespace {

using test_support::MockTask;
using test_support::Polled;
using test_support::run_threads;
using test_support::scaled;

using Wait = Polled<decltype(std::declval<CancellationToken&>().cancelled_owned())>;

TEST(T48, ADroppedTokensChildrenMoveToItsParent) {
  const CancellationToken grandparent;
  std::optional<CancellationToken> middle = grandparent.child_token();
  const CancellationToken grandchild = middle->child_token();
  MockTask task;
  Polled wait(grandchild.cancelled());
  ASSERT_FALSE(wait.poll(task));
  middle.reset();
  EXPECT_FALSE(grandchild.is_cancelled());
  grandparent.cancel();
  EXPECT_TRUE(grandchild.is_cancelled());
  EXPECT_TRUE(task.take_woken());
}

TEST(T48, WithoutAParentTheChildrenStandAlone) {
  std::optional<CancellationToken> parent(std::in_place);
  const CancellationToken child = parent->child_token();
  const CancellationToken grandchild = child.child_token();
  parent.reset();
  EXPECT_FALSE(child.is_cancelled());
  child.cancel();
  EXPECT_TRUE(grandchild.is_cancelled());
}

TEST(T48, AVeryDeepAndAVeryWideTreeAreCancelledWithoutRecursion) {
  const CancellationToken root;
  std::vector<CancellationToken> deep{root};
  for (int i = 0; i < 100'000; ++i) deep.push_back(deep.back().child_token());
  std::vector<CancellationToken> wide;
  for (int i = 0; i < 100'000; ++i) wide.push_back(root.child_token());
  root.cancel();
  const auto is_cancelled = [](const CancellationToken& token) { return token.is_cancelled(); };
  EXPECT_TRUE(std::ranges::all_of(deep, is_cancelled));
  EXPECT_TRUE(std::ranges::all_of(wide, is_cancelled));
}

TEST(T48, ALongChainGoesFromEitherEndWithoutRecursion) {
  for (const bool from_the_root : {true, false}) {
    std::deque<CancellationToken> chain(1);
    for (int i = 0; i < 100'000; ++i) chain.push_back(chain.back().child_token());
    while (chain.size() > 1) {
      if (from_the_root) {
        chain.pop_front();
      } else {
        chain.pop_back();
      }
    }
    EXPECT_FALSE(chain.front().is_cancelled());
  }
}

TEST(T48, ATokenCancelledByItselfIsSkippedByItsParent) {
  const CancellationToken root;
  const CancellationToken middle = root.child_token();
  const CancellationToken leaf = middle.child_token();
  MockTask task;
  Polled wait(leaf.cancelled());
  ASSERT_FALSE(wait.poll(task));
  leaf.cancel();
  middle.cancel();
  root.cancel();
  EXPECT_EQ(task.wake_count(), 1);
}

TEST(T49, EveryWaiterOfADescendantIsWokenOnce) {
  CancellationToken root;
  CancellationToken child = root.child_token();
  CancellationToken grandchild = child.child_token();
  std::array<MockTask, 6> tasks;
  std::deque<Wait> waits;
  for (CancellationToken* token : {&root, &child, &grandchild}) {
    for (int k = 0; k < 2; ++k) {
      waits.emplace_back(token->cancelled_owned());
      ASSERT_FALSE(waits.back().poll(tasks[waits.size() - 1]));
    }
  }
  root.cancel();
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    EXPECT_EQ(tasks[i].wake_count(), 1);
    EXPECT_TRUE(waits[i].poll(tasks[i]));
  }
}

TEST(T49, ADestroyedOwnedWaitGivesItsNodeUp) {
  const CancellationToken root;
  MockTask task;
  {
    Polled wait(root.child_token().cancelled_owned());
    ASSERT_FALSE(wait.poll(task));
  }
  EXPECT_EQ(task.waker_ref_count(), 1);
  root.cancel();
  EXPECT_FALSE(task.take_woken());
}

// Drops the tokens of a small tree in every order; those that are left follow their nearest
// ancestor that is left.
TEST(T49, DroppingInEveryOrderKeepsTheRestConnected) {
  std::array<int, 5> order{1, 2, 3, 4, 5};
  do {
    for (std::size_t dropped = 0; dropped <= order.size(); ++dropped) {
      const CancellationToken root;
      std::array<std::optional<CancellationToken>, 6> tokens;
      tokens[1] = root.child_token();
      tokens[2] = root.child_token();
      tokens[3] = tokens[1]->child_token();
      tokens[4] = tokens[3]->child_token();
      tokens[5] = tokens[2]->child_token();
      for (std::size_t i = 0; i < dropped; ++i) tokens[static_cast<std::size_t>(order[i])].reset();
      root.cancel();
      for (const auto& token : tokens) EXPECT_TRUE(!token || token->is_cancelled());
    }
  } while (std::ranges::next_permutation(order).found);
}

TEST(T49, DroppingTheRootFirstLeavesSubtreesThatStillWork) {
  std::optional<CancellationToken> root(std::in_place);
  const CancellationToken first = root->child_token();
  const CancellationToken second = root->child_token();
  const CancellationToken below = first.child_token();
  root.reset();
  first.cancel();
  EXPECT_TRUE(below.is_cancelled());
  EXPECT_FALSE(second.is_cancelled());
}

TEST(T49, ChildrenComeAndGoOnManyThreadsWhileOneCancels) {
  for (int round = 0; round < scaled(200); ++round) {
    const CancellationToken root;
    loom::Atomic<int> missed{0};
    run_threads(4, [&](int thread) {
      if (thread == 0) {
        for (int i = 0; i < round % 50; ++i) static_cast<void>(root.child_token());
        root.cancel();
        return;
      }
      FastRand random(runtime::RngSeed::from_bytes(std::to_string(round * 4 + thread)));
      std::vector<CancellationToken> tokens{root};
      for (int i = 0; i < 100; ++i) {
        const auto pick = [&] { return random.below(static_cast<std::uint32_t>(tokens.size())); };
        switch (random.below(3)) {
          case 0:
          case 1:
            tokens.push_back(tokens[pick()].child_token());
            break;
          default:
            if (const std::size_t victim = pick(); victim != 0) {
              std::swap(tokens[victim], tokens.back());
              tokens.pop_back();
            }
        }
      }
      for (const CancellationToken& token : tokens) {
        sync::internal::wait_on_thread(token.cancelled_owned());
        if (!token.child_token().is_cancelled()) missed.fetch_add(1, std::memory_order_relaxed);
      }
    });
    EXPECT_EQ(missed.load(std::memory_order_relaxed), 0);
  }
}

}  // namespace
}  // namespace weft
