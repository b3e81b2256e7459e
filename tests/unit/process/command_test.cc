// Command: what a child gets (P-1 .. P-9, P-54).

#include <cstdlib>
#include <functional>
#include <grp.h>
#include <spawn.h>
#include <sys/stat.h>
#include <system_error>

#include <gmock/gmock.h>
#include <tests/unit/process/process_support.h>
#include <weft/base/sys_table.h>

namespace weft::process {
namespace {

using testing::HasSubstr;

TEST(P1, CommandCanBeSpawnedAgain) {
  Command command = sh("echo $KEY");
  command.env("KEY", "one").stdout_(Stdio::piped());
  EXPECT_EQ(output_of(command), "one\n");
  EXPECT_EQ(output_of(command), "one\n");
  command.env("KEY", "two");
  EXPECT_EQ(output_of(command), "two\n");
}

TEST(P2, ArgumentsArePassedInOrder) {
  const std::vector<std::string> more = {"b c", ""};
  Command command("printf");
  command.arg("[%s]").arg("a").args(more).arg("d");
  EXPECT_EQ(output_of(command), "[a][b c][][d]");
}

TEST(P2, NameDiffersFromWhatIsExecuted) {
  Command command("/bin/sh");
  command.arg0("other-name").arg("-c").arg("echo $0");
  EXPECT_EQ(output_of(command), "other-name\n");
}

TEST(P2, EnvironmentIsInheritedAndChanged) {
  ::setenv("WEFT_KEPT", "kept", 1);
  ::setenv("WEFT_REMOVED", "removed", 1);
  const std::vector<std::pair<std::string, std::string>> two = {{"WEFT_A", "a"}, {"WEFT_B", "b"}};
  Command command = sh("echo $WEFT_KEPT,$WEFT_REMOVED,$WEFT_A,$WEFT_B,$WEFT_C");
  command.envs(two).env("WEFT_C", "c").env_remove("WEFT_REMOVED").env_remove("WEFT_B");
  EXPECT_EQ(output_of(command), "kept,,a,,c\n");
}

TEST(P2, ClearedEnvironmentHasOnlyWhatIsSetAfterwards) {
  Command command("/usr/bin/env");
  command.env("BEFORE", "1").env_clear().env("AFTER", "2");
  EXPECT_EQ(output_of(command), "AFTER=2\n");
}

TEST(P2, ChildStartsInTheDirectory) {
  const TemporaryDirectory directory;
  Command command("/bin/pwd");
  command.arg("-P").current_dir(directory.path());
  EXPECT_EQ(output_of(command), std::filesystem::canonical(directory.path()).string() + "\n");
}

TEST(P3, StreamsAreInheritedByDefault) {
  // Standard error is not inherited by output(), standard input is.
  std::string here(4096, '\0');
  here.resize(static_cast<std::size_t>(
      std::max<::ssize_t>(0, ::readlink("/proc/self/fd/0", here.data(), here.size()))));
  EXPECT_EQ(output_of(sh("readlink /proc/self/fd/0")), here + "\n");
}

TEST(P3, SpawnMakesNoPipesByDefault) {
  const runtime::Runtime rt = test_support::current_thread();
  const auto entered = rt.enter();
  Child child = Command("/bin/true").spawn().value();
  EXPECT_FALSE(child.stdin_ || child.stdout_ || child.stderr_);
  EXPECT_TRUE(rt.block_on(child.wait())->success());
}

TEST(P3, NullIsTheNullDevice) {
  Command command = sh("readlink /proc/self/fd/0");
  command.stdin_(Stdio::null());
  EXPECT_EQ(output_of(command), "/dev/null\n");
}

TEST(P3, DescriptorIsKeptForEachSpawn) {
  const runtime::Runtime rt = test_support::current_thread();
  const auto entered = rt.enter();
  auto [reader, writer] = blocking_pipe();
  {
    Command command = sh("echo x");
    command.stdout_(Stdio::from_fd(std::move(writer)));
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(rt.block_on(command.status())->success());
  }
  EXPECT_EQ(read_all(reader), "x\nx\n");
}

TEST(P3, EmptyDescriptorIsFatal) {
  EXPECT_DEATH(static_cast<void>(Stdio::from_fd(OwnedFd())), "command_test.cc.*no descriptor");
}

TEST(P3, OutputSetsPipesInTheCommand) {
  const runtime::Runtime rt = test_support::current_thread();
  const auto entered = rt.enter();
  Command command("/bin/true");
  EXPECT_TRUE(rt.block_on(command.output()));
  Child child = command.spawn().value();
  EXPECT_TRUE(child.stdout_ && child.stderr_ && !child.stdin_);
  EXPECT_TRUE(rt.block_on(child.wait()));
}

TEST(P4, ProcessGroupZeroIsANewOne) {
  const runtime::Runtime rt = test_support::current_thread();
  const auto entered = rt.enter();
  Command command = sleeper();
  Child leader = command.process_group(0).spawn().value();
  const ::pid_t group = *leader.id();
  EXPECT_EQ(::getpgid(group), group);
  Child member = command.process_group(group).spawn().value();
  EXPECT_EQ(::getpgid(*member.id()), group);
  EXPECT_TRUE(rt.block_on(leader.kill()) && rt.block_on(member.kill()));
}

TEST(P4, UserAndGroupsAreTaken) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to start a child as somebody else";
  Command command = sh("id -u; id -g; id -G");
  const std::vector<::gid_t> groups = {65534, 12345};
  command.uid(65534).gid(65534).groups(groups);
  EXPECT_EQ(output_of(command), "65534\n65534\n65534 12345\n");
}

TEST(P4, WithoutPrivilegesOnlyOnesOwnUserIsTaken) {
  in_an_unprivileged_process([] {
    Command command = sh("id -u; id -g");
    command.uid(::geteuid()).gid(::getegid());
    EXPECT_EQ(output_of(command),
              std::to_string(::geteuid()) + "\n" + std::to_string(::getegid()) + "\n");
    command.uid(0);
    EXPECT_EQ(spawn_error(command), std::errc::operation_not_permitted);
  });
}

Result<void> say(const char* text) {
  return sys::write(BorrowedFd(STDOUT_FILENO), std::as_bytes(std::span(text, 1)))
      .transform([](std::size_t) {});
}

TEST(P4, HooksRunInOrder) {
  Command command = sh("echo c");
  command.pre_exec([] { return say("a"); }).pre_exec([] { return say("b"); });
  EXPECT_EQ(output_of(command), "abc\n");
}

TEST(P4, FirstFailingHookEndsTheChild) {
  const runtime::Runtime rt = test_support::current_thread();
  const auto entered = rt.enter();
  auto [reader, writer] = blocking_pipe();
  {
    Command command("/bin/true");
    command.stdout_(Stdio::from_fd(std::move(writer)));
    command.pre_exec([] { return say("a"); });
    command.pre_exec([]() -> Result<void> { return Err(std::errc::argument_out_of_domain); });
    command.pre_exec([] { return say("c"); });
    EXPECT_EQ(command.spawn().error(), std::errc::argument_out_of_domain);
  }
  EXPECT_EQ(read_all(reader), "a");
  EXPECT_TRUE(has_no_children());
}

TEST(P4, KillOnDropCanBeRead) {
  Command command("x");
  EXPECT_FALSE(command.kill_on_drop());
  EXPECT_TRUE(command.kill_on_drop(true).kill_on_drop());
}

TEST(P5, ProgramIsLookedForInTheChildsPath) {
  const TemporaryDirectory directory;
  directory.script("weft-tool", "echo found");
  Command command("weft-tool");
  EXPECT_EQ(spawn_error(command), std::errc::no_such_file_or_directory);
  command.env("PATH", "/nowhere:" + directory.path().string());
  EXPECT_EQ(output_of(command), "found\n");
  command.env("PATH", "/nowhere");
  EXPECT_EQ(spawn_error(command), std::errc::no_such_file_or_directory);
}

TEST(P5, WithoutAPathThereIsADefault) {
  Command command("sh");
  command.arg("-c").arg("echo x").env_clear();
  EXPECT_EQ(output_of(command), "x\n");
}

TEST(P5, WhatMayNotBeExecutedIsPassedOver) {
  const TemporaryDirectory first;
  const TemporaryDirectory second;
  first.script("weft-tool", "echo first", 0644);
  Command command("weft-tool");
  command.env("PATH", first.path().string() + ":" + second.path().string());
  EXPECT_EQ(spawn_error(command), std::errc::permission_denied);
  second.script("weft-tool", "echo second");
  EXPECT_EQ(output_of(command), "second\n");
}

TEST(P5, RelativePathStartsFromTheChildsDirectory) {
  const TemporaryDirectory directory;
  directory.script("tool", "echo here");
  Command command("./tool");
  EXPECT_EQ(spawn_error(command), std::errc::no_such_file_or_directory);
  command.current_dir(directory.path());
  EXPECT_EQ(output_of(command), "here\n");
}

TEST(P5, ZeroBytesAreRefused) {
  const std::string zero("a\0b", 3);
  const std::function<Command()> commands[] = {
      [&] { return Command(zero); },
      [&] { return Command("true").arg(zero); },
      [&] { return Command("true").arg0(zero); },
      [&] { return Command("true").env(zero, "x"); },
      [&] { return Command("true").env("x", zero); },
      [&] { return Command("true").env("x=y", "z"); },
      [&] { return Command("true").env("", "z"); },
      [&] { return Command("true").current_dir(zero); },
  };
  for (const auto& command : commands) {
    EXPECT_EQ(spawn_error(command()), std::errc::invalid_argument);
  }
}

TEST(P6, SpawningWithoutARuntimeIsFatal) {
  EXPECT_DEATH(static_cast<void>(Command("true").spawn()), "command_test.cc.*no reactor running");
  EXPECT_DEATH(static_cast<void>(Command("true").status()), "command_test.cc.*no reactor running");
  EXPECT_DEATH(static_cast<void>(Command("true").output()), "command_test.cc.*no reactor running");
}

TEST(P6, SpawningWithoutIoIsFatal) {
  const runtime::Runtime rt = runtime::Builder::new_current_thread().build().value();
  const auto entered = rt.enter();
  EXPECT_DEATH(static_cast<void>(Command("true").spawn()), "command_test.cc.*enable_io");
}

TEST(P7, StatusSpawnsWhenCalled) {
  const runtime::Runtime rt = test_support::current_thread();
  const auto entered = rt.enter();
  auto [reader, writer] = blocking_pipe();
  {
    Command command = sh("echo done");
    command.stdout_(Stdio::from_fd(std::move(writer)));
    static_cast<void>(command.status());
  }
  EXPECT_EQ(read_all(reader), "done\n");
}

TEST(P7, DestroyedStatusKillsIfAskedTo) {
  const runtime::Runtime rt = test_support::current_thread();
  const auto entered = rt.enter();
  auto [reader, writer] = blocking_pipe();
  {
    Command command = sleeper();
    command.stdout_(Stdio::from_fd(std::move(writer)));
    static_cast<void>(command.status());
  }
  EXPECT_EQ(read_all(reader), "");  // it ends, since the child does
}

TEST(P7, StatusClosesThePipes) {
  const runtime::Runtime rt = test_support::current_thread();
  const auto entered = rt.enter();
  Command command = cat();
  EXPECT_TRUE(rt.block_on(command.status())->success());
}

TEST(P8, MissingProgramIsAnErrorOfSpawn) {
  EXPECT_EQ(spawn_error(Command("/no/such/program")), std::errc::no_such_file_or_directory);
  EXPECT_EQ(spawn_error(Command("")), std::errc::no_such_file_or_directory);
  EXPECT_TRUE(has_no_children());
}

TEST(P8, WhatIsNoProgramIsAnErrorOfSpawn) {
  const TemporaryDirectory directory;
  EXPECT_EQ(spawn_error(Command(directory.script("x", "", 0644))), std::errc::permission_denied);
  EXPECT_EQ(spawn_error(Command(directory.path().string())), std::errc::permission_denied);
  std::ofstream(directory.path() / "text") << "not a program";
  ::chmod((directory.path() / "text").c_str(), 0755);
  EXPECT_EQ(spawn_error(Command((directory.path() / "text").string())),
            std::errc::executable_format_error);
}

TEST(P8, WrongDirectoryIsAnErrorOfSpawn) {
  EXPECT_EQ(spawn_error(Command("true").current_dir("/no/such")),
            std::errc::no_such_file_or_directory);
  EXPECT_EQ(spawn_error(Command("true").current_dir("/dev/null")), std::errc::not_a_directory);
}

TEST(P8, TooManyArgumentsAreAnErrorOfSpawn) {
  EXPECT_EQ(spawn_error(Command("true").arg(std::string(1 << 20, 'x'))),
            std::errc::argument_list_too_long);
}

TEST(P8, LimitOfProcessesIsAnErrorOfSpawn) {
  sys::Table table;
  table.clone = [](int (*)(void*), void*, int, void*) {
    errno = EAGAIN;
    return -1;
  };
  table.fork = []() -> ::pid_t {
    errno = EAGAIN;
    return -1;
  };
  const sys::TableScope scope(table);
  EXPECT_EQ(spawn_error(Command("true")), std::errc::resource_unavailable_try_again);
}

TEST(P9, ProcessThatTheUserStartedIsTakenOn) {
  const runtime::Runtime rt = test_support::current_thread();
  const auto entered = rt.enter();
  auto [reader, writer] = blocking_pipe();
  Command command("unused");
  const auto start = [&, ours = &reader](Command&) -> Result<RawChild> {
    RawChild raw;
    std::string words[] = {"sh", "-c", "echo taken; exit 4"};
    char* const arguments[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
    ::posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, writer.raw(), STDOUT_FILENO);
    const int error = ::posix_spawn(&raw.id, "/bin/sh", &actions, nullptr, arguments, ::environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) return Err(Error::from_errno(error));
    raw.stdout_ = std::move(*ours);
    return raw;
  };
  Child child = command.spawn_with(start).value();
  writer = OwnedFd();
  const Result<Output> output = rt.block_on(std::move(child).wait_with_output());
  EXPECT_EQ(output->status.code(), 4);
  EXPECT_EQ(text_of(output->stdout_), "taken\n");
  const auto refuse = [](Command&) -> Result<RawChild> { return Err(Errc::cancelled); };
  EXPECT_EQ(command.spawn_with(refuse).error(), Errc::cancelled);
}

Task<Result<Child>> spawn_elsewhere() {
  Command command = sh("exit 5");
  Task<Result<Child>> spawning = command.spawn_async();
  command = sh("exit 6");
  co_return co_await std::move(spawning);
}

TEST(P54, SpawnAsyncStartsOnAnotherThread) {
  const runtime::Runtime rt = test_support::current_thread();
  sys::Table table;  // of this thread alone
  table.clone = [](int (*)(void*), void*, int, void*) {
    errno = EAGAIN;
    return -1;
  };
  table.fork = []() -> ::pid_t {
    errno = EAGAIN;
    return -1;
  };
  const sys::TableScope scope(table);
  Result<Child> child = rt.block_on(spawn_elsewhere());
  ASSERT_TRUE(child) << child.error();
  EXPECT_EQ(rt.block_on(child->wait())->code(), 5);
}

Task<Result<Child>> spawn_missing() {
  Command command("/no/such/program");
  co_return co_await command.spawn_async();
}

TEST(P54, ErrorsComeFromThePool) {
  const runtime::Runtime rt = test_support::current_thread();
  EXPECT_EQ(rt.block_on(spawn_missing()).error(), std::errc::no_such_file_or_directory);
}

}  // namespace
}  // namespace weft::process
