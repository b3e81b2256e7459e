// What the tests of processes share: scripts, texts, and runtimes to run them in.

#ifndef WEFT_TESTS_UNIT_PROCESS_PROCESS_SUPPORT_H_
#define WEFT_TESTS_UNIT_PROCESS_PROCESS_SUPPORT_H_

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <grp.h>
#include <span>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/runtimes.h>
#include <weft/base/fd.h>
#include <weft/base/sys.h>
#include <weft/process/internal/orphans.h>
#include <weft/process/process.h>
#include <weft/runtime/task.h>

namespace weft::process {

// A shell that carries out `script`.
inline Command sh(std::string script) {
  Command command("/bin/sh");
  command.arg("-c").arg(std::move(script));
  return command;
}

// One that ends as soon as its standard input does.
inline Command cat() {
  Command command("/bin/cat");
  command.stdin_(Stdio::piped()).stdout_(Stdio::piped());
  return command;
}

// One that does not end by itself within any test.
inline Command sleeper() {
  Command command("/bin/sleep");
  command.arg("10000").kill_on_drop(true);
  return command;
}

inline std::string text_of(const std::vector<std::byte>& bytes) {
  std::string text;
  for (const std::byte byte : bytes) text.push_back(static_cast<char>(byte));
  return text;
}

inline Task<std::string> read_all(const internal::PipeReader& pipe) {
  std::string all;
  std::vector<char> room(4096);
  for (;;) {
    const Result<std::size_t> n = co_await pipe.read(std::span<char>(room));
    if (!n || *n == 0) co_return all;
    all.append(room.data(), *n);
  }
}

// Of a blocking pipe, until nobody can write to it.
inline std::string read_all(BorrowedFd pipe) {
  std::string all;
  std::array<std::byte, 4096> room;
  for (;;) {
    const Result<std::size_t> n = sys::read(pipe, room);
    if (!n || *n == 0) return all;
    for (std::size_t i = 0; i < *n; ++i) all.push_back(static_cast<char>(room[i]));
  }
}

inline sys::Ends blocking_pipe() { return sys::pipe2(O_CLOEXEC).value(); }

// What `command` writes to its standard output, in a runtime made for it.
inline std::string output_of(Command command) {
  runtime::Runtime rt = test_support::current_thread();
  const runtime::EnterGuard entered = rt.enter();
  const Result<Output> output = rt.block_on(command.output());
  EXPECT_TRUE(output) << output.error();
  return output ? text_of(output->stdout_) : std::string();
}

// The error with which it does not start.
inline Error spawn_error(Command command) {
  runtime::Runtime rt = test_support::current_thread();
  const runtime::EnterGuard entered = rt.enter();
  const Result<Child> child = command.spawn();
  EXPECT_FALSE(child);
  return child ? Error(Errc::other) : child.error();
}

// Blocks until `child` has ended, without waiting for it: it is a zombie then.
inline void become_zombie(::pid_t child) {
  ::siginfo_t info;
  while (::waitid(P_PID, static_cast<::id_t>(child), &info, WEXITED | WNOWAIT) == -1 &&
         errno == EINTR) {
  }
}

// No child is left, be it running or a zombie.
inline bool has_no_children() { return ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD; }

// No handler of SIGCHLD, even if an earlier test needed one; puts that back.
class WithoutSigchldHandler {
 public:
  WithoutSigchldHandler() {
    struct ::sigaction none{};
    none.sa_handler = SIG_DFL;
    ::sigaction(SIGCHLD, &none, &before_);
  }
  ~WithoutSigchldHandler() { ::sigaction(SIGCHLD, &before_, nullptr); }
  WithoutSigchldHandler(const WithoutSigchldHandler&) = delete;
  WithoutSigchldHandler& operator=(const WithoutSigchldHandler&) = delete;

  // Nobody has installed one meanwhile.
  bool still_holds() const {
    struct ::sigaction now{};
    ::sigaction(SIGCHLD, nullptr, &now);
    return now.sa_handler == SIG_DFL;
  }

 private:
  struct ::sigaction before_{};
};

// Runs `body` in a program of its own, which succeeds if nothing in it has failed.
template <class Body>
void in_a_process_of_its_own(Body body) {
  const auto run = [&] {
    body();
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(0), "");
}

// The user and the group that have no rights: nobody, nogroup.
inline constexpr ::uid_t kNobody = 65534;

// The same as that user, if the tests run as root; else as who runs them.
template <class Body>
void in_an_unprivileged_process(Body body) {
  in_a_process_of_its_own([&] {
    if (::geteuid() == 0) {
      ASSERT_EQ(::setgroups(0, nullptr), 0);
      ASSERT_EQ(::setgid(kNobody), 0);
      ASSERT_EQ(::setuid(kNobody), 0);
    }
    body();
  });
}

// A directory that goes with the object.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "weft_process_XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

  // A script there; returns its path.
  std::string script(const std::string& name, const std::string& body, ::mode_t mode = 0755) const {
    const std::filesystem::path file = path_ / name;
    std::ofstream(file) << "#!/bin/sh\n" << body << "\n";
    ::chmod(file.c_str(), mode);
    return file.string();
  }

 private:
  std::filesystem::path path_;
};

}  // namespace weft::process

#endif  // WEFT_TESTS_UNIT_PROCESS_PROCESS_SUPPORT_H_
