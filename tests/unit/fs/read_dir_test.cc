// ReadDir: entries, chunks, errors.

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <set>
#include <string>
#include <sys/syscall.h>
#include <system_error>
#include <vector>

#include <tests/unit/fs/fs_support.h>
#include <weft/base/sys_table.h>
#include <weft/runtime/spawn.h>

namespace weft::fs {
namespace {

using test_support::current_thread;

Task<std::multiset<std::string>> names_in(Path path) {
  std::multiset<std::string> names;
  ReadDir dir = (co_await fs::read_dir(path)).value();
  for (;;) {
    const auto entry = (co_await dir.next_entry()).value();
    if (!entry) co_return names;
    names.insert(entry->file_name());
  }
}

TEST(FS38, AllNamesButDotAndDotDot) {
  const TemporaryDirectory dir;
  std::multiset<std::string> expected;
  for (int i = 0; i < 1000; ++i) {
    make_file(dir / std::to_string(i));
    expected.insert(std::to_string(i));
  }
  on_every_runtime(
      [](const TemporaryDirectory& in, std::multiset<std::string> names) -> Task<> {
        EXPECT_EQ(co_await names_in(in.path()), names);
      },
      std::cref(dir).get(), expected);
}

TEST(FS38, AnEmptyDirectoryHasNone) {
  const TemporaryDirectory dir;
  current_thread().block_on([](const TemporaryDirectory& in) -> Task<> {
    ReadDir read = (co_await fs::read_dir(in.path())).value();
    EXPECT_FALSE((co_await read.next_entry()).value());
    EXPECT_FALSE((co_await read.next_entry()).value());
  }(dir));
}

TEST(FS38, WhatIsNoDirectoryIsAnError) {
  const TemporaryDirectory dir;
  make_file(dir / "file");
  current_thread().block_on([](const TemporaryDirectory& in) -> Task<> {
    EXPECT_EQ((co_await fs::read_dir(in / "file")).error(), std::errc::not_a_directory);
    EXPECT_EQ((co_await fs::read_dir(in / "none")).error(), std::errc::no_such_file_or_directory);
  }(dir));
}

auto next_once(ReadDir& dir) {
  return once([&dir](Context& cx) { return dir.poll_next_entry(cx); });
}

// The first chunk came with the opening; entry 33 needs a job.
TEST(FS38, ThirtyTwoEntriesComeWithoutAJob) {
  const TemporaryDirectory dir;
  for (int i = 0; i < 40; ++i) make_file(dir / std::to_string(i));
  runtime::Runtime rt =
      runtime::Builder::new_current_thread().max_blocking_threads(1).build().value();
  rt.block_on([](const TemporaryDirectory& in) -> Task<> {
    ReadDir read = (co_await fs::read_dir(in.path())).value();
    test_support::Event gate;
    auto holder = spawn_blocking([&gate] { gate.wait(); });
    for (int i = 0; i < 32; ++i) EXPECT_TRUE(co_await next_once(read));
    EXPECT_FALSE(co_await next_once(read));
    gate.set();
    // FS-39: the wait that was given up has not lost anything.
    int rest = 0;
    while ((co_await read.next_entry()).value()) ++rest;
    EXPECT_EQ(rest, 8);
    static_cast<void>(co_await holder);
  }(dir));
}

TEST(FS39, AWaitThatIsGivenUpSkipsNothing) {
  const TemporaryDirectory dir;
  for (int i = 0; i < 100; ++i) make_file(dir / std::to_string(i));
  current_thread().block_on([](const TemporaryDirectory& in) -> Task<> {
    ReadDir read = (co_await fs::read_dir(in.path())).value();
    std::set<std::string> names;
    for (;;) {
      // Once in vain, where a chunk begins.
      auto polled = co_await next_once(read);
      if (!polled) polled = co_await read.next_entry();
      const auto& entry = *polled;
      if (!*entry) break;
      EXPECT_TRUE(names.insert((*entry)->file_name()).second);
    }
    EXPECT_EQ(names.size(), 100u);
  }(dir));
}

std::atomic<int> listings{0};

TEST(FS39, AnErrorEndsItsChunkAndNotTheRest) {
  const TemporaryDirectory dir;
  for (int i = 0; i < 10; ++i) make_file(dir / std::to_string(i));
  static sys::Table table;
  listings = 0;
  // A record at a time is enough room for one or two names; the third call fails.
  table.getdents64 = [](int fd, void* out, std::size_t) -> ssize_t {
    if (listings.fetch_add(1) == 2) {
      errno = EIO;
      return -1;
    }
    return ::syscall(SYS_getdents64, fd, out, std::size_t{64});
  };
  runtime::Runtime rt = runtime::Builder::new_current_thread()
                            .on_thread_start([] { sys::set_table(&table); })
                            .build()
                            .value();
  rt.block_on([](const TemporaryDirectory& in) -> Task<> {
    ReadDirStream all((co_await fs::read_dir(in.path())).value());
    int names = 0;
    int errors = 0;
    for (;;) {
      const std::optional<Result<DirEntry>> entry = co_await all.next();
      if (!entry) break;
      ++(*entry ? names : errors);
      EXPECT_TRUE(*entry || entry->error() == std::errc::io_error);
    }
    EXPECT_EQ(names, 10);
    EXPECT_EQ(errors, 1);
  }(dir));
}

TEST(FS40, AnEntryKnowsItsPathNameAndNumber) {
  const TemporaryDirectory dir;
  make_file(dir / "file", "hello");
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        std::optional<DirEntry> entry;
        {
          ReadDir read = (co_await fs::read_dir(in.path())).value();
          entry = (co_await read.next_entry()).value();
        }
        EXPECT_EQ(entry->path(), in / "file");
        EXPECT_EQ(entry->file_name(), "file");
        const Metadata facts = (co_await entry->metadata()).value();
        EXPECT_EQ(facts.size(), 5u);
        EXPECT_EQ(entry->ino(), facts.ino());
        EXPECT_TRUE((co_await entry->file_type()).value().is_file());
      },
      std::cref(dir).get());
}

TEST(FS40, MetadataAndTypeAreThoseOfALinkItself) {
  const TemporaryDirectory dir;
  std::filesystem::create_symlink("/", dir / "link");
  current_thread().block_on([](const TemporaryDirectory& in) -> Task<> {
    ReadDir read = (co_await fs::read_dir(in.path())).value();
    const DirEntry entry = (co_await read.next_entry()).value().value();
    EXPECT_TRUE((co_await entry.metadata()).value().is_symlink());
    EXPECT_TRUE((co_await entry.file_type()).value().is_symlink());
  }(dir));
}

TEST(FS40, TheTypeIsRememberedFromTheListing) {
  const TemporaryDirectory dir;
  std::filesystem::create_directory(dir / "sub");
  current_thread().block_on([](const TemporaryDirectory& in) -> Task<> {
    ReadDir read = (co_await fs::read_dir(in.path())).value();
    const DirEntry entry = (co_await read.next_entry()).value().value();
    std::filesystem::remove(in / "sub");
    EXPECT_TRUE((co_await entry.file_type()).value().is_dir());
    EXPECT_EQ((co_await entry.metadata()).error(), std::errc::no_such_file_or_directory);
  }(dir));
}

// What file systems do that do not tell: asked for then.
TEST(FS40, AnUnknownTypeIsAskedFor) {
  const TemporaryDirectory dir;
  std::filesystem::create_directory(dir / "sub");
  current_thread().block_on([](const TemporaryDirectory& in) -> Task<> {
    const DirEntry entry(std::make_shared<const Path>(in.path()), "sub", 1, std::nullopt);
    EXPECT_TRUE((co_await entry.file_type()).value().is_dir());
  }(dir));
}

TEST(FS41, ALostJobIsAnErrorAgainAndAgain) {
  const TemporaryDirectory dir;
  for (int i = 0; i < 40; ++i) make_file(dir / std::to_string(i));
  std::optional<ReadDir> read;
  std::optional<runtime::Runtime> rt(current_thread());
  const runtime::Handle handle = rt->handle();
  rt->block_on([](const TemporaryDirectory& in, std::optional<ReadDir>& out) -> Task<> {
    out.emplace((co_await fs::read_dir(in.path())).value());
  }(dir, read));
  rt.reset();
  const auto guard = handle.enter();
  const Waker waker = Waker::noop();
  Context cx(waker);
  for (int i = 0; i < 32; ++i) EXPECT_TRUE((*read->poll_next_entry(cx)).value());
  for (int i = 0; i < 3; ++i) EXPECT_EQ((*read->poll_next_entry(cx)).error(), Errc::other);
}

}  // namespace
}  // namespace weft::fs
