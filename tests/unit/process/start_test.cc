// How a child is started, and what can go wrong (P-42, P-46, P-47, P-49 .. P-53, P-57).

#include <csignal>
#include <grp.h>
#include <iterator>
#include <limits>
#include <sched.h>
#include <set>
#include <sstream>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <tests/support/raw_sockets.h>
#include <tests/support/scale.h>
#include <tests/unit/process/process_support.h>
#include <weft/base/sys_table.h>
#include <weft/runtime/join.h>

namespace weft::process {
namespace {

using test_support::open_fd_count;
using test_support::scaled;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

#if defined(__SANITIZE_THREAD__)
constexpr bool kSharesMemory = false;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
constexpr bool kSharesMemory = false;
#else
constexpr bool kSharesMemory = true;
#endif
#else
constexpr bool kSharesMemory = true;
#endif

// Counts how children are started.
struct Starts {
  int clones = 0;
  int forks = 0;
  int clone_error = 0;  // instead of starting
};
thread_local Starts starts;

sys::Table counting_starts(int clone_error = 0) {
  starts = Starts{.clone_error = clone_error};
  sys::Table table;
  table.clone = [](int (*entry)(void*), void* top, int flags, void* argument) {
    ++starts.clones;
    if (starts.clone_error == 0) return ::clone(entry, top, flags, argument);
    errno = starts.clone_error;
    return -1;
  };
  table.fork = [] {
    ++starts.forks;
    return ::fork();
  };
  return table;
}

void with_hook(Command& command) {
  command.pre_exec([] { return Result<void>(); });
}

// Every way of starting, for what has to hold in each.
template <class Test>
void in_each_way(Test test) {
  for (const bool by_fork : {false, true}) {
    SCOPED_TRACE(by_fork ? "by fork" : "in our memory");
    test([by_fork](Command command) {
      if (by_fork) with_hook(command);
      return command;
    });
  }
}

// What whoever started the tests has left open for all programs, standard streams included.
std::set<int> inheritable() {
  std::set<int> open_here;
  for (int fd = 0; fd < 1024; ++fd) {
    const int flags = ::fcntl(fd, F_GETFD);
    if (flags != -1 && (flags & FD_CLOEXEC) == 0) open_here.insert(fd);
  }
  return open_here;
}

TEST(P42, ChildHasNothingButTheStandardStreams) {
  in_each_way([](auto started) {  // What it lists is what it has, and the directory that it reads.
    Command command("/bin/ls");
    command.arg("/proc/self/fd").stdin_(Stdio::piped());
    std::istringstream listed(output_of(started(std::move(command))));
    std::set<int> open_there{std::istream_iterator<int>(listed), {}};
    for (const int fd : inheritable()) EXPECT_EQ(open_there.erase(fd), 1u) << fd;
    EXPECT_EQ(open_there.size(), 1u);
  });
}

TEST(P42, ConcurrentSpawnsDoNotInheritEachOthersPipes) {
  // Each input ends although other children are being started and run on.
  const auto start_many = [] {
    const runtime::Runtime rt = test_support::current_thread();
    const auto entered = rt.enter();
    std::vector<Child> children;
    for (int i = 0; i < scaled(50); ++i) children.push_back(cat().spawn().value());
    for (Child& child : children) {
      child.stdin_.reset();
      EXPECT_EQ(rt.block_on(read_all(*child.stdout_)), "");
    }
    for (Child& child : children) EXPECT_TRUE(rt.block_on(child.wait())->success());
  };
  std::thread other(start_many);
  start_many();
  other.join();
}

TEST(P46, FatalSpawnStartsNothing) {
  sys::Table table;
  table.clone = [](int (*)(void*), void*, int, void*) {
    std::fputs("started", stderr);
    return -1;
  };
  table.fork = [] {
    std::fputs("started", stderr);
    return ::pid_t{-1};
  };
  const sys::TableScope scope(table);
  EXPECT_DEATH(static_cast<void>(Command("true").spawn()),
               AllOf(HasSubstr("no reactor running"), Not(HasSubstr("started"))));
}

TEST(P47, ChildIsStartedInOurMemory) {
  const sys::Table table = counting_starts();
  const sys::TableScope scope(table);
  EXPECT_EQ(output_of(sh("echo x")), "x\n");
  EXPECT_EQ(starts.clones, kSharesMemory ? 1 : 0);
  EXPECT_EQ(starts.forks, kSharesMemory ? 0 : 1);
}

TEST(P47, ChildIsForkedWhereThatIsRefused) {
  for (const int error : {EPERM, ENOSYS, EINVAL}) {
    const sys::Table table = counting_starts(error);
    const sys::TableScope scope(table);
    EXPECT_EQ(output_of(sh("echo x")), "x\n");
    EXPECT_EQ(starts.forks, 1);
  }
}

TEST(P47, ChildsOwnErrorIsNotTakenForARefusal) {
  Command command("true");
  const sys::Table table = counting_starts();
  const sys::TableScope scope(table);
  command.process_group(std::numeric_limits<::pid_t>::max());  // EPERM: there is none
  EXPECT_EQ(spawn_error(command), std::errc::operation_not_permitted);
  EXPECT_EQ(starts.clones + starts.forks, 1);
}

int changed_by_hook = 0;

TEST(P49, HooksAreForkedAndChangeNothingHere) {
  const sys::Table table = counting_starts();
  const sys::TableScope scope(table);
  Command command = sh("echo x");
  command.pre_exec([] {
    changed_by_hook = 1;
    return Result<void>();
  });
  EXPECT_EQ(output_of(command), "x\n");
  EXPECT_EQ(changed_by_hook, 0);
  EXPECT_EQ(starts.clones, 0);
  EXPECT_EQ(starts.forks, 1);
}

TEST(P49, HooksRunAfterEverythingElse) {
  const TemporaryDirectory directory;
  Command command("true");
  command.current_dir(directory.path()).process_group(0);
  command.pre_exec([]() -> Result<void> {
    if (::getpgid(0) != ::getpid()) return Err(Errc::invalid_data);
    struct ::stat here;
    if (::stat("mark", &here) != 0) return Err(Errc::closed);
    return Err(Errc::cancelled);
  });
  directory.script("mark", "");
  EXPECT_EQ(spawn_error(command), Errc::cancelled);
}

TEST(P49, ExceptionOfAHookIsAnError) {
  Command command("true");
  command.pre_exec([]() -> Result<void> { throw 1; });
  EXPECT_EQ(spawn_error(command), Errc::other);
}

TEST(P50, RootGivesUpItsGroups) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, who may have any groups";
  in_each_way([](auto started) {
    const auto body = [&] {
      const ::gid_t groups[] = {0, 12345};
      ASSERT_EQ(::setgroups(2, groups), 0);
      Command command = sh("id -G");
      EXPECT_THAT(output_of(started(command)), HasSubstr("12345"));
      command.uid(65534).gid(65534);
      EXPECT_EQ(output_of(started(command)), "65534\n");
    };
    in_a_process_of_its_own(body);
  });
}

TEST(P50, UnprivilegedChildMayNotDoWhatRootMay) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to start a child as somebody else";
  const TemporaryDirectory directory;
  const std::string script = directory.script("tool", "echo x", 0700);
  Command command(script);
  EXPECT_EQ(output_of(command), "x\n");
  command.uid(65534).gid(65534);
  EXPECT_EQ(spawn_error(command), std::errc::permission_denied);
}

Command status_of_child() {
  Command command("/bin/cat");
  command.arg("/proc/self/status");
  return command;
}

TEST(P50, NoSignalIsBlockedOrHandled) {
  in_each_way([](auto started) {
    ::sigset_t set;
    ::sigset_t before;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGUSR1);
    ::pthread_sigmask(SIG_BLOCK, &set, &before);
    const auto old = std::signal(SIGUSR2, [](int) {});
    EXPECT_THAT(
        output_of(started(status_of_child())),
        AllOf(HasSubstr("SigBlk:\t0000000000000000\n"), HasSubstr("SigCgt:\t0000000000000000\n")));
    std::signal(SIGUSR2, old);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  });
}

TEST(P50, IgnoredSignalsStayIgnored) {
  in_each_way([](auto started) {
    const auto old = std::signal(SIGUSR1, SIG_IGN);
    EXPECT_EQ(output_of(started(sh("kill -USR1 $$; echo alive"))), "alive\n");
    std::signal(SIGUSR1, old);
  });
}

TEST(P51, StreamsAreExchanged) {
  in_each_way([](auto started) {
    const auto body = [&] {
      auto [out, out_writer] = blocking_pipe();
      auto [err, err_writer] = blocking_pipe();
      ::dup2(out_writer.raw(), STDOUT_FILENO);
      ::dup2(err_writer.raw(), STDERR_FILENO);
      out_writer = OwnedFd();
      err_writer = OwnedFd();
      {
        const runtime::Runtime rt = test_support::current_thread();
        const auto entered = rt.enter();
        Command command = sh("echo out; echo err >&2");
        command.stdout_(Stdio::from_fd(OwnedFd(STDERR_FILENO)));
        command.stderr_(Stdio::from_fd(OwnedFd(STDOUT_FILENO)));
        EXPECT_TRUE(rt.block_on(started(std::move(command)).status())->success());
      }  // closes them
      EXPECT_EQ(read_all(out), "err\n");
      EXPECT_EQ(read_all(err), "out\n");
    };
    in_a_process_of_its_own(body);
  });
}

TEST(P51, StreamsLieWhereTheyBelong) {
  in_each_way([](auto started) {
    const auto body = [&] {
      auto [out, writer] = blocking_pipe();
      ASSERT_TRUE(sys::dup3(writer, STDOUT_FILENO, O_CLOEXEC));
      writer = OwnedFd();
      {
        const runtime::Runtime rt = test_support::current_thread();
        const auto entered = rt.enter();
        Command command = sh("echo out");
        command.stdout_(Stdio::from_fd(OwnedFd(STDOUT_FILENO)));
        EXPECT_TRUE(rt.block_on(started(std::move(command)).status())->success());
      }
      EXPECT_EQ(read_all(out), "out\n");
    };
    in_a_process_of_its_own(body);
  });
}

TEST(P51, ParentHasNoStandardStreams) {
  in_each_way([](auto started) {
    const auto body = [&] {
      for (int fd = 0; fd < 3; ++fd) ::close(fd);
      Command command = sh("cat; echo out; echo err >&2");
      command.stdin_(Stdio::null());
      const runtime::Runtime rt = test_support::current_thread();
      const auto entered = rt.enter();
      Command ready = started(std::move(command));
      const Result<Output> output = rt.block_on(ready.output());
      EXPECT_EQ(text_of(output->stdout_), "out\n");
      EXPECT_EQ(text_of(output->stderr_), "err\n");
    };
    in_a_process_of_its_own(body);
  });
}

thread_local bool all_blocked = false;

void note_mask() {
  ::sigset_t mask;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  all_blocked = ::sigismember(&mask, SIGUSR1) == 1 && ::sigismember(&mask, SIGCHLD) == 1 &&
                ::sigismember(&mask, SIGTERM) == 1;
}

TEST(P52, AllSignalsAreBlockedAroundTheStart) {
  in_each_way([](auto started) {
    sys::Table table;
    table.clone = [](int (*entry)(void*), void* top, int flags, void* argument) {
      note_mask();
      return ::clone(entry, top, flags, argument);
    };
    table.fork = [] {
      note_mask();
      return ::fork();
    };
    const sys::TableScope scope(table);
    all_blocked = false;
    EXPECT_EQ(output_of(started(sh("echo x"))), "x\n");
    EXPECT_TRUE(all_blocked);
    note_mask();
    EXPECT_FALSE(all_blocked);
  });
}

TEST(P53, FailuresOfTheChildArriveHere) {
  in_each_way([](auto started) {
    EXPECT_EQ(spawn_error(started(Command("/no/such"))), std::errc::no_such_file_or_directory);
    EXPECT_EQ(spawn_error(started(sh("").current_dir("/dev/null"))), std::errc::not_a_directory);
    EXPECT_EQ(spawn_error(started(Command("true").arg(std::string(1 << 20, 'x')))),
              std::errc::argument_list_too_long);
    EXPECT_TRUE(has_no_children());
  });
}

TEST(P53, ChildKilledBeforeExecIsAKilledChild) {
  const runtime::Runtime rt = test_support::current_thread();
  const auto entered = rt.enter();
  Command command("true");
  command.pre_exec([] {
    ::raise(SIGKILL);
    return Result<void>();
  });
  EXPECT_EQ(rt.block_on(command.status())->signal(), SIGKILL);
}

// Sends SIGKILL to a group of processes at whatever moment of their starts.
TEST(P53, ChildKilledAtAnyMomentIsAKilledChild) {
  const runtime::Runtime rt = test_support::current_thread();
  const auto entered = rt.enter();
  Child leader = sleeper().process_group(0).spawn().value();
  const ::pid_t group = *leader.id();
  for (int i = 0; i < scaled(100); ++i) {
    // The leader is left as a zombie, so that the group stays.
    std::thread killer([group] { ::kill(-group, SIGKILL); });
    Command command = sleeper();
    Result<Child> child = command.process_group(group).spawn();
    killer.join();
    ASSERT_TRUE(child) << child.error();
    EXPECT_TRUE(child->start_kill());
    EXPECT_EQ(rt.block_on(child->wait())->signal(), SIGKILL);
  }
  EXPECT_TRUE(rt.block_on(leader.kill()));
  EXPECT_TRUE(has_no_children());
}

TEST(P8, LimitOfAnUnprivilegedUser) {
  const auto body = [] {
    const ::rlimit none{0, 0};
    const runtime::Runtime rt = test_support::current_thread();
    const auto entered = rt.enter();
    ASSERT_EQ(::setrlimit(RLIMIT_NPROC, &none), 0);
    if (::geteuid() == 0) {
      ASSERT_EQ(::setuid(kNobody), 0);
    }
    Command command("/bin/true");
    EXPECT_EQ(command.spawn().error(), std::errc::resource_unavailable_try_again);
    EXPECT_TRUE(has_no_children());
  };
  in_a_process_of_its_own(body);
}

// Lets calls that make descriptors through until it is their turn.
thread_local int calls_until_fault = -1;

bool is_turn() { return calls_until_fault-- == 0; }

int failed(int error) {
  errno = error;
  return -1;
}

sys::Table running_out_of_descriptors() {
  sys::Table table;
  table.pipe2 = [](int ends[2], int flags) {
    return is_turn() ? failed(EMFILE) : ::pipe2(ends, flags);
  };
  table.fcntl = [](int fd, int command, long argument) {
    return is_turn() ? failed(EMFILE) : ::fcntl(fd, command, argument);
  };
  table.epoll_ctl = [](int epoll, int operation, int fd, ::epoll_event* event) {
    return operation != EPOLL_CTL_DEL && is_turn() ? failed(ENOSPC)
                                                   : ::epoll_ctl(epoll, operation, fd, event);
  };
  table.eventfd = [](unsigned initial, int flags) {
    return is_turn() ? failed(EMFILE) : ::eventfd(initial, flags);
  };
  // None to be had in any case: the listener that stands in for it needs some, too.
  table.pidfd_open = [](::pid_t, unsigned) { return failed(EMFILE); };
  return table;
}

Task<> until_no_orphans() {
  while (internal::Orphans::get().count() != 0) co_await yield_now();
}

TEST(P57, NothingIsLeftOfASpawnThatFails) {
  in_each_way([](auto started) {
    const auto body = [&] {
      {
        // What signals need once in the life of a program is no leak.
        const runtime::Runtime rt = test_support::current_thread();
        const auto entered = rt.enter();
        EXPECT_TRUE(signal::signal(signal::SignalKind::child()));
      }
      const runtime::Runtime rt = test_support::current_thread();
      const auto entered = rt.enter();
      int failures = 0;
      for (bool done = false; !done; ++failures) {
        const std::size_t before = open_fd_count();
        Command command = started(cat().stderr_(Stdio::piped()).kill_on_drop(true));
        {
          const sys::Table table = running_out_of_descriptors();
          const sys::TableScope scope(table);
          calls_until_fault = failures;
          Result<Child> child = command.spawn();
          done = calls_until_fault >= 0;  // there was no such call any more
          EXPECT_EQ(child.has_value(), done);
        }
        calls_until_fault = -1;
        if (done) break;
        internal::Orphans::get().move_to_current_runtime();
        rt.block_on(until_no_orphans());
        EXPECT_TRUE(has_no_children());
        EXPECT_EQ(open_fd_count(), before) << failures;
      }
      EXPECT_GE(failures, 11);
    };
    in_a_process_of_its_own(body);
  });
}

}  // namespace
}  // namespace weft::process
