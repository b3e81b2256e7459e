// Processes whose Child is gone (P-34, P-35, P-37, P-38).

#include <csignal>
#include <optional>

#include <tests/support/scale.h>
#include <tests/unit/process/process_support.h>
#include <weft/base/sys_table.h>
#include <weft/runtime/join_handle.h>

namespace weft::process {
namespace {

using test_support::scaled;

sys::Table without_pidfds() {
  sys::Table table;
  table.pidfd_open = [](::pid_t, unsigned) {
    errno = EMFILE;
    return -1;
  };
  return table;
}

Task<> until_no_orphans() {
  while (internal::Orphans::get().count() != 0) co_await yield_now();
}

// Tests that look for children see none of an earlier test in the same program.
class LeaveNoOrphans : public testing::EmptyTestEventListener {
  void OnTestEnd(const testing::TestInfo&) override {
    const runtime::Runtime rt = test_support::current_thread();
    const auto entered = rt.enter();
    internal::Orphans::get().move_to_current_runtime();
    rt.block_on(until_no_orphans());
  }
};

const bool kLeavesNoOrphans = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new LeaveNoOrphans());
  return true;
}();

TEST(P34, OrphanIsWaitedForWhenItEnds) {
  EXPECT_TRUE(kLeavesNoOrphans);
  const runtime::Runtime rt = test_support::current_thread();
  const auto entered = rt.enter();
  std::optional<Child> child = cat().spawn().value();
  ChildStdin input = *std::move(child->stdin_);
  const ::pid_t id = *child->id();
  child.reset();
  EXPECT_EQ(internal::Orphans::get().count(), 1u);
  EXPECT_EQ(::kill(id, 0), 0);  // it runs on, having got no signal
  EXPECT_TRUE(input.close());
  rt.block_on(until_no_orphans());
  EXPECT_TRUE(has_no_children());
}

TEST(P34, WhatHasEndedBecomesNoOrphan) {
  const runtime::Runtime rt = test_support::current_thread();
  const auto entered = rt.enter();
  std::optional<Child> child = sh("exit 0").spawn().value();
  become_zombie(*child->id());
  child.reset();
  EXPECT_EQ(internal::Orphans::get().count(), 0u);
  EXPECT_TRUE(has_no_children());
}

TEST(P35, WorkersWaitForOrphans) {
  // Nothing runs in the runtime; its driver alone is at work.
  const runtime::Runtime rt = test_support::multi_thread(1);
  const auto entered = rt.enter();
  for (int i = 0; i < 10; ++i) static_cast<void>(sh("exit 0").spawn().value());
  internal::Orphans::get().wait_until_none();
  EXPECT_TRUE(has_no_children());
}

TEST(P35, OrphansThatAreNoticedBySignals) {
  const runtime::Runtime rt = test_support::multi_thread(1);
  const auto entered = rt.enter();
  const sys::Table table = without_pidfds();
  const sys::TableScope scope(table);
  for (int i = 0; i < 10; ++i) static_cast<void>(sh("exit 0").spawn().value());
  internal::Orphans::get().wait_until_none();
  EXPECT_TRUE(has_no_children());
}

TEST(P35, ChildDestroyedOutsideARuntime) {
  const runtime::Runtime rt = test_support::multi_thread(1);
  std::optional<Child> child;
  {
    const auto entered = rt.enter();
    child = cat().spawn().value();
  }
  ChildStdin input = *std::move(child->stdin_);
  child.reset();
  EXPECT_TRUE(input.close());
  internal::Orphans::get().wait_until_none();
  EXPECT_TRUE(has_no_children());
}

TEST(P37, OrphansGoOverToTheNextRuntimeThatSpawns) {
  std::vector<ChildStdin> inputs;
  {
    const runtime::Runtime first = test_support::current_thread();
    const auto entered = first.enter();
    for (int i = 0; i < 2; ++i) {
      Child child = cat().spawn().value();
      inputs.push_back(*std::move(child.stdin_));
    }
  }
  EXPECT_EQ(internal::Orphans::get().count(), 2u);
  inputs.clear();  // they end
  const runtime::Runtime second = test_support::current_thread();
  const auto entered = second.enter();
  EXPECT_TRUE(second.block_on(sh("exit 0").status()));
  second.block_on(until_no_orphans());
  EXPECT_TRUE(has_no_children());
}

Task<> start_and_forget(int count) {
  for (int i = 0; i < count; ++i) {
    Result<Child> child = Command("/bin/true").spawn();
    EXPECT_TRUE(child) << child.error();
    co_await yield_now();
  }
}

TEST(P38, NoZombieIsLeftOfTenThousand) {
  constexpr int kTasks = 4;
  const runtime::Runtime rt = test_support::multi_thread(2);
  std::vector<JoinHandle<void>> tasks;
  for (int i = 0; i < kTasks; ++i) {
    tasks.push_back(rt.spawn(start_and_forget(scaled(10'000) / kTasks)));
  }
  for (auto& task : tasks) EXPECT_TRUE(rt.block_on(task));
  internal::Orphans::get().wait_until_none();
  EXPECT_TRUE(has_no_children());
}

TEST(P38, OrphansInstallNoHandler) {
  const WithoutSigchldHandler no_handler;
  const runtime::Runtime rt = test_support::multi_thread(1);
  const auto entered = rt.enter();
  static_cast<void>(sh("exit 0").spawn().value());
  internal::Orphans::get().wait_until_none();
  EXPECT_TRUE(no_handler.still_holds());
}

}  // namespace
}  // namespace weft::process
