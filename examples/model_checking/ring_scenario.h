// What is checked of a ring: a producer and a consumer, two slots, three values, so that a slot is
// used a second time.

#ifndef EXAMPLES_MODEL_CHECKING_RING_SCENARIO_H_
#define EXAMPLES_MODEL_CHECKING_RING_SCENARIO_H_

#include <optional>

#include <weft/loom/model.h>

template <class Ring>
void values_arrive_in_order() {
  namespace loom = weft::loom;
  Ring ring;
  loom::Thread producer([&] {
    for (int value = 1; value <= 3; ++value) {
      while (!ring.push(value)) loom::yield_now();
    }
  });
  for (int expected = 1; expected <= 3; ++expected) {
    std::optional<int> value = ring.pop();
    while (!value) {
      loom::yield_now();
      value = ring.pop();
    }
    loom::expect(*value == expected, "a value was lost, doubled or overtaken");
  }
  producer.join();
}

#endif  // EXAMPLES_MODEL_CHECKING_RING_SCENARIO_H_
