// OpenOptions: flags, what is refused, what open(2) is asked for.

#include <fcntl.h>
#include <string>
#include <system_error>

#include <tests/unit/fs/fs_support.h>

namespace weft::fs {
namespace {

OpenOptions none() { return File::options(); }

TEST(FS5, EverythingIsOffAndTheModeIs0666) {
  EXPECT_EQ(none().mode(), 0666u);
  EXPECT_EQ(none().flags().error(), std::errc::invalid_argument);
  EXPECT_EQ(none().read(true).flags().value(), O_RDONLY | O_CLOEXEC);
}

TEST(FS5, AValueForAnyNumberOfFiles) {
  const TemporaryDirectory dir;
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        const OpenOptions options = none().write(true).create(true);
        const OpenOptions copy = options;
        EXPECT_TRUE(co_await options.open(in / "a"));
        EXPECT_TRUE(co_await options.open(in / "b"));
        EXPECT_TRUE(co_await copy.open(in / "c"));
      },
      std::cref(dir).get());
  EXPECT_TRUE(std::filesystem::exists(dir / "a"));
  EXPECT_TRUE(std::filesystem::exists(dir / "b"));
  EXPECT_TRUE(std::filesystem::exists(dir / "c"));
}

TEST(FS5, TheModeIsMaskedByTheUmask) {
  const TemporaryDirectory dir;
  const ::mode_t before = ::umask(027);
  test_support::current_thread().block_on([](const TemporaryDirectory& in) -> Task<> {
    EXPECT_TRUE(co_await none().write(true).create(true).open(in / "default"));
    EXPECT_TRUE(co_await none().write(true).create(true).mode(0707).open(in / "own"));
  }(dir));
  ::umask(before);
  EXPECT_EQ(mode_of(dir / "default"), 0640u);
  EXPECT_EQ(mode_of(dir / "own"), 0700u);
}

int access_of(OpenOptions options) { return options.flags().value() & (O_ACCMODE | O_APPEND); }

TEST(FS6, AccessFollowsReadWriteAppend) {
  EXPECT_EQ(access_of(none().read(true)), O_RDONLY);
  EXPECT_EQ(access_of(none().write(true)), O_WRONLY);
  EXPECT_EQ(access_of(none().read(true).write(true)), O_RDWR);
  EXPECT_EQ(access_of(none().append(true)), O_WRONLY | O_APPEND);
  EXPECT_EQ(access_of(none().append(true).write(true)), O_WRONLY | O_APPEND);
  EXPECT_EQ(access_of(none().append(true).read(true)), O_RDWR | O_APPEND);
}

TEST(FS6, NoAccessIsInvalid) {
  EXPECT_EQ(none().flags().error(), std::errc::invalid_argument);
  test_support::current_thread().block_on([]() -> Task<> {
    EXPECT_EQ((co_await none().open("/dev/null")).error(), std::errc::invalid_argument);
  }());
}

TEST(FS7, CreatingNeedsWriteAccess) {
  const Error invalid(std::errc::invalid_argument);
  EXPECT_EQ(none().read(true).truncate(true).flags().error(), invalid);
  EXPECT_EQ(none().read(true).create(true).flags().error(), invalid);
  EXPECT_EQ(none().read(true).create_new(true).flags().error(), invalid);
  EXPECT_TRUE(none().append(true).create(true).flags());
  EXPECT_TRUE(none().append(true).create_new(true).flags());
}

TEST(FS7, AppendingAndTruncatingExcludeEachOther) {
  EXPECT_EQ(none().append(true).truncate(true).flags().error(), std::errc::invalid_argument);
  EXPECT_EQ(none().append(true).write(true).truncate(true).flags().error(),
            std::errc::invalid_argument);
  EXPECT_TRUE(none().append(true).truncate(true).create_new(true).flags());
}

int creation_of(OpenOptions options) {
  return options.flags().value() & (O_CREAT | O_TRUNC | O_EXCL);
}

TEST(FS8, CreationFlags) {
  EXPECT_EQ(creation_of(none().write(true)), 0);
  EXPECT_EQ(creation_of(none().write(true).create(true)), O_CREAT);
  EXPECT_EQ(creation_of(none().write(true).truncate(true)), O_TRUNC);
  EXPECT_EQ(creation_of(none().write(true).create(true).truncate(true)), O_CREAT | O_TRUNC);
  EXPECT_EQ(creation_of(none().write(true).create_new(true)), O_CREAT | O_EXCL);
  EXPECT_EQ(creation_of(none().write(true).create_new(true).create(true).truncate(true)),
            O_CREAT | O_EXCL);
}

TEST(FS9, DescriptorsAreCloseOnExec) {
  const TemporaryDirectory dir;
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        const File file = (co_await File::create(in / "a")).value();
        EXPECT_EQ(::fcntl(file.as_fd().raw(), F_GETFD), FD_CLOEXEC);
      },
      std::cref(dir).get());
}

TEST(FS9, CustomFlagsAddButDoNotChangeTheAccess) {
  EXPECT_EQ(none().read(true).custom_flags(O_NOFOLLOW).flags().value(),
            O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  EXPECT_EQ(none().read(true).custom_flags(O_RDWR).flags().value(), O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(none().write(true).custom_flags(O_RDWR | O_NOFOLLOW).flags().value(),
            O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  EXPECT_EQ(none().custom_flags(O_RDWR).flags().error(), std::errc::invalid_argument);
}

TEST(FS9, APathWithAZeroIsInvalid) {
  const std::string path("/dev/null\0more", 14);
  on_every_runtime(
      [](std::string with_zero) -> Task<> {
        EXPECT_EQ((co_await File::open(with_zero)).error(), std::errc::invalid_argument);
        EXPECT_EQ((co_await fs::metadata(with_zero)).error(), std::errc::invalid_argument);
        EXPECT_EQ((co_await fs::rename(with_zero, "x")).error(), std::errc::invalid_argument);
        EXPECT_EQ((co_await fs::rename("x", with_zero)).error(), std::errc::invalid_argument);
        EXPECT_EQ((co_await fs::remove_file(with_zero)).error(), std::errc::invalid_argument);
        EXPECT_EQ((co_await fs::read(with_zero)).error(), std::errc::invalid_argument);
        EXPECT_EQ((co_await fs::write(with_zero, "x")).error(), std::errc::invalid_argument);
        EXPECT_EQ((co_await fs::copy(with_zero, "x")).error(), std::errc::invalid_argument);
        EXPECT_EQ((co_await fs::create_dir(with_zero)).error(), std::errc::invalid_argument);
        EXPECT_EQ((co_await fs::read_dir(with_zero)).error(), std::errc::invalid_argument);
      },
      path);
}

TEST(FS10, OpenReads) {
  const TemporaryDirectory dir;
  make_file(dir / "a", "content");
  on_every_runtime(
      [](const TemporaryDirectory& in) -> Task<> {
        File file = (co_await File::open(in / "a")).value();
        EXPECT_EQ(co_await read_some(file, 100), "content");
        EXPECT_TRUE(co_await file.write("x"));
        EXPECT_EQ((co_await file.flush()).error(), std::errc::bad_file_descriptor);
        EXPECT_EQ((co_await File::open(in / "none")).error(), std::errc::no_such_file_or_directory);
      },
      std::cref(dir).get());
}

TEST(FS10, CreateMakesOrEmpties) {
  const TemporaryDirectory dir;
  make_file(dir / "a", "content");
  test_support::current_thread().block_on([](const TemporaryDirectory& in) -> Task<> {
    EXPECT_TRUE(co_await File::create(in / "a"));
    EXPECT_TRUE(co_await File::create(in / "b"));
    File file = (co_await File::create(in / "a")).value();
    char byte = 0;
    EXPECT_EQ((co_await file.read(std::span(&byte, 1))).error(), std::errc::bad_file_descriptor);
  }(dir));
  EXPECT_EQ(content_of(dir / "a"), "");
  EXPECT_TRUE(std::filesystem::exists(dir / "b"));
}

TEST(FS10, CreateNewReadsAndWritesAndRefusesWhatExists) {
  const TemporaryDirectory dir;
  make_file(dir / "a", "content");
  test_support::current_thread().block_on([](const TemporaryDirectory& in) -> Task<> {
    EXPECT_EQ((co_await File::create_new(in / "a")).error(), std::errc::file_exists);
    File file = (co_await File::create_new(in / "b")).value();
    EXPECT_TRUE(co_await file.write_all("text"));
    EXPECT_TRUE(co_await file.rewind());
    EXPECT_EQ(co_await read_some(file, 100), "text");
  }(dir));
  EXPECT_EQ(content_of(dir / "a"), "content");
}

}  // namespace
}  // namespace weft::fs
