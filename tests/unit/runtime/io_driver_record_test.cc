// Records of the I/O driver, statement by statement as reactor.md section 7 has them.

#include <cerrno>
#include <cstdint>
#include <optional>
#include <sys/epoll.h>

#include <gtest/gtest.h>
#include <tests/unit/runtime/io_driver_support.h>
#include <weft/base/sys_table.h>

namespace weft::internal {
namespace {

using test_support::pipe_pair;
using test_support::tcp_pair;
using test_support::write_text;

TEST(MD1, TheTokenIsTheRecordsAddress) {
  struct Watching : sys::Table {
    mutable std::uint64_t token = 0;
  } table;
  table.epoll_ctl = [](int epoll, int operation, int fd, ::epoll_event* event) {
    if (operation == EPOLL_CTL_ADD) {
      static_cast<const Watching*>(sys::table())->token = event->data.u64;
    }
    return ::epoll_ctl(epoll, operation, fd, event);
  };
  TestDriver io;
  auto [reader, writer] = pipe_pair();
  const sys::TableScope scope(table);
  const IoRegistration made = io.watch(std::move(reader), IoKind::kPipe);
  EXPECT_EQ(table.token, reinterpret_cast<std::uintptr_t>(&made.record()));
}

TEST(MD1, RegistrationsAreEdgeTriggered) {
  struct Watching : sys::Table {
    mutable std::uint32_t bits = 0;
  } table;
  table.epoll_ctl = [](int epoll, int operation, int fd, ::epoll_event* event) {
    if (operation == EPOLL_CTL_ADD)
      static_cast<const Watching*>(sys::table())->bits = event->events;
    return ::epoll_ctl(epoll, operation, fd, event);
  };
  TestDriver io;
  auto [client, server] = tcp_pair();
  const sys::TableScope scope(table);
  const IoRegistration made = io.watch(std::move(server));
  EXPECT_EQ(table.bits, EPOLLET | EPOLLIN | EPOLLRDHUP | EPOLLOUT);
}

// A task that looks at the record, which takes its lock, when it is woken.
class Looker final : public Wakeable {
 public:
  explicit Looker(const IoRegistration& target) : Wakeable(1, &kOps), target_(target) {}
  bool found_ready = false;

 private:
  static void ignore(Wakeable*) noexcept {}
  static void wake(Wakeable* self) noexcept {
    auto& looker = *static_cast<Looker*>(self);
    Context cx(Waker::noop());
    looker.found_ready = looker.target_.poll_ready(cx, IoDirection::kRead).is_ready();
    static_cast<void>(looker.target_.poll_ready(cx, IoDirection::kWrite));
  }
  static constexpr WakeOps kOps = {&wake, &wake, &ignore, &ignore};
  const IoRegistration& target_;
};

TEST(MD2, AnEventAdvancesTheTickAddsReadinessAndWakesWithoutTheLock) {
  TestDriver io;
  auto [reader, writer] = pipe_pair();
  const IoRegistration made = io.watch(std::move(reader), IoKind::kPipe, Interest::kReadable);
  Looker looker(made);
  Waker waker = Waker::adopt(&looker);
  Context cx(waker);
  EXPECT_TRUE(made.poll_ready(cx, IoDirection::kRead).is_pending());
  ASSERT_TRUE(write_text(writer, "x"));
  io.turn();
  EXPECT_TRUE(looker.found_ready);
  EXPECT_EQ(made.record().look().tick(), 1u);
  EXPECT_EQ(made.record().look().ready(), Ready::kReadable);
}

TEST(MD3, AStaleClearDoesNothing) {
  TestDriver io;
  auto [client, server] = tcp_pair();
  const IoRegistration made = io.watch(std::move(server));
  ASSERT_TRUE(write_text(client, "x"));
  io.turn();
  const IoSeen old = made.record().look();
  ASSERT_TRUE(write_text(client, "y"));
  io.turn();
  made.record().clear(Ready::kReadable, old);
  EXPECT_TRUE(made.record().look().ready().contains(Ready::kReadable));
  made.record().clear(Ready::kReadable, made.record().look());
  EXPECT_FALSE(made.record().look().ready().contains(Ready::kReadable));
}

TEST(MD3, ThatASideIsClosedIsNeverCleared) {
  TestDriver io;
  auto [client, server] = tcp_pair();
  const IoRegistration made = io.watch(std::move(server));
  test_support::close_with_reset(std::move(client));
  io.turn();
  made.record().clear(Ready::kAll, made.record().look());
  EXPECT_EQ(made.record().look().ready(), Ready::kReadClosed | Ready::kWriteClosed);
}

TEST(MD4, TwoHundredAndFiftySixEventsAreNoticed) {
  TestDriver io;
  auto [reader, writer] = pipe_pair();
  const IoRegistration made = io.watch(std::move(reader), IoKind::kPipe, Interest::kReadable);
  made.record().report(Ready::kReadable);
  const IoSeen old = made.record().look();
  for (int i = 0; i < 256; ++i) made.record().report(Ready::kReadable);
  made.record().clear(Ready::kReadable, old);
  EXPECT_TRUE(made.record().look().ready().is_readable());
}

TEST(MD4, ClearingKeepsTheShutdown) {
  TestDriver io;
  auto [reader, writer] = pipe_pair();
  const IoRegistration made = io.watch(std::move(reader), IoKind::kPipe, Interest::kReadable);
  made.record().report(Ready::kReadable);
  io.driver->shutdown();
  made.record().clear(Ready::kReadable, made.record().look());
  EXPECT_TRUE(made.record().look().is_shut_down());
  EXPECT_TRUE(made.record().look().ready().is_empty());
}

TEST(MD6, SlotsKeepTheLastAndNodesKeepAll) {
  TestDriver io;
  auto [reader, writer] = pipe_pair();
  const IoRegistration made = io.watch(std::move(reader), IoKind::kPipe, Interest::kReadable);
  MockTask first, last, one, two;
  Waker first_waker = first.waker(), last_waker = last.waker();
  Context first_cx(first_waker), last_cx(last_waker);
  EXPECT_TRUE(made.poll_ready(first_cx, IoDirection::kRead).is_pending());
  EXPECT_TRUE(made.poll_ready(last_cx, IoDirection::kRead).is_pending());
  Polled wait_one(made.readable());
  std::optional<Polled<IoReadyAwaitable<IoReadyNode>>> gone(made.readable());
  Polled wait_two(made.readable());
  EXPECT_FALSE(wait_one.poll(one));
  EXPECT_FALSE(gone->poll(one));
  EXPECT_FALSE(wait_two.poll(two));
  gone.reset();
  ASSERT_TRUE(write_text(writer, "x"));
  io.turn();
  EXPECT_EQ(first.wake_count(), 0);
  EXPECT_EQ(last.wake_count(), 1);
  EXPECT_EQ(one.wake_count(), 1);
  EXPECT_EQ(two.wake_count(), 1);
}

TEST(MD8, LaterRegistrationsGetTheShutdownError) {
  TestDriver io;
  auto [reader, writer] = pipe_pair();
  const IoRegistration before = io.watch(std::move(reader), IoKind::kPipe);
  io.driver->shutdown();
  io.driver->shutdown();  // once is enough
  EXPECT_TRUE(before.record().look().is_shut_down());
  const Result<IoRegistration> after =
      IoRegistration::create(*io.driver, std::move(writer), IoKind::kPipe);
  EXPECT_EQ(after.error(), Errc::runtime_shutdown);
}

TEST(MD9, AFailedRegistrationLeavesNoRecord) {
  auto [reader, writer] = pipe_pair();
  {
    TestDriver io;
    sys::Table table;
    table.epoll_ctl = [](int, int, int, ::epoll_event*) {
      errno = ENOSPC;
      return -1;
    };
    const sys::TableScope scope(table);
    const Result<IoRegistration> made =
        IoRegistration::create(*io.driver, std::move(reader), IoKind::kPipe);
    EXPECT_EQ(made.error(), std::errc::no_space_on_device);
    // A record left in the driver's list would keep the driver, and LeakSanitizer would report
    // both.
  }
  EXPECT_TRUE(reader);
}

TEST(MD10, AFailedWaitIsFatal) {
  TestDriver io;
  sys::Table table;
  table.epoll_wait = [](int, ::epoll_event*, int, int) {
    errno = EINVAL;
    return -1;
  };
  const sys::TableScope scope(table);
  EXPECT_DEATH(io.turn(), "the reactor's poll failed");
}

}  // namespace
}  // namespace weft::internal
