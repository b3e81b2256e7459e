#include <weft/runtime/observe/observe_config.h>

#include <memory>
#include <utility>

#include <weft/loom/atomic.h>
#include <weft/loom/global.h>

namespace weft::internal {
namespace {

// Written by each runtime that is traced because of the environment.
struct TraceNumberSource {
  loom::Atomic<unsigned> next{1};
};
struct TraceNumbersTag;
using TraceNumbers = loom::Global<TraceNumberSource, TraceNumbersTag>;

}  // namespace

void attach_observer(RuntimeConfig& config) {
  std::shared_ptr<Observer> observer = Observer::create(config);
  if (observer == nullptr) return;
  if (observer->trace() != nullptr) {
    // The observer itself, not a share: it and these are parts of the same configuration.
    Observer* const seen_by = observer.get();
    config.on_thread_park = [seen_by, hook = std::move(config.on_thread_park)] {
      if (hook) hook();
      seen_by->begin_park();
    };
    config.on_thread_unpark = [seen_by, hook = std::move(config.on_thread_unpark)] {
      seen_by->end_park();
      if (hook) hook();
    };
  }
  config.task_hooks.observer = std::move(observer);
}

std::string trace_path_of_next_runtime(std::string_view path) {
  // relaxed: only the number matters.
  return numbered_path(path, TraceNumbers::get().next.fetch_add(1, std::memory_order_relaxed));
}

std::string numbered_path(std::string_view path, unsigned number) {
  if (number == 1) return std::string(path);
  const std::size_t name = path.rfind('/') == path.npos ? 0 : path.rfind('/') + 1;
  const std::size_t dot = path.rfind('.');
  // A name that begins with its only dot has no extension.
  const std::size_t cut = dot == path.npos || dot <= name ? path.size() : dot;
  return std::string(path.substr(0, cut)) + "." + std::to_string(number) +
         std::string(path.substr(cut));
}

}  // namespace weft::internal
