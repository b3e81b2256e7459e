// Registry: adding, changing and removing sources, from one thread and from several.

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/raw_sockets.h>
#include <tests/unit/runtime/reactor_support.h>
#include <weft/base/sys.h>
#include <weft/base/sys_table.h>

namespace weft::runtime::reactor {
namespace {

using std::chrono::nanoseconds;
using test_support::pipe_pair;
using test_support::tcp_listener;
using test_support::tcp_pair;
using test_support::write_text;

constexpr Interest kReadable = Interest::kReadable;

// Notes each call it gets, and answers as it is told to.
struct Noting {
  Result<void> register_with(Registry&, Token token, Interest interest) {
    return note("register", token, interest);
  }
  Result<void> reregister_with(Registry&, Token token, Interest interest) {
    return note("reregister", token, interest);
  }
  Result<void> deregister_from(Registry&) {
    calls.push_back("deregister");
    return answer;
  }
  Result<void> note(const char* call, Token token, Interest interest) {
    calls.push_back(std::string(call) + " " + std::to_string(token.value) + " " +
                    interest.to_string());
    return answer;
  }
  std::vector<std::string> calls;
  Result<void> answer;
};

WEFT_ON_EACH_SELECTOR(MR1);
WEFT_ON_EACH_SELECTOR(MR2);
WEFT_ON_EACH_SELECTOR(MR3);
WEFT_ON_EACH_SELECTOR(MR4);
WEFT_ON_EACH_SELECTOR(MR5);
WEFT_ON_EACH_SELECTOR(MR6);
WEFT_ON_EACH_SELECTOR(M8);
WEFT_ON_EACH_SELECTOR(M9);
WEFT_ON_EACH_SELECTOR(M10);
WEFT_ON_EACH_SELECTOR(M11);
WEFT_ON_EACH_SELECTOR(M12);
WEFT_ON_EACH_SELECTOR(M13);
WEFT_ON_EACH_SELECTOR(M14);
WEFT_ON_EACH_SELECTOR(M15);
WEFT_ON_EACH_SELECTOR(M16);
WEFT_ON_EACH_SELECTOR(M17);
WEFT_ON_EACH_SELECTOR(M18);
WEFT_ON_EACH_SELECTOR(M19);
WEFT_ON_EACH_SELECTOR(M20);

TYPED_TEST(MR1, RegisteringTwiceIsRefusedAndTheFirstStays) {
  TestPoll<TypeParam> poll;
  auto [reader, writer] = pipe_pair();
  HolderSource source(Holder{std::move(reader)});
  ASSERT_TRUE(poll.registry().register_source(source, Token{1}, kReadable));
  EXPECT_EQ(poll.registry().register_source(source, Token{2}, kReadable).error(),
            std::errc::file_exists);
  ASSERT_TRUE(write_text(writer, "x"));
  EXPECT_TRUE(poll.wait_readable(1));
}

TEST(MR1, AFailedRegistrationDoesNotCount) {
  TestPoll<OverEpoll> poll;
  auto [reader, writer] = pipe_pair();
  HolderSource source(Holder{std::move(reader)});
  for (const int error : {ENOSPC, ENOMEM}) {
    sys::Table table;
    table.epoll_ctl = error == ENOSPC ? [](int, int, int, ::epoll_event*) { errno = ENOSPC; return -1; }
                                      : [](int, int, int, ::epoll_event*) { errno = ENOMEM; return -1; };
    const sys::TableScope scope(table);
    EXPECT_EQ(poll.registry().register_source(source, Token{1}, kReadable).error(),
              Error::from_errno(error));
  }
  EXPECT_EQ(poll.registry().deregister(source).error(), std::errc::no_such_file_or_directory);
  EXPECT_TRUE(poll.registry().register_source(source, Token{1}, kReadable));
}

TEST(MR1, AFailedDeregistrationDoesNotCountEither) {
  TestPoll<OverEpoll> poll;
  auto [reader, writer] = pipe_pair();
  HolderSource source(Holder{std::move(reader)});
  ASSERT_TRUE(poll.registry().register_source(source, Token{1}, kReadable));
  {
    sys::Table table;
    table.epoll_ctl = [](int, int, int, ::epoll_event*) {
      errno = ENOMEM;
      return -1;
    };
    const sys::TableScope scope(table);
    EXPECT_EQ(poll.registry().deregister(source).error(), std::errc::not_enough_memory);
  }
  EXPECT_TRUE(poll.registry().deregister(source));
}

TYPED_TEST(MR2, WhatIsNotRegisteredIsNotFound) {
  TestPoll<TypeParam> poll;
  const auto [reader, writer] = pipe_pair();
  EXPECT_EQ(poll.modify(reader, 1, kReadable).error(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(poll.remove(reader).error(), std::errc::no_such_file_or_directory);
}

TYPED_TEST(MR2, AnotherPollsRegistryDoesNotTouchIt) {
  TestPoll<TypeParam> first;
  TestPoll<TypeParam> second;
  auto [reader, writer] = pipe_pair();
  HolderSource source(Holder{std::move(reader)});
  ASSERT_TRUE(first.registry().register_source(source, Token{1}, kReadable));
  EXPECT_EQ(second.registry().reregister(source, Token{2}, kReadable).error(),
            std::errc::file_exists);
  EXPECT_EQ(second.registry().deregister(source).error(), std::errc::no_such_file_or_directory);
  ASSERT_TRUE(write_text(writer, "x"));
  EXPECT_TRUE(first.wait_readable(1));
}

TYPED_TEST(MR3, ReregisteringReplacesTokenAndInterest) {
  TestPoll<TypeParam> poll;
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(server, 1, kReadable));
  ASSERT_TRUE(poll.modify(server, 2, Interest::kWritable));
  ASSERT_TRUE(write_text(client, "x"));
  const std::vector<Event> events = poll.now();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].token(), Token{2});
  EXPECT_TRUE(events[0].is_writable());
  EXPECT_FALSE(events[0].is_readable());
}

TYPED_TEST(MR3, ReregisteringReportsAnewWhatIsReady) {
  TestPoll<TypeParam> poll;
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(server, 1, kReadable));
  ASSERT_TRUE(write_text(client, "x"));
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_TRUE(poll.now().empty());
  ASSERT_TRUE(poll.modify(server, 1, kReadable));
  EXPECT_TRUE(poll.wait_readable(1));
}

TYPED_TEST(MR4, AfterDeregisteringNoPollBringsTheToken) {
  TestPoll<TypeParam> poll;
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(server, 1, kReadable));
  ASSERT_TRUE(write_text(client, "x"));
  ASSERT_TRUE(poll.remove(server));
  EXPECT_TRUE(poll.now().empty());
}

TYPED_TEST(MR5, ASourceMayBeRegisteredAgain) {
  TestPoll<TypeParam> poll;
  auto [reader, writer] = pipe_pair();
  HolderSource source(Holder{std::move(reader)});
  ASSERT_TRUE(poll.registry().register_source(source, Token{1}, kReadable));
  ASSERT_TRUE(poll.registry().deregister(source));
  ASSERT_TRUE(poll.registry().register_source(source, Token{2}, kReadable));
  ASSERT_TRUE(write_text(writer, "x"));
  EXPECT_TRUE(poll.wait_readable(2));
}

TYPED_TEST(MR6, ARegistrationLivesAsLongAsTheLastDuplicate) {
  TestPoll<TypeParam> poll;
  auto [reader, writer] = pipe_pair();
  const OwnedFd duplicate = reader.try_clone().value();
  ASSERT_TRUE(poll.add(reader, 1, kReadable));
  ASSERT_TRUE(poll.remove(reader));
  reader = OwnedFd();
  ASSERT_TRUE(write_text(writer, "x"));
  EXPECT_TRUE(poll.now().empty());  // because it was deregistered before it was closed
}

TYPED_TEST(M8, TwoThreadsRegisterThroughOneClone) {
  TestPoll<TypeParam> poll;
  Registry clone = poll.registry().try_clone().value();
  const OwnedFd first = tcp_listener();
  const OwnedFd second = tcp_listener();
  const auto add_and_connect = [&clone](BorrowedFd listener, std::size_t token) {
    SourceFd source(listener);
    ASSERT_TRUE(clone.register_source(source, Token{token}, kReadable));
    const OwnedFd client = test_support::begin_connect(test_support::port_of(listener));
  };
  std::thread a(add_and_connect, first.borrow(), 1);
  std::thread b(add_and_connect, second.borrow(), 2);
  ASSERT_TRUE(poll.poll.poll(poll.events, std::chrono::seconds(1)));
  EXPECT_FALSE(poll.events.empty());
  a.join();
  b.join();
}

TYPED_TEST(M8, ACloneOutlivesItsPoll) {
  std::optional<Registry> clone;
  {
    TestPoll<TypeParam> poll;
    clone.emplace(poll.registry().try_clone().value());
  }
  const auto [reader, writer] = pipe_pair();
  SourceFd source(reader.borrow());
  EXPECT_TRUE(clone->register_source(source, Token{1}, kReadable));
  EXPECT_TRUE(clone->deregister(source));
}

TYPED_TEST(M9, ThreadsRegisterAndDeregisterAtTheSameTime) {
  TestPoll<TypeParam> poll;
  std::vector<std::thread> threads;
  std::vector<OwnedFd> listeners;
  for (std::size_t i = 0; i < 3; ++i) listeners.push_back(tcp_listener());
  for (std::size_t i = 0; i < 3; ++i) {
    threads.emplace_back([&poll, fd = listeners[i].borrow(), i] {
      Registry& registry = poll.registry();
      SourceFd source(fd);
      ASSERT_TRUE(registry.register_source(source, Token{i}, kReadable));
      ASSERT_TRUE(registry.deregister(source));
      ASSERT_TRUE(registry.register_source(source, Token{i}, kReadable));
      ASSERT_TRUE(registry.reregister(source, Token{i}, kReadable | Interest::kWritable));
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<OwnedFd> clients;
  for (const OwnedFd& listener : listeners)
    clients.push_back(test_support::begin_connect(test_support::port_of(listener)));
  std::vector<bool> seen(3);
  for (const Event& event : poll.now()) seen[event.token().value] = event.is_readable();
  EXPECT_EQ(seen, (std::vector{true, true, true}));
}

TYPED_TEST(M10, RegisteringDuringAPollEndsIt) {
  TestPoll<TypeParam> poll;
  const auto [reader, writer] = pipe_pair();
  ASSERT_TRUE(write_text(writer, "x"));
  std::thread other([&poll, fd = reader.borrow()] { ASSERT_TRUE(poll.add(fd, 5, kReadable)); });
  ASSERT_TRUE(poll.poll.poll(poll.events, std::chrono::seconds(5)));
  other.join();
  ASSERT_EQ(poll.events.end() - poll.events.begin(), 1);
  EXPECT_EQ(poll.events.begin()->token(), Token{5});
}

TYPED_TEST(M11, TheLastReregistrationCounts) {
  TestPoll<TypeParam> poll;
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(server, 1, kReadable));
  ASSERT_TRUE(poll.modify(server, 1, kReadable));
  ASSERT_TRUE(poll.modify(server, 3, Interest::kWritable));
  EXPECT_TRUE(poll.wait_writable(3));
}

TYPED_TEST(M12, RegisteringADescriptorTwiceIsRefused) {
  TestPoll<TypeParam> poll;
  const auto [reader, writer] = pipe_pair();
  ASSERT_TRUE(poll.add(reader, 1, kReadable));
  EXPECT_EQ(poll.add(reader, 2, kReadable).error(), std::errc::file_exists);
}

TYPED_TEST(M13, AnUnregisteredSourceIsNotFound) {
  TestPoll<TypeParam> poll;
  auto [reader, writer] = pipe_pair();
  HolderSource source(Holder{std::move(reader)});
  EXPECT_EQ(poll.registry().reregister(source, Token{1}, kReadable).error(),
            std::errc::no_such_file_or_directory);
  EXPECT_EQ(poll.registry().deregister(source).error(), std::errc::no_such_file_or_directory);
}

TYPED_TEST(M14, ASecondPollIsRefused) {
  TestPoll<TypeParam> first;
  TestPoll<TypeParam> second;
  HolderSource source(Holder{tcp_listener()});
  ASSERT_TRUE(first.registry().register_source(source, Token{1}, kReadable));
  EXPECT_EQ(second.registry().register_source(source, Token{1}, kReadable).error(),
            std::errc::file_exists);
}

TYPED_TEST(M14, AClonedRegistryIsTheSamePoll) {
  TestPoll<TypeParam> poll;
  Registry clone = poll.registry().try_clone().value();
  HolderSource source(Holder{tcp_listener()});
  ASSERT_TRUE(poll.registry().register_source(source, Token{1}, kReadable));
  EXPECT_TRUE(clone.deregister(source));
}

TYPED_TEST(M15, AUsersSourceGetsEachCallOnce) {
  TestPoll<TypeParam> poll;
  Noting source;
  EXPECT_TRUE(poll.registry().register_source(source, Token{1}, kReadable));
  EXPECT_TRUE(poll.registry().reregister(source, Token{2}, Interest::kWritable));
  EXPECT_TRUE(poll.registry().deregister(source));
  EXPECT_EQ(source.calls, (std::vector<std::string>{"register 1 READABLE", "reregister 2 WRITABLE",
                                                    "deregister"}));
}

TYPED_TEST(M16, AUsersErrorComesBackUnchanged) {
  TestPoll<TypeParam> poll;
  Noting source;
  source.answer = Err(Error::from_errno(EXDEV));
  EXPECT_EQ(poll.registry().register_source(source, Token{1}, kReadable).error(),
            Error::from_errno(EXDEV));
  EXPECT_EQ(poll.registry().reregister(source, Token{1}, kReadable).error(),
            Error::from_errno(EXDEV));
  EXPECT_EQ(poll.registry().deregister(source).error(), Error::from_errno(EXDEV));
}

TYPED_TEST(M17, AnEventAfterReregisteringHasTheNewToken) {
  TestPoll<TypeParam> poll;
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(server, 1, kReadable));
  poll.now();
  ASSERT_TRUE(write_text(client, "x"));
  ASSERT_TRUE(poll.modify(server, 2, kReadable));
  const std::vector<Event> events = poll.now();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].token(), Token{2});
}

TYPED_TEST(M18, AListenerWatchedForWritingReportsNoConnection) {
  TestPoll<TypeParam> poll;
  const OwnedFd listener = tcp_listener();
  ASSERT_TRUE(poll.add(listener, 1, kReadable));
  const OwnedFd client = test_support::begin_connect(test_support::port_of(listener));
  ASSERT_TRUE(poll.modify(listener, 1, Interest::kWritable));
  EXPECT_TRUE(poll.now().empty());
}

TYPED_TEST(M19, AnIdleListenerReportsNothingAfterRegisteringAgain) {
  TestPoll<TypeParam> poll;
  const OwnedFd listener = tcp_listener();
  ASSERT_TRUE(poll.add(listener, 1, kReadable));
  ASSERT_TRUE(poll.remove(listener));
  ASSERT_TRUE(poll.add(listener, 1, kReadable));
  EXPECT_TRUE(poll.now().empty());
}

TYPED_TEST(M20, ADeregisteredListenerIsSilent) {
  TestPoll<TypeParam> poll;
  const Waker waker = Waker::create(poll.registry(), Token{9}).value();
  const OwnedFd listener = tcp_listener();
  ASSERT_TRUE(poll.add(listener, 1, kReadable));
  const OwnedFd client = test_support::begin_connect(test_support::port_of(listener));
  ASSERT_TRUE(poll.remove(listener));
  ASSERT_TRUE(waker.wake());
  const std::vector<Event> events = poll.now();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].token(), Token{9});
}

TEST(ME8, DoIoCallsTheFunctionWithTheInnerObject) {
  auto [reader, writer] = pipe_pair();
  const int number = reader.raw();
  HolderSource source(Holder{std::move(reader)});
  EXPECT_EQ(source.do_io([](Holder& holder) { return holder.fd.raw(); }), number);
  EXPECT_EQ(std::as_const(source).do_io([](const Holder& holder) { return holder.fd.raw(); }),
            number);
  EXPECT_EQ(source.get().fd.raw(), number);
  EXPECT_EQ(std::move(source).into_inner().fd.raw(), number);
}

TEST(R130, ARegularFileCannotBeWatched) {
  TestPoll<OverEpoll> poll;
  char name[] = "/tmp/weft-reactor-XXXXXX";
  const OwnedFd file(::mkstemp(name));
  ::unlink(name);
  EXPECT_EQ(poll.add(file, 1, kReadable).error(), std::errc::operation_not_permitted);
}

}  // namespace
}  // namespace weft::runtime::reactor
