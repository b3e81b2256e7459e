// How operations are carried out: jobs, cancelling, shutting down.

#include <array>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <system_error>
#include <vector>

#include <tests/support/mock_task.h>
#include <tests/support/process_usage.h>
#include <tests/unit/fs/fs_support.h>
#include <weft/fs/internal/operation.h>
#include <weft/runtime/block_on.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>

namespace weft::fs {
namespace {

using test_support::current_thread;
using test_support::ProcessUsage;

// Lets a task that was just spawned run until it waits.
Task<> let_run() {
  for (int i = 0; i < 3; ++i) co_await yield_now();
}

TEST(FS1, AJobThatNeverRunsIsTheErrorOther) {
  const TemporaryDirectory dir;
  make_file(dir / "file", "hello");
  const ChosenBackEnd pool("0");
  std::optional<runtime::Runtime> rt(current_thread());
  const runtime::Handle handle = rt->handle();
  rt.reset();
  const auto guard = handle.enter();
  File file = File::from_fd(OwnedFd(::open((dir / "file").c_str(), O_RDONLY | O_CLOEXEC)));
  const test_support::MockTask task;
  const Waker waker = task.waker();
  Context cx(waker);
  EXPECT_TRUE(file.start_seek(io::SeekFrom::start(1)));
  EXPECT_EQ((*file.poll_complete(cx)).error(), Errc::other);
}

TEST(FS1, AJobThatThrowsIsTheErrorOther) {
  struct Surprise {};
  current_thread().block_on([]() -> Task<> {
    auto throwing = []() -> Result<int> { throw Surprise(); };
    const Result<int> thrown =
        co_await internal::blocking("test", std::source_location::current(), throwing);
    EXPECT_EQ(thrown.error(), Errc::other);
    auto greedy = []() -> Result<int> { throw std::bad_alloc(); };
    const Result<int> no_memory =
        co_await internal::blocking("test", std::source_location::current(), greedy);
    EXPECT_EQ(no_memory.error(), std::errc::not_enough_memory);
  }());
}

TEST(FS2, WhatHasStartedGoesOnWhenNobodyWaits) {
  const TemporaryDirectory dir;
  {
    HeldPool held;
    held.runtime().block_on([](const TemporaryDirectory& in) -> Task<> {
      auto writing = spawn(fs::write(in / "file", "hello"));
      co_await let_run();
      writing.abort();
      EXPECT_FALSE(co_await writing);
    }(dir));
    EXPECT_FALSE(std::filesystem::exists(dir / "file"));
    held.release();
    held.runtime().block_on([]() -> Task<> {
      // Behind it, on the pool's only thread.
      static_cast<void>(co_await spawn_blocking([] {}));
    }());
  }
  EXPECT_EQ(content_of(dir / "file"), "hello");
}

TEST(FS2, ADescriptorThatNobodyFetchesIsClosed) {
  const TemporaryDirectory dir;
  make_file(dir / "file");
  with_every_runtime([&](runtime::Runtime& rt) {
    rt.block_on([](const TemporaryDirectory& in) -> Task<> {
      // The driver's own, and the ring's.
      static_cast<void>(co_await fs::metadata(in / "file"));
    }(dir));
  });
  const ProcessUsage before = ProcessUsage::now();
  with_every_runtime([&](runtime::Runtime& rt) {
    rt.block_on([](const TemporaryDirectory& in) -> Task<> {
      for (int i = 0; i < 128; ++i) {
        auto opening = spawn(File::open(in / "file"));
        if (i % 2 == 0) co_await yield_now();
        opening.abort();
        if (i % 3 == 0) static_cast<void>(co_await opening);
      }
    }(dir));
  });
  EXPECT_EQ(ProcessUsage::now().descriptors, before.descriptors);
}

TEST(FS3, WithoutARuntimeItIsFatal) {
  const TemporaryDirectory dir;
  make_file(dir / "file", "hello");
  File file = File::from_fd(OwnedFd(::open((dir / "file").c_str(), O_RDONLY | O_CLOEXEC)));
  const Waker waker = Waker::noop();
  Context cx(waker);
  std::array<std::byte, 1> room{};
  EXPECT_DEATH(
      {
        io::ReadBuf buf(room);
        static_cast<void>(file.poll_read(cx, buf));
      },
      "File::read.*runtime");
  EXPECT_DEATH(static_cast<void>(runtime::block_on_this_thread(fs::metadata("/"))),
               "execution_test.cc.*fs::metadata");
  EXPECT_DEATH(static_cast<void>(runtime::block_on_this_thread(fs::read("/x"))),
               "execution_test.cc.*fs::read");
  EXPECT_DEATH(static_cast<void>(runtime::block_on_this_thread(fs::create_dir("/x"))),
               "execution_test.cc.*fs::create_dir");
}

TEST(FS4, ResultsCrossThreads) {
  const TemporaryDirectory dir;
  runtime::Runtime rt = test_support::multi_thread(2);
  rt.block_on([](const TemporaryDirectory& in) -> Task<> {
    std::vector<JoinHandle<std::size_t>> handles;
    for (int i = 0; i < 50; ++i) {
      handles.push_back(spawn(
          [](Path path) -> Task<std::size_t> {
            EXPECT_TRUE(co_await fs::write(path, std::string(1000, 'x')));
            co_return (co_await fs::read(path)).value().size();
          },
          in / std::to_string(i)));
    }
    for (auto& handle : handles) {
      const auto size = co_await handle;
      EXPECT_EQ(size.value(), 1000u);
    }
  }(dir));
}

TEST(FS28, OperationsOnNamesYield) {
  current_thread().block_on([]() -> Task<> {
    bool other_ran = false;
    auto other = spawn(
        [](bool& ran) -> Task<> {
          ran = true;
          co_return;
        },
        std::ref(other_ran));
    int steps = 0;
    while (!other_ran && steps++ < 1000) static_cast<void>(co_await fs::metadata("/"));
    EXPECT_LT(steps, 1000);
    static_cast<void>(co_await other);
  }());
}

}  // namespace
}  // namespace weft::fs
