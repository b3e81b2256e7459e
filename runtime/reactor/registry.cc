// Registry: cloning. Interface: registry.h.

#include <weft/runtime/reactor/registry.h>

namespace weft::runtime::reactor {

Result<Registry> Registry::try_clone() const {
  return selector_.try_clone().transform(
      [](internal::Selector&& selector) { return Registry(std::move(selector)); });
}

}  // namespace weft::runtime::reactor
