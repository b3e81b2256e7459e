// The calls of kqueue, answered by the test. Interface: fake_kqueue.h.

#include <tests/kqueue/fake_kqueue.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <span>
#include <sys/eventfd.h>
#include <utility>

#include <weft/base/check.h>

namespace weft::kqueue_test {

namespace {

FakeKqueue* the_one = nullptr;

}  // namespace

FakeKqueue::FakeKqueue() {
  WEFT_CHECK(the_one == nullptr, "FakeKqueue: there is one already");
  the_one = this;
}
FakeKqueue::~FakeKqueue() { the_one = nullptr; }

FakeKqueue& FakeKqueue::current() {
  WEFT_CHECK(the_one != nullptr, "FakeKqueue: a call without one");
  return *the_one;
}

}  // namespace weft::kqueue_test

// A descriptor that can be duplicated, made close-on-exec and closed.
extern "C" int kqueue() {
  errno = weft::kqueue_test::FakeKqueue::current().create_error;
  return errno == 0 ? ::eventfd(0, 0) : -1;
}

extern "C" int kevent(int queue, const struct kevent* changes, int change_count,
                      struct kevent* events, int event_count, const struct timespec* timeout) {
  auto& fake = weft::kqueue_test::FakeKqueue::current();
  // A copy, as both may be the same memory.
  std::vector<struct kevent> answers(changes, changes + change_count);
  fake.calls.push_back({queue, answers, change_count == 0, std::nullopt});
  if (timeout != nullptr) fake.calls.back().timeout = *timeout;
  if (fake.call_error != 0) {
    errno = fake.call_error;
    return -1;
  }
  for (struct kevent& answer : answers) {
    const auto error = fake.receipt_errors.find(answer.filter);
    answer.flags = EV_ERROR;
    answer.data = error == fake.receipt_errors.end() ? 0 : error->second;
  }
  if (change_count == 0) answers = std::exchange(fake.ready, {});
  const std::size_t count = std::min(answers.size(), static_cast<std::size_t>(event_count));
  std::copy_n(answers.begin(), count, events);
  return static_cast<int>(count);
}
