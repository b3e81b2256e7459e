// What goes wrong outside: full and vanished directories, descriptors that run out, rights.

#include <array>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/mount.h>
#include <sys/wait.h>
#include <system_error>
#include <vector>

#include <tests/support/process_usage.h>
#include <tests/unit/fs/fs_support.h>
#include <weft/runtime/spawn.h>

namespace weft::fs {
namespace {

using test_support::current_thread;

// A file system of 64 KiB in a directory of its own.
class SmallFileSystem {
 public:
  SmallFileSystem() {
    if (::mount("none", directory_.path().c_str(), "tmpfs", 0, "size=64k") != 0) error_ = errno;
  }
  ~SmallFileSystem() {
    if (error_ == 0) ::umount2(directory_.path().c_str(), MNT_DETACH);
  }
  SmallFileSystem(const SmallFileSystem&) = delete;
  SmallFileSystem& operator=(const SmallFileSystem&) = delete;

  // Of mount(2), 0 for none.
  int error() const { return error_; }
  void make_read_only() {
    EXPECT_EQ(
        ::mount("none", directory_.path().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "size=64k"), 0);
  }
  Path operator/(std::string_view name) const { return directory_ / name; }

 private:
  TemporaryDirectory directory_;
  int error_ = 0;
};

TEST(FS63, AFullDiskIsReportedAndTheRuntimeGoesOn) {
  const SmallFileSystem disk;
  if (disk.error() != 0) GTEST_SKIP() << "mount: errno " << disk.error();
  on_every_runtime(
      [](const SmallFileSystem& in) -> Task<> {
        const std::string large(256 * 1024, 'x');
        EXPECT_EQ((co_await fs::write(in / "file", large)).error(), std::errc::no_space_on_device);
        File file = (co_await File::create(in / "file")).value();
        const Result<void> written = co_await file.write_all(large);
        const Result<void> flushed = co_await file.flush();
        // At the first write after the failure, or at the end.
        EXPECT_EQ((written ? flushed : written).error(), std::errc::no_space_on_device);
        EXPECT_TRUE(co_await file.set_len(0));
        EXPECT_TRUE(co_await file.rewind());
        EXPECT_TRUE(co_await file.write_all("fits"));
        EXPECT_TRUE(co_await std::move(file).close());
        EXPECT_EQ(content_of(in / "file"), "fits");
        EXPECT_TRUE(co_await fs::remove_file(in / "file"));
      },
      std::cref(disk).get());
}

TEST(FS63, AReadOnlyFileSystemIsReported) {
  SmallFileSystem disk;
  if (disk.error() != 0) GTEST_SKIP() << "mount: errno " << disk.error();
  make_file(disk / "file", "hello");
  disk.make_read_only();
  on_every_runtime(
      [](const SmallFileSystem& in) -> Task<> {
        const Error read_only(std::errc::read_only_file_system);
        EXPECT_EQ((co_await File::create(in / "new")).error(), read_only);
        EXPECT_EQ((co_await fs::write(in / "file", "x")).error(), read_only);
        EXPECT_EQ((co_await fs::remove_file(in / "file")).error(), read_only);
        EXPECT_EQ((co_await fs::rename(in / "file", in / "other")).error(), read_only);
        EXPECT_EQ((co_await fs::create_dir(in / "dir")).error(), read_only);
        EXPECT_EQ((co_await fs::read_to_string(in / "file")).value(), "hello");
      },
      std::cref(disk).get());
}

TEST(FS63, ADirectoryThatVanishes) {
  on_every_runtime([]() -> Task<> {
    const TemporaryDirectory in;
    std::filesystem::create_directory(in / "dir");
    make_file(in / "dir" / "file", "hello");
    File file = (co_await File::open(in / "dir" / "file")).value();
    ReadDir listing = (co_await fs::read_dir(in / "dir")).value();
    EXPECT_TRUE(co_await fs::remove_dir_all(in / "dir"));
    const Error gone(std::errc::no_such_file_or_directory);
    EXPECT_EQ((co_await File::open(in / "dir" / "file")).error(), gone);
    EXPECT_EQ((co_await fs::read_dir(in / "dir")).error(), gone);
    EXPECT_EQ((co_await fs::write(in / "dir" / "file", "x")).error(), gone);
    // What is open stays.
    EXPECT_EQ(co_await read_some(file, 10), "hello");
    const auto entry = (co_await listing.next_entry()).value();
    EXPECT_TRUE(entry && entry->file_name() == "file");
    const Result<Metadata> facts = co_await entry.value().metadata();
    EXPECT_EQ(facts.error(), gone);
  });
}

TEST(FS63, DescriptorsThatRunOut) {
  const TemporaryDirectory dir;
  make_file(dir / "file", "hello");
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        static_cast<void>(co_await fs::metadata(in / "file"));  // what the back end needs
        {
          const test_support::NoMoreDescriptors none;
          EXPECT_EQ((co_await File::open(in / "file")).error(), std::errc::too_many_files_open);
          EXPECT_EQ((co_await fs::read(in / "file")).error(), std::errc::too_many_files_open);
          EXPECT_EQ((co_await fs::read_dir(in.path())).error(), std::errc::too_many_files_open);
          EXPECT_EQ((co_await fs::metadata(in / "file")).value().size(), 5u);
        }
        EXPECT_EQ((co_await fs::read_to_string(in / "file")).value(), "hello");
      },
      std::cref(dir).get());
}

std::atomic<int> interruptions{0};
bool is_interrupted() {
  if (interruptions.fetch_add(1) % 2 != 0) return false;
  errno = EINTR;
  return true;
}

TEST(FS63, InterruptedCallsAreMadeAgain) {
  const TemporaryDirectory dir;
  const ChosenBackEnd pool("0");
  static sys::Table table = without_cache();
  table.openat = [](int directory, const char* path, int flags, ::mode_t mode) {
    return is_interrupted() ? -1 : ::openat(directory, path, flags, mode);
  };
  table.read = [](int fd, void* out, std::size_t size) -> ssize_t {
    return is_interrupted() ? -1 : ::read(fd, out, size);
  };
  table.writev = [](int fd, const ::iovec* in, int count) -> ssize_t {
    return is_interrupted() ? -1 : ::writev(fd, in, count);
  };
  table.pwrite = [](int fd, const void* in, std::size_t size, ::off_t at) -> ssize_t {
    return is_interrupted() ? -1 : ::pwrite(fd, in, size, at);
  };
  table.pread = [](int fd, void* out, std::size_t size, ::off_t at) -> ssize_t {
    return is_interrupted() ? -1 : ::pread(fd, out, size, at);
  };
  table.fsync = [](int fd) { return is_interrupted() ? -1 : ::fsync(fd); };
  table.ftruncate = [](int fd, ::off_t size) {
    return is_interrupted() ? -1 : ::ftruncate(fd, size);
  };
  runtime::Runtime rt = runtime::Builder::new_current_thread()
                            .on_thread_start([] { sys::set_table(&table); })
                            .build()
                            .value();
  interruptions = 0;
  const sys::TableScope scope(table);
  rt.block_on([](const TemporaryDirectory& in) -> Task<> {
    File file = (co_await File::create_new(in / "file")).value();
    EXPECT_TRUE(co_await file.write_all("hello"));
    EXPECT_TRUE(co_await file.sync_all());
    EXPECT_TRUE(co_await file.set_len(4));
    EXPECT_EQ((co_await file.write_at("Y", 1)).value(), 1u);
    EXPECT_TRUE(co_await file.rewind());
    EXPECT_EQ(co_await read_some(file, 10), "hYll");
    std::array<std::byte, 2> room{};
    EXPECT_EQ((co_await file.read_at(room, 2)).value(), 2u);
  }(dir));
  EXPECT_GE(interruptions.load(), 12);
}

TEST(FS63, TenThousandFilesAtOnce) {
  static constexpr int kFiles = 10'000;
  const TemporaryDirectory dir;
  for (int i = 0; i < kFiles; ++i) make_file(dir / std::to_string(i), std::to_string(i));
  runtime::Runtime rt = test_support::multi_thread(2);
  rt.block_on([](const TemporaryDirectory& in) -> Task<> {
    std::vector<JoinHandle<bool>> handles;
    handles.reserve(kFiles);
    for (int i = 0; i < kFiles; ++i) {
      handles.push_back(spawn(
          [](Path path) -> Task<bool> {
            const Result<std::string> text = co_await fs::read_to_string(path);
            co_return text && *text == path.filename();
          },
          in / std::to_string(i)));
    }
    int right = 0;
    for (auto& handle : handles) {
      const auto joined = co_await handle;
      right += *joined ? 1 : 0;
    }
    EXPECT_EQ(right, kFiles);
  }(dir));
}

// In a child that is nobody, with a runtime of its own.
int access_as_nobody(const Path& secret, const Path& closed_directory) {
  if (::setgid(65534) != 0 || ::setuid(65534) != 0) return 2;
  runtime::Runtime rt = current_thread();
  return rt.block_on([](Path file, Path directory) -> Task<int> {
    const Error denied(std::errc::permission_denied);
    const bool all = (co_await File::open(file)).error() == denied &&
                     (co_await fs::read(file)).error() == denied &&
                     (co_await fs::metadata(directory / "x")).error() == denied &&
                     (co_await fs::try_exists(directory / "x")).error() == denied &&
                     (co_await fs::read_dir(directory)).error() == denied &&
                     (co_await fs::remove_file(directory / "x")).error() == denied &&
                     (co_await fs::set_permissions(file, Permissions::from_mode(0777))).error() ==
                         std::errc::operation_not_permitted;
    co_return all ? 0 : 1;
  }(secret, closed_directory));
}

TEST(FS63, MissingRightsAreReported) {
  if (::getuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  const TemporaryDirectory dir;
  std::filesystem::permissions(dir.path(), std::filesystem::perms(0755));
  make_file(dir / "secret", "x");
  EXPECT_EQ(::chmod((dir / "secret").c_str(), 0600), 0);
  std::filesystem::create_directory(dir / "closed");
  EXPECT_EQ(::chmod((dir / "closed").c_str(), 0700), 0);
  const ::pid_t child = ::fork();
  if (child == 0) ::_exit(access_as_nobody(dir / "secret", dir / "closed"));
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace weft::fs
