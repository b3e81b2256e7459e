// Whole-path operations.

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <vector>

#include <tests/unit/fs/fs_support.h>
#include <weft/base/sys_table.h>
#include <weft/runtime/join.h>

namespace weft::fs {
namespace {

using test_support::current_thread;

// Runs `test` in a new directory on each kind of runtime.
template <class F>
void in_directory(F test) {
  with_every_runtime([&](runtime::Runtime& rt) {
    const TemporaryDirectory dir;
    rt.block_on(test(dir));
  });
}

std::string text_of(const std::vector<std::byte>& bytes) {
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

TEST(FS30, ReadYieldsAllBytes) {
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    for (const std::size_t size : {0u, 1u, 31u, 32u, 33u, 4096u, 1'000'000u}) {
      const std::string content(size, 'x');
      make_file(in / "file", content);
      EXPECT_EQ(text_of((co_await fs::read(in / "file")).value()), content);
    }
    EXPECT_EQ((co_await fs::read(in / "none")).error(), std::errc::no_such_file_or_directory);
    EXPECT_EQ((co_await fs::read(in.path())).error(), std::errc::is_a_directory);
  });
}

TEST(FS30, ReadFilesThatSayTheyAreEmpty) {
  in_directory([](const TemporaryDirectory&) -> Task<> {
    const std::string limits = (co_await fs::read_to_string("/proc/self/limits")).value();
    EXPECT_NE(limits.find("Max open files"), std::string::npos);
  });
}

TEST(FS30, ReadToStringRefusesWhatIsNoText) {
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    make_file(in / "text", "gr\xc3\xbc\xc3\x9f");
    make_file(in / "bytes", "gr\xfc\xdf");
    EXPECT_EQ((co_await fs::read_to_string(in / "text")).value(), "gr\xc3\xbc\xc3\x9f");
    EXPECT_EQ((co_await fs::read_to_string(in / "bytes")).error(), Errc::invalid_data);
  });
}

TEST(FS30, WriteMakesOrReplaces) {
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    EXPECT_TRUE(co_await fs::write(in / "file", "a long text"));
    EXPECT_EQ(content_of(in / "file"), "a long text");
    EXPECT_TRUE(co_await fs::write(in / "file", std::as_bytes(std::span("short", 5))));
    EXPECT_EQ(content_of(in / "file"), "short");
    EXPECT_TRUE(co_await fs::write(in / "file", ""));
    EXPECT_EQ(content_of(in / "file"), "");
    EXPECT_EQ((co_await fs::write(in / "no" / "file", "x")).error(),
              std::errc::no_such_file_or_directory);
    const std::string large(3'000'000, 'y');
    EXPECT_TRUE(co_await fs::write(in / "file", large));
    EXPECT_EQ(content_of(in / "file"), large);
  });
}

TEST(FS30, WriteCopiesTheData) {
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    std::optional<Task<Result<void>>> writing;
    {
      const std::string gone(100, 'x');
      writing.emplace(fs::write(in / "file", gone));
    }
    EXPECT_TRUE(co_await *std::move(writing));
    EXPECT_EQ(content_of(in / "file"), std::string(100, 'x'));
  });
}

TEST(FS30, TheModeOfANewFileIs0666LessTheUmask) {
  const ::mode_t before = ::umask(026);
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    EXPECT_TRUE(co_await fs::write(in / "file", "x"));
    EXPECT_EQ(mode_of(in / "file"), 0640u);
  });
  ::umask(before);
}

TEST(FS31, CopyCopiesContentsAndPermissions) {
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    make_file(in / "from", "hello");
    make_file(in / "to", "something longer");
    EXPECT_EQ(::chmod((in / "from").c_str(), 0444), 0);
    EXPECT_EQ((co_await fs::copy(in / "from", in / "to")).value(), 5u);
    EXPECT_EQ(content_of(in / "to"), "hello");
    EXPECT_EQ(mode_of(in / "to"), 0444u);
    EXPECT_EQ((co_await fs::copy(in / "from", in / "new")).value(), 5u);
    EXPECT_TRUE((co_await fs::metadata(in / "new")).value().permissions().readonly());
    make_file(in / "empty");
    EXPECT_EQ((co_await fs::copy(in / "empty", in / "empty copy")).value(), 0u);
  });
}

TEST(FS31, TheSourceIsAnOrdinaryFile) {
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    EXPECT_EQ((co_await fs::copy(in.path(), in / "to")).error(), std::errc::invalid_argument);
    EXPECT_EQ((co_await fs::copy("/dev/zero", in / "to")).error(), std::errc::invalid_argument);
    EXPECT_EQ((co_await fs::copy(in / "none", in / "to")).error(),
              std::errc::no_such_file_or_directory);
    EXPECT_FALSE(std::filesystem::exists(in / "to"));
  });
}

sys::Table copying_by(bool sendfile_works) {
  sys::Table table;
  table.copy_file_range = [](int, int, std::size_t) -> ssize_t {
    errno = EXDEV;
    return -1;
  };
  if (!sendfile_works) {
    table.sendfile = [](int, int, std::size_t) -> ssize_t {
      errno = EINVAL;
      return -1;
    };
  }
  return table;
}

TEST(FS31, FallsBackWhereTheKernelCannotCopyByItself) {
  for (const bool sendfile_works : {true, false}) {
    static sys::Table table;
    table = copying_by(sendfile_works);
    runtime::Runtime rt = runtime::Builder::new_current_thread()
                              .on_thread_start([] { sys::set_table(&table); })
                              .build()
                              .value();
    const TemporaryDirectory dir;
    make_file(dir / "from", std::string(200'000, 'x'));
    rt.block_on([](const TemporaryDirectory& in) -> Task<> {
      EXPECT_EQ((co_await fs::copy(in / "from", in / "to")).value(), 200'000u);
    }(dir));
    EXPECT_EQ(content_of(dir / "to"), content_of(dir / "from"));
  }
}

TEST(FS31, FilesOfProcAreNotEmpty) {
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    EXPECT_GT((co_await fs::copy("/proc/self/limits", in / "to")).value(), 100u);
    EXPECT_NE(content_of(in / "to").find("Max open files"), std::string::npos);
  });
}

TEST(FS32, RenameReplacesFilesAndMovesDirectories) {
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    make_file(in / "a", "a");
    make_file(in / "b", "b");
    EXPECT_TRUE(co_await fs::rename(in / "a", in / "b"));
    EXPECT_EQ(content_of(in / "b"), "a");
    EXPECT_FALSE(std::filesystem::exists(in / "a"));
    std::filesystem::create_directories(in / "dir" / "sub");
    EXPECT_TRUE(co_await fs::rename(in / "dir", in / "moved"));
    EXPECT_TRUE(std::filesystem::exists(in / "moved" / "sub"));
  });
}

TEST(FS32, RenameSaysWhatIsWrong) {
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    EXPECT_EQ((co_await fs::rename(in / "none", in / "b")).error(),
              std::errc::no_such_file_or_directory);
    EXPECT_EQ((co_await fs::rename(in / std::string(300, 'x'), in / "none")).error(),
              std::errc::filename_too_long);
  });
}

// Where it lies; 0 if there is none.
::dev_t file_system_of(const Path& path) {
  struct ::stat facts{};
  return ::stat(path.c_str(), &facts) == 0 ? facts.st_dev : 0;
}

TEST(FS32, RenameLeavesNoFileSystem) {
  const Path elsewhere = "/dev/shm";
  const ::dev_t other = file_system_of(elsewhere);
  if (other == 0 || other == file_system_of(std::filesystem::temp_directory_path())) {
    GTEST_SKIP() << "no second file system in " << elsewhere;
  }
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    make_file(in / "file");
    EXPECT_EQ((co_await fs::rename(in / "file", "/dev/shm/weft-fs-elsewhere")).error(),
              std::errc::cross_device_link);
  });
}

TEST(FS33, RemoveFileRemovesTheLinkItself) {
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    make_file(in / "file", "x");
    std::filesystem::create_symlink("file", in / "link");
    EXPECT_TRUE(co_await fs::remove_file(in / "link"));
    EXPECT_EQ(content_of(in / "file"), "x");
    EXPECT_TRUE(co_await fs::remove_file(in / "file"));
    EXPECT_EQ((co_await fs::remove_file(in / "file")).error(),
              std::errc::no_such_file_or_directory);
    EXPECT_EQ((co_await fs::remove_file(in.path())).error(), std::errc::is_a_directory);
  });
}

TEST(FS33, RemoveDirRemovesEmptyOnes) {
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    std::filesystem::create_directories(in / "dir" / "sub");
    EXPECT_EQ((co_await fs::remove_dir(in / "dir")).error(), std::errc::directory_not_empty);
    EXPECT_TRUE(co_await fs::remove_dir(in / "dir" / "sub"));
    EXPECT_TRUE(co_await fs::remove_dir(in / "dir"));
    make_file(in / "file");
    EXPECT_EQ((co_await fs::remove_dir(in / "file")).error(), std::errc::not_a_directory);
  });
}

TEST(FS33, RemoveDirAllRemovesTreesAndFollowsNoLink) {
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    std::filesystem::create_directories(in / "kept" / "sub");
    make_file(in / "kept" / "file", "x");
    std::filesystem::create_directories(in / "tree" / "a" / "b" / "c");
    for (int i = 0; i < 100; ++i) make_file(in / "tree" / "a" / std::to_string(i));
    std::filesystem::create_symlink(in / "kept", in / "tree" / "a" / "link");
    std::filesystem::create_symlink("nowhere", in / "tree" / "dangling");
    EXPECT_TRUE(co_await fs::remove_dir_all(in / "tree"));
    EXPECT_FALSE(std::filesystem::exists(in / "tree"));
    EXPECT_EQ(content_of(in / "kept" / "file"), "x");
    // A link as the argument.
    std::filesystem::create_symlink(in / "kept", in / "link");
    EXPECT_TRUE(co_await fs::remove_dir_all(in / "link"));
    EXPECT_FALSE(std::filesystem::is_symlink(in / "link"));
    EXPECT_EQ(content_of(in / "kept" / "file"), "x");
    EXPECT_EQ((co_await fs::remove_dir_all(in / "kept" / "file")).error(),
              std::errc::not_a_directory);
    EXPECT_EQ((co_await fs::remove_dir_all(in / "none")).error(),
              std::errc::no_such_file_or_directory);
  });
}

// A link put in the place of a directory between the moment it was listed and the moment it is
// opened must not be followed.
TEST(FS33, ADirectoryExchangedForALinkIsNotFollowed) {
  const TemporaryDirectory dir;
  std::filesystem::create_directories(dir / "kept");
  make_file(dir / "kept" / "file", "x");
  std::filesystem::create_directories(dir / "tree" / "sub");
  static std::string root;
  root = dir.path().string();
  static sys::Table table;
  table.openat = [](int directory, const char* path, int flags, ::mode_t mode) {
    if (std::string_view(path) == "sub") {
      std::filesystem::remove(root + "/tree/sub");
      std::filesystem::create_symlink(root + "/kept", root + "/tree/sub");
    }
    return ::openat(directory, path, flags, mode);
  };
  runtime::Runtime rt = runtime::Builder::new_current_thread()
                            .on_thread_start([] { sys::set_table(&table); })
                            .build()
                            .value();
  rt.block_on([](const TemporaryDirectory& in) -> Task<> {
    EXPECT_TRUE(co_await fs::remove_dir_all(in / "tree"));
  }(dir));
  EXPECT_FALSE(std::filesystem::exists(dir / "tree"));
  EXPECT_EQ(content_of(dir / "kept" / "file"), "x");
}

TEST(FS34, CreateDirMakesOne) {
  const ::mode_t before = ::umask(022);
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    EXPECT_TRUE(co_await fs::create_dir(in / "dir"));
    EXPECT_EQ(mode_of(in / "dir"), 0755u);
    EXPECT_EQ((co_await fs::create_dir(in / "dir")).error(), std::errc::file_exists);
    EXPECT_EQ((co_await fs::create_dir(in / "no" / "dir")).error(),
              std::errc::no_such_file_or_directory);
  });
  ::umask(before);
}

TEST(FS34, CreateDirAllMakesAllAndIsContentWithWhatExists) {
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    EXPECT_TRUE(co_await fs::create_dir_all(in / "a" / "b" / "c"));
    EXPECT_TRUE(std::filesystem::is_directory(in / "a" / "b" / "c"));
    EXPECT_TRUE(co_await fs::create_dir_all(in / "a" / "b" / "c"));
    EXPECT_TRUE(co_await fs::create_dir_all(in / "a" / "d" / ""));
    EXPECT_TRUE(std::filesystem::is_directory(in / "a" / "d"));
    make_file(in / "file");
    EXPECT_EQ((co_await fs::create_dir_all(in / "file")).error(), std::errc::file_exists);
    EXPECT_EQ((co_await fs::create_dir_all(in / "file" / "dir")).error(),
              std::errc::not_a_directory);
  });
}

TEST(FS34, SeveralMayCreateTheSameAtOnce) {
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    const Path deep = in / "a" / "b" / "c" / "d";
    const auto [a, b, c, d] = co_await join(fs::create_dir_all(deep), fs::create_dir_all(deep),
                                            fs::create_dir_all(deep), fs::create_dir_all(deep));
    EXPECT_TRUE(a && b && c && d);
  });
}

TEST(FS34, TheModeIsThatOfEveryLevel) {
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    DirBuilder builder;
    builder.recursive(true).mode(0700);
    EXPECT_TRUE(co_await builder.create(in / "a" / "b"));
    EXPECT_EQ(mode_of(in / "a"), 0700u);
    EXPECT_EQ(mode_of(in / "a" / "b"), 0700u);
    EXPECT_TRUE(co_await builder.create(in / "a"));
    EXPECT_EQ((co_await DirBuilder().create(in / "a")).error(), std::errc::file_exists);
  });
}

TEST(FS35, LinksAndWhatTheySay) {
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    make_file(in / "file", "x");
    EXPECT_TRUE(co_await fs::symlink("file", in / "soft"));
    EXPECT_EQ((co_await fs::read_link(in / "soft")).value(), Path("file"));
    EXPECT_EQ(content_of(in / "soft"), "x");
    EXPECT_EQ((co_await fs::symlink("x", in / "soft")).error(), std::errc::file_exists);
    EXPECT_EQ((co_await fs::read_link(in / "file")).error(), std::errc::invalid_argument);
    const std::string far(3000, 'x');
    EXPECT_TRUE(co_await fs::symlink(far, in / "far"));
    EXPECT_EQ((co_await fs::read_link(in / "far")).value().string(), far);
    EXPECT_TRUE(co_await fs::hard_link(in / "file", in / "hard"));
    EXPECT_EQ((co_await fs::metadata(in / "file")).value().nlink(), 2u);
    EXPECT_EQ((co_await fs::hard_link(in / "none", in / "b")).error(),
              std::errc::no_such_file_or_directory);
    EXPECT_EQ((co_await fs::hard_link(in / "file", in / "hard")).error(), std::errc::file_exists);
    EXPECT_EQ((co_await fs::hard_link(in.path(), in / "b")).error(),
              std::errc::operation_not_permitted);
  });
}

TEST(FS35, CanonicalizeResolvesEverything) {
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    const Path real = std::filesystem::canonical(in.path());
    std::filesystem::create_directory(in / "dir");
    EXPECT_TRUE(co_await fs::symlink("dir", in / "link"));
    EXPECT_EQ((co_await fs::canonicalize(in / "link" / ".." / "." / "dir")).value(), real / "dir");
    EXPECT_EQ((co_await fs::canonicalize("/")).value(), Path("/"));
    EXPECT_EQ((co_await fs::canonicalize(in / "none")).error(),
              std::errc::no_such_file_or_directory);
  });
}

TEST(FS36, MetadataFollowsLinksAndSymlinkMetadataDoesNot) {
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    make_file(in / "file", "hello");
    std::filesystem::create_symlink("file", in / "link");
    const Metadata followed = (co_await fs::metadata(in / "link")).value();
    EXPECT_TRUE(followed.is_file());
    EXPECT_EQ(followed.size(), 5u);
    const Metadata link = (co_await fs::symlink_metadata(in / "link")).value();
    EXPECT_TRUE(link.is_symlink() && !link.is_file() && !link.is_dir());
    EXPECT_TRUE((co_await fs::metadata(in.path())).value().is_dir());
    EXPECT_TRUE((co_await fs::metadata("/dev/null")).value().file_type().is_char_device());
  });
}

TEST(FS36, MetadataIsWhatTheSystemSays) {
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    make_file(in / "file", "hello");
    struct ::stat expected{};
    EXPECT_EQ(::stat((in / "file").c_str(), &expected), 0);
    const Metadata facts = (co_await fs::metadata(in / "file")).value();
    EXPECT_EQ(facts.mode(), expected.st_mode);
    EXPECT_EQ(facts.uid(), expected.st_uid);
    EXPECT_EQ(facts.gid(), expected.st_gid);
    EXPECT_EQ(facts.ino(), expected.st_ino);
    EXPECT_EQ(facts.dev(), expected.st_dev);
    EXPECT_EQ(facts.nlink(), expected.st_nlink);
    using namespace std::chrono;
    const auto modified = facts.modified().value().time_since_epoch();
    EXPECT_EQ(duration_cast<seconds>(modified).count(), expected.st_mtim.tv_sec);
    EXPECT_EQ((duration_cast<nanoseconds>(modified) % 1s).count(), expected.st_mtim.tv_nsec);
    EXPECT_TRUE(facts.accessed());
  });
}

TEST(FS36, SetPermissionsFollowsLinks) {
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    make_file(in / "file");
    std::filesystem::create_symlink("file", in / "link");
    EXPECT_TRUE(co_await fs::set_permissions(in / "link", Permissions::from_mode(0600)));
    EXPECT_EQ(mode_of(in / "file"), 0600u);
    Permissions permissions = (co_await fs::metadata(in / "file")).value().permissions();
    EXPECT_FALSE(permissions.readonly());
    permissions.set_readonly(true);
    EXPECT_EQ(permissions.mode(), 0400u);
    EXPECT_TRUE(co_await fs::set_permissions(in / "file", permissions));
    EXPECT_EQ(mode_of(in / "file"), 0400u);
    permissions.set_readonly(false);
    EXPECT_EQ(permissions.mode(), 0622u);
  });
}

TEST(FS37, TryExists) {
  in_directory([](const TemporaryDirectory& in) -> Task<> {
    make_file(in / "file");
    std::filesystem::create_symlink("nowhere", in / "dangling");
    std::filesystem::create_symlink("loop", in / "loop");
    EXPECT_TRUE((co_await fs::try_exists(in / "file")).value());
    EXPECT_FALSE((co_await fs::try_exists(in / "none")).value());
    EXPECT_FALSE((co_await fs::try_exists(in / "dangling")).value());
    EXPECT_EQ((co_await fs::try_exists(in / "loop")).error(),
              std::errc::too_many_symbolic_link_levels);
    EXPECT_EQ((co_await fs::try_exists(in / std::string(300, 'x'))).error(),
              std::errc::filename_too_long);
    EXPECT_EQ((co_await fs::try_exists(in / "file" / "x")).error(), std::errc::not_a_directory);
  });
}

}  // namespace
}  // namespace weft::fs
