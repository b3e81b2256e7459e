// Poll: making one, and one wait. Interface: poll.h.

#include <weft/runtime/reactor/poll.h>

#include <cstddef>

#include <weft/runtime/reactor/selector.h>

namespace weft::runtime::reactor {

Result<Poll> Poll::create() {
  return internal::Selector::create().transform(
      [](internal::Selector&& selector) { return Poll(Registry(std::move(selector))); });
}

Result<void> Poll::poll(Events& events, std::optional<std::chrono::nanoseconds> timeout) noexcept {
  events.clear();
  const Result<std::size_t> count = registry_.selector_.select(events.room(), timeout);
  if (!count) return Err(count.error());
  events.set_size(*count);
  return {};
}

}  // namespace weft::runtime::reactor
