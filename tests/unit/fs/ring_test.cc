// io_uring: when it is used, and what becomes of operations that nobody waits for.

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <vector>

#include <tests/support/process_usage.h>
#include <tests/unit/fs/fs_support.h>
#include <weft/base/sys_ring.h>
#include <weft/fs/internal/path_operations.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/yield_now.h>

namespace weft::fs {
namespace {

using test_support::current_thread;
using test_support::ProcessUsage;

bool kernel_has_ring() { return sys::SubmissionRing::create(8).has_value(); }

BackEnd back_end_of(runtime::Runtime& rt) {
  return rt.block_on([]() -> Task<BackEnd> { co_return back_end(); }());
}

TEST(FS42, IoUringIsUsedWhereTheKernelOffersIt) {
  const ChosenBackEnd ring("1");
  on_every_runtime([]() -> Task<> {
    EXPECT_EQ(back_end(), kernel_has_ring() ? BackEnd::kIoUring : BackEnd::kBlockingPool);
    co_return;
  });
}

TEST(FS42, TheEnvironmentSwitchesItOff) {
  const ChosenBackEnd pool("0");
  on_every_runtime([]() -> Task<> {
    EXPECT_EQ(back_end(), BackEnd::kBlockingPool);
    co_return;
  });
}

TEST(FS42, ARuntimeWithoutIoUsesThePool) {
  const ChosenBackEnd ring("1");
  runtime::Runtime rt = runtime::Builder::new_current_thread().build().value();
  EXPECT_EQ(back_end_of(rt), BackEnd::kBlockingPool);
  EXPECT_TRUE(rt.block_on([]() -> Task<bool> {
    const Result<Metadata> facts = co_await fs::metadata("/");
    co_return facts.has_value();
  }()));
}

// As in a sandbox, on an old kernel, out of locked memory, out of descriptors.
TEST(FS42, WhereItIsRefusedEverythingWorksOnThePool) {
  const ChosenBackEnd ring("1");
  static int number = 0;
  const TemporaryDirectory dir;
  for (const int error : {ENOSYS, EPERM, ENOMEM, EMFILE}) {
    number = error;
    sys::Table table = without_cache();
    table.io_uring_setup = [](unsigned, ::io_uring_params*) {
      errno = number;
      return -1;
    };
    const sys::TableScope scope(table);
    runtime::Runtime rt = current_thread();
    EXPECT_EQ(back_end_of(rt), BackEnd::kBlockingPool);
    rt.block_on([](const TemporaryDirectory& in) -> Task<> {
      EXPECT_TRUE(co_await fs::write(in / "file", "hello"));
      EXPECT_EQ((co_await fs::read_to_string(in / "file")).value(), "hello");
    }(dir));
  }
}

TEST(FS42, AKernelThatCannotSayWhatItDoesIsTooOld) {
  const ChosenBackEnd ring("1");
  const ProcessUsage before = ProcessUsage::now();
  {
    sys::Table table;
    table.io_uring_register = [](int, unsigned, void*, unsigned) {
      errno = EINVAL;
      return -1;
    };
    const sys::TableScope scope(table);
    runtime::Runtime rt = current_thread();
    EXPECT_EQ(back_end_of(rt), BackEnd::kBlockingPool);
  }
  EXPECT_EQ(ProcessUsage::now().descriptors, before.descriptors);
}

// The pool has one thread, which is held: what comes through all the same came by the ring.
class RingOnly {
 public:
  RingOnly() : holder_(rt_.handle().spawn_blocking([this] { gate_.wait(); })) {}
  RingOnly(const RingOnly&) = delete;
  RingOnly& operator=(const RingOnly&) = delete;
  ~RingOnly() { gate_.set(); }
  runtime::Runtime& runtime() { return rt_; }

 private:
  ChosenBackEnd ring_{"1"};
  sys::TableScope no_cache_{without_cache()};
  test_support::Event gate_;
  runtime::Runtime rt_ =
      runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1).build().value();
  JoinHandle<void> holder_;
};

TEST(FS43, WhatTheRingCanDoNeedsNoThread) {
  if (!kernel_has_ring()) GTEST_SKIP() << "no io_uring: FS42 shows what is done then";
  const TemporaryDirectory dir;
  RingOnly only;
  only.runtime().block_on([](const TemporaryDirectory& in) -> Task<> {
    File file = (co_await File::create_new(in / "file")).value();
    EXPECT_TRUE(co_await file.write_all("hello"));
    EXPECT_TRUE(co_await file.flush());
    EXPECT_EQ((co_await file.write_at("J", 0)).value(), 1u);
    std::array<std::byte, 5> room{};
    EXPECT_EQ((co_await file.read_at(room, 0)).value(), 5u);
    EXPECT_TRUE(co_await file.sync_all());
    EXPECT_TRUE(co_await file.sync_data());
    EXPECT_EQ((co_await file.metadata()).value().size(), 5u);
    EXPECT_TRUE(co_await std::move(file).close());
    File again = (co_await File::open(in / "file")).value();
    EXPECT_EQ(co_await read_some(again, 10), "Jello");
    EXPECT_TRUE(co_await fs::rename(in / "file", in / "other"));
    EXPECT_TRUE((co_await fs::try_exists(in / "other")).value());
    EXPECT_EQ((co_await fs::symlink_metadata(in / "other")).value().size(), 5u);
    EXPECT_TRUE(co_await fs::remove_file(in / "other"));
    std::filesystem::create_directory(in / "dir");
    EXPECT_TRUE(co_await fs::remove_dir(in / "dir"));
  }(dir));
}

TEST(FS45, AWholeFileIsReadByTheRing) {
  if (!kernel_has_ring()) GTEST_SKIP() << "no io_uring: FS42 shows what is done then";
  const TemporaryDirectory dir;
  RingOnly only;
  for (const std::size_t size : {0u, 1u, 31u, 32u, 33u, 300'000u}) {
    make_file(dir / std::to_string(size), std::string(size, 'x'));
  }
  only.runtime().block_on([](const TemporaryDirectory& in) -> Task<> {
    for (const std::size_t size : {0u, 1u, 31u, 32u, 33u, 300'000u}) {
      const auto bytes = (co_await fs::read(in / std::to_string(size))).value();
      EXPECT_EQ(bytes, std::vector<std::byte>(size, std::byte{'x'}));
    }
    // Says that it is empty.
    EXPECT_GT((co_await fs::read("/proc/self/limits")).value().size(), 100u);
  }(dir));
}

TEST(FS46, AWholeFileIsWrittenByTheRing) {
  if (!kernel_has_ring()) GTEST_SKIP() << "no io_uring: FS42 shows what is done then";
  const TemporaryDirectory dir;
  RingOnly only;
  only.runtime().block_on([](const TemporaryDirectory& in) -> Task<> {
    const std::string large(3'000'000, 'y');
    EXPECT_TRUE(co_await fs::write(in / "file", large));
    EXPECT_EQ(content_of(in / "file"), large);
    EXPECT_EQ((co_await fs::write("/dev/full", "x")).error(), std::errc::no_space_on_device);
  }(dir));
}

TEST(FS44, AFileMadeFromADescriptorBenefitsToo) {
  if (!kernel_has_ring()) GTEST_SKIP() << "no io_uring: FS42 shows what is done then";
  const TemporaryDirectory dir;
  make_file(dir / "file", "hello");
  RingOnly only;
  only.runtime().block_on([](const TemporaryDirectory& in) -> Task<> {
    File file = File::from_fd(OwnedFd(::open((in / "file").c_str(), O_RDONLY | O_CLOEXEC)));
    EXPECT_EQ(co_await read_some(file, 10), "hello");
  }(dir));
}

// A FIFO keeps the kernel waiting for as long as the test likes.
class Fifo {
 public:
  explicit Fifo(const Path& path) {
    EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
    read_ = OwnedFd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    write_ = OwnedFd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  }
  File reader() { return File::from_fd(std::move(read_)); }
  void send(std::string_view text) {
    EXPECT_EQ(::write(write_.raw(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }

 private:
  OwnedFd read_;
  OwnedFd write_;
};

TEST(FS47, TheKernelNeverWritesIntoMemoryThatIsGone) {
  const TemporaryDirectory dir;
  Fifo fifo(dir / "fifo");
  runtime::Runtime rt = current_thread();
  rt.block_on([](Fifo& pipe) -> Task<> {
    {
      File file = pipe.reader();
      std::vector<char> room(1000);
      EXPECT_FALSE(co_await read_once(file, room));
    }
    // On the pool the reading goes on and needs an answer.
    pipe.send("late");
    for (int i = 0; i < 10; ++i) co_await yield_now();
  }(fifo));
}

TEST(FS47, ADestroyedReadIsCancelledInTheKernel) {
  if (!kernel_has_ring()) GTEST_SKIP() << "no io_uring: FS42 shows what is done then";
  const ChosenBackEnd ring("1");
  const TemporaryDirectory dir;
  Fifo fifo(dir / "fifo");
  const ProcessUsage before = ProcessUsage::now();
  {
    runtime::Runtime rt = current_thread();
    rt.block_on([](Fifo& pipe) -> Task<> {
      File file = pipe.reader();
      std::vector<char> room(10);
      EXPECT_FALSE(co_await read_once(file, room));
    }(fifo));
    // Nobody sends anything: without cancelling, the runtime would wait for ever.
  }
  EXPECT_EQ(ProcessUsage::now().descriptors, before.descriptors - 1);
}

TEST(FS13, ADestroyedReadOfTheRingLosesNothing) {
  const TemporaryDirectory dir;
  Fifo fifo(dir / "fifo");
  runtime::Runtime rt = current_thread();
  rt.block_on([](Fifo& pipe) -> Task<> {
    File file = pipe.reader();
    std::array<char, 8> room{};
    EXPECT_FALSE(co_await read_once(file, room));
    pipe.send("hello");
    EXPECT_EQ(co_await read_some(file, 3), "hel");
    EXPECT_EQ(co_await read_some(file, 8), "lo");
  }(fifo));
}

TEST(FS48, DescriptorsOfAbortedOpensAreClosed) {
  const TemporaryDirectory dir;
  make_file(dir / "file");
  const ProcessUsage before = ProcessUsage::now();
  with_every_runtime([&](runtime::Runtime& rt) {
    rt.block_on([](const TemporaryDirectory& in) -> Task<> {
      for (int i = 0; i < 128; ++i) {
        // Started, and destroyed while it is under way, or done and not looked at.
        auto opening =
            internal::open(in / "file", O_RDWR | O_CLOEXEC, 0, std::source_location::current());
        auto leaf = opening.operator co_await();
        co_await poll_fn([&leaf](Context& cx) -> Poll<> {
          static_cast<void>(leaf.node().poll(cx));
          return Poll<>();
        });
        if (i % 2 == 0) co_await yield_now();
      }
    }(dir));
  });
  EXPECT_EQ(ProcessUsage::now().descriptors, before.descriptors);
}

TEST(FS49, MoreOperationsThanTheRingHasRoom) {
  const TemporaryDirectory dir;
  make_file(dir / "file", "hello");
  with_every_runtime([&](runtime::Runtime& rt) {
    rt.block_on([](const TemporaryDirectory& in) -> Task<> {
      std::vector<JoinHandle<Result<Metadata>>> handles;
      for (int i = 0; i < 3000; ++i) handles.push_back(spawn(fs::metadata(in / "file")));
      for (auto& handle : handles) {
        const auto facts = co_await handle;
        EXPECT_EQ(facts.value().value().size(), 5u);
      }
    }(dir));
  });
}

TEST(FS49, WhatTheKernelRefusesGoesToThePool) {
  const ChosenBackEnd ring("1");
  const TemporaryDirectory dir;
  sys::Table table = without_cache();
  table.io_uring_enter = [](int, unsigned submit, unsigned, unsigned) {
    if (submit == 0) return 0;
    errno = EAGAIN;
    return -1;
  };
  const sys::TableScope scope(table);
  current_thread().block_on([](const TemporaryDirectory& in) -> Task<> {
    File file = (co_await File::create_new(in / "file")).value();
    EXPECT_TRUE(co_await file.write_all("hello"));
    EXPECT_TRUE(co_await file.flush());
    EXPECT_EQ((co_await fs::read_to_string(in / "file")).value(), "hello");
  }(dir));
}

TEST(FS51, ARuntimeEndsWithManyReadsInFlight) {
  const TemporaryDirectory dir;
  make_file(dir / "file", std::string(100'000, 'x'));
  with_every_runtime([&](runtime::Runtime& rt) {
    rt.block_on([](const TemporaryDirectory& in) -> Task<> {
      for (int i = 0; i < 100; ++i) spawn(fs::read(in / "file"));
      for (int i = 0; i < 100; ++i) spawn(fs::write(in / std::to_string(i), "x"));
      co_await yield_now();
    }(dir));
  });
}

TEST(FS51, AlsoOnAnotherThread) {
  const TemporaryDirectory dir;
  make_file(dir / "file", std::string(100'000, 'x'));
  test_support::on_every_kind([&](runtime::Runtime& rt) {
    rt.block_on([](const TemporaryDirectory& in) -> Task<> {
      for (int i = 0; i < 100; ++i) spawn(fs::read(in / "file"));
      co_await yield_now();
    }(dir));
    std::thread([moved = std::move(rt)]() mutable { const auto ended = std::move(moved); }).join();
    rt = current_thread();
  });
}

TEST(FS51, AcceptedWritesAreMadeWhenTheRuntimeEnds) {
  const TemporaryDirectory dir;
  const std::string large(5'000'000, 'x');
  {
    runtime::Runtime rt = current_thread();
    rt.block_on([](const TemporaryDirectory& in, const std::string& text) -> Task<> {
      File file = (co_await File::create(in / "file")).value();
      EXPECT_TRUE(co_await file.write_all(text));
    }(dir, large));
  }
  EXPECT_EQ(content_of(dir / "file").size(), large.size());
}

TEST(FS52, AnOperationStaysWithItsRuntime) {
  const TemporaryDirectory dir;
  Fifo fifo(dir / "fifo");
  runtime::Runtime first = test_support::multi_thread(1);
  runtime::Runtime second = current_thread();
  File file = fifo.reader();
  std::array<char, 8> room{};
  first.block_on([](File& reader, std::span<char> out) -> Task<> {
    EXPECT_FALSE(co_await read_once(reader, out));
  }(file, room));
  fifo.send("hello");
  second.block_on(
      [](File& reader) -> Task<> { EXPECT_EQ(co_await read_some(reader, 8), "hello"); }(file));
}

}  // namespace
}  // namespace weft::fs
