#include <weft/runtime/waker.h>

namespace weft {
namespace {

void nothing(Wakeable*) noexcept {}
constexpr WakeOps kNoopOps{&nothing, &nothing, &nothing, &nothing};

class NoopTarget final : public Wakeable {
 public:
  constexpr NoopTarget() noexcept : Wakeable(1, &kNoopOps) {}
};

constinit NoopTarget noop_target;

}  // namespace

const Waker& Waker::noop() noexcept {
  static const Waker waker = Waker::adopt(&noop_target);
  return waker;
}

}  // namespace weft
