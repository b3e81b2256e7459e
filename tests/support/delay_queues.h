// Steps of a DelayQueue taken by hand.
//
//   queue.insert(1, 5ms);
//   EXPECT_TRUE(is_pending(queue, task));
//   rt.advance(5ms);
//   EXPECT_EQ(take_due(queue, task), 1);

#ifndef WEFT_TESTS_SUPPORT_DELAY_QUEUES_H_
#define WEFT_TESTS_SUPPORT_DELAY_QUEUES_H_

#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/mock_task.h>
#include <weft/time/delay_queue.h>

namespace weft::test_support {

// What comes out of `queue` without waiting.
template <class T>
std::vector<T> drain(time::DelayQueue<T>& queue, const MockTask& task) {
  std::vector<T> out;
  for (;;) {
    Polled next(queue.next());
    if (!next.poll(task)) return out;
    auto expired = next.take();
    if (!expired) return out;
    out.push_back(std::move(expired->value));
  }
}

// The next value of a queue that has one that is due.
template <class T>
T take_due(time::DelayQueue<T>& queue, const MockTask& task) {
  Polled next(queue.next());
  EXPECT_TRUE(next.poll(task));
  auto expired = next.take();
  EXPECT_TRUE(expired.has_value());
  return std::move(expired->value);
}

template <class T>
bool is_pending(time::DelayQueue<T>& queue, const MockTask& task) {
  return !Polled(queue.next()).poll(task);
}

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_DELAY_QUEUES_H_
