// Signal. Interface: listener.h.

#include <weft/signal/listener.h>

#include <weft/base/check.h>
#include <weft/signal/internal/registry.h>
#include <weft/signal/internal/slot.h>

namespace weft::signal {

namespace internal {

ReceiveNode::~ReceiveNode() {
  if (!got_) signal_.slot_->stop_waiting(*signal_.listener_);
}

bool ReceiveNode::poll(Context& cx) noexcept {
  if (!cx.has_budget()) return false;
  got_ = signal_.next(cx);
  if (!got_) return false;
  cx.spend_budget();
  return true;
}

void ReceiveNode::describe(WaitReport& report) noexcept {
  report.note("is its number",
              static_cast<std::uint64_t>(Registry::get().number_of(*signal_.slot_)));
}

}  // namespace internal

Signal::Signal(internal::Slot& slot)
    : slot_(&slot), listener_(std::make_unique<internal::Listener>()) {
  slot.add(*listener_);
}

Signal::Signal(Signal&&) noexcept = default;

Signal& Signal::operator=(Signal&& other) noexcept {
  Signal moved(std::move(other));
  std::swap(slot_, moved.slot_);
  std::swap(listener_, moved.listener_);
  return *this;
}

Signal::~Signal() {
  if (listener_) slot_->stop_waiting(*listener_);
}

Poll<std::optional<Delivery>> Signal::poll_recv(Context& cx) noexcept {
  if (!cx.has_budget()) return kPending;
  const std::optional<Delivery> got = next(cx);
  if (!got) return kPending;
  cx.spend_budget();
  return got;
}

std::optional<Delivery> Signal::next(Context& cx) noexcept {
  WEFT_CHECK(listener_, "Signal::recv: the Signal has been moved from");
  const std::uint64_t count = slot_->poll(*listener_, cx);
  return count != 0 ? std::optional(Delivery{count}) : std::nullopt;
}

Result<Signal> signal(SignalKind kind, std::source_location where) {
  const Result<internal::Slot*> slot = internal::Registry::get().listen(kind, where);
  if (!slot) return Err(slot.error());
  return Signal(**slot);
}

}  // namespace weft::signal
