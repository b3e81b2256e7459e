// The example in sync/mapped_guard.h; tools/doc_examples.py keeps the two equal.

#include <weft/sync/mapped_guard.h>

#include <utility>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>
#include <weft/sync/mutex.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

struct Person {
  int age = 0;
};

// [example]
// Knows nothing of what the number is a part of.
Task<> add_later(sync::MappedMutexGuard<int> number, int amount) {
  co_await yield_now();
  *number += amount;
}

Task<> have_birthday(sync::Mutex<Person>& person) {
  auto guard = co_await person.lock();
  auto age = std::move(guard).map([](Person& p) -> int& { return p.age; });
  co_await add_later(std::move(age), 1);
}
// [end]

TEST(DocExample, SyncMappedGuard) {
  sync::Mutex<Person> person(Person{35});
  test::block_on(have_birthday(person));
  EXPECT_EQ(person.get_mut().age, 36);
  EXPECT_TRUE(person.try_lock().has_value());
}

}  // namespace
}  // namespace weft
