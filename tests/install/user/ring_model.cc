// A model of the user's: two threads count, and the model checker tries all their orders.

#include <weft/loom/model.h>

int main() {
  namespace loom = weft::loom;
  loom::model([] {
    loom::Atomic<int> count{0};
    loom::Thread other([&] { count.fetch_add(1, std::memory_order_relaxed); });
    count.fetch_add(1, std::memory_order_relaxed);
    other.join();
    loom::expect(count.unsync_load() == 2, "both have counted");
  });
}
