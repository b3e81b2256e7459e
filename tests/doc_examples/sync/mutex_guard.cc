// The example in sync/mutex_guard.h; tools/doc_examples.py keeps the two equal.

#include <weft/sync/mutex_guard.h>

#include <string>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/sync/mutex.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

struct Person {
  std::string name;
  int age = 0;
};

// [example]
Task<> rename(sync::Mutex<Person>& person, std::string to) {
  auto guard = co_await person.lock();
  guard->age += 1;
  auto name = std::move(guard).map([](Person& p) -> std::string& { return p.name; });
  *name = std::move(to);  // still locked, until `name` goes
}
// [end]

TEST(DocExample, SyncMutexGuard) {
  sync::Mutex<Person> person(Person{"Ada", 35});
  test::block_on(rename(person, "Lovelace"));
  EXPECT_EQ(person.get_mut().name, "Lovelace");
  EXPECT_EQ(person.get_mut().age, 36);
  EXPECT_TRUE(person.try_lock().has_value());
}

}  // namespace
}  // namespace weft
