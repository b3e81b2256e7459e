// FakeKqueue: answers kqueue(2) and kevent(2) for the reactor's tests, where there is no such
// kernel.
//
// It keeps what it is asked, and answers as it is told to. So these tests show what the reactor
// asks of the kernel and what it makes of the answers; they do not show how a kernel behaves.

#ifndef WEFT_TESTS_KQUEUE_FAKE_KQUEUE_H_
#define WEFT_TESTS_KQUEUE_FAKE_KQUEUE_H_

#include <cstdint>
#include <ctime>
#include <map>
#include <optional>
#include <sys/event.h>
#include <vector>

namespace weft::kqueue_test {

// The one that the calls of the program reach: one object at a time, one thread.
class FakeKqueue {
 public:
  struct Call {
    int queue;
    std::vector<struct ::kevent> changes;
    bool is_wait;  // it has no changes
    std::optional<::timespec> timeout;
  };

  FakeKqueue();
  ~FakeKqueue();
  FakeKqueue(const FakeKqueue&) = delete;
  FakeKqueue& operator=(const FakeKqueue&) = delete;

  static FakeKqueue& current();

  std::vector<Call> calls;
  // The errno of the next calls of kqueue and kevent; 0 is success.
  int create_error = 0;
  int call_error = 0;
  // The errno in the receipts of a filter.
  std::map<int, int> receipt_errors;
  // What the next wait brings.
  std::vector<struct ::kevent> ready;
};

}  // namespace weft::kqueue_test

#endif  // WEFT_TESTS_KQUEUE_FAKE_KQUEUE_H_
