// Waker: one per Poll. Interface: waker.h.

#include <weft/runtime/reactor/waker.h>

#include <system_error>

namespace weft::runtime::reactor {

Result<Waker> Waker::create(Registry& registry, Token token) {
  RefPtr<internal::Identity> identity(registry.selector().identity());
  if (!identity->claim_waker()) return Err(std::errc::file_exists);
  Result<internal::WakeSource> source = internal::WakeSource::create(registry.selector(), token);
  if (!source) {
    identity->release_waker();
    return Err(source.error());
  }
  return Waker(*std::move(source), std::move(identity));
}

Waker& Waker::operator=(Waker&& other) noexcept {
  if (this == &other) return *this;
  release();
  source_ = std::move(other.source_);
  selector_ = std::move(other.selector_);
  return *this;
}

void Waker::release() noexcept {
  if (selector_ == nullptr) return;
  source_.end();
  selector_->release_waker();
}

}  // namespace weft::runtime::reactor
