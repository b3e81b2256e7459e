#include <weft/sync/rw_lock.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <weft/loom/thread.h>

namespace weft::sync {
namespace {

using test_support::MockTask;
using test_support::Polled;

struct Person {
  std::string name;
  int age = 0;
};

template <class A>
auto take_now(A&& awaitable) {
  MockTask task;
  Polled wait(std::forward<A>(awaitable));
  EXPECT_TRUE(wait.poll(task));
  return wait.take();
}

TEST(SY33, ReadersShareAndWritersExclude) {
  RwLock<int> lock(1);
  {
    auto first = take_now(lock.read());
    auto second = take_now(lock.read());
    EXPECT_EQ(*first + *second, 2);
    EXPECT_FALSE(lock.try_write());
  }
  auto writer = take_now(lock.write());
  EXPECT_FALSE(lock.try_read());
  EXPECT_FALSE(lock.try_write());
}

TEST(SY33, TheNumberOfReadersHasLimits) {
  static_assert(RwLock<int>::kMaxReaders == 536'870'911);
  RwLock<int> most(1, RwLock<int>::kMaxReaders);
  EXPECT_TRUE(most.try_write());
  EXPECT_DEATH(RwLock<int>(1, 0), "rw_lock_test.cc.*max_readers");
  EXPECT_DEATH(RwLock<int>(1, RwLock<int>::kMaxReaders + 1), "rw_lock_test.cc.*max_readers");
}

TEST(SY34, AQueuedWriterGoesBeforeLaterReaders) {
  RwLock<int> lock(1);
  std::optional reading = lock.try_read();
  MockTask writer_task, reader_task;
  Polled writer(lock.write());
  Polled reader(lock.read());
  ASSERT_FALSE(writer.poll(writer_task));
  ASSERT_FALSE(reader.poll(reader_task));
  reading.reset();
  EXPECT_TRUE(writer_task.take_woken());
  EXPECT_FALSE(reader_task.take_woken());
  ASSERT_TRUE(writer.poll(writer_task));
  {
    auto guard = writer.take();
  }
  EXPECT_TRUE(reader_task.take_woken());
  EXPECT_TRUE(reader.poll(reader_task));
}

TEST(SY35, WithAllReadersOutTheNextWaitsForOne) {
  RwLock<int> lock(1, 2);
  std::optional first = lock.try_read();
  std::optional second = lock.try_read();
  MockTask task;
  Polled third(lock.read());
  ASSERT_FALSE(third.poll(task));
  first.reset();
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(third.poll(task));
}

TEST(SY36, AWriterThatGivesUpAdmitsTheReadersBehindIt) {
  RwLock<int> lock(1);
  std::optional reading = lock.try_read();
  MockTask writer_task, first_task, second_task;
  std::optional<Polled<decltype(lock.write())>> writer;
  writer.emplace(lock.write());
  Polled first(lock.read()), second(lock.read());
  ASSERT_FALSE(writer->poll(writer_task));
  ASSERT_FALSE(first.poll(first_task));
  ASSERT_FALSE(second.poll(second_task));
  writer.reset();
  EXPECT_TRUE(first_task.take_woken());
  EXPECT_TRUE(second_task.take_woken());
  EXPECT_TRUE(first.poll(first_task));
  EXPECT_TRUE(second.poll(second_task));
}

TEST(SY37, TryReadFailsWhileAWriterHoldsOrWaits) {
  RwLock<int> lock(1);
  {
    std::optional reading = lock.try_read();
    MockTask task;
    Polled writer(lock.write());
    ASSERT_FALSE(writer.poll(task));
    EXPECT_FALSE(lock.try_read());
  }
  EXPECT_TRUE(lock.try_read());
}

TEST(SY37, AllWaysToLock) {
  auto lock = std::make_shared<RwLock<int>>(1);
  std::weak_ptr<RwLock<int>> observer = lock;
  {
    auto a = take_now(RwLock<int>::read_owned(lock));
    auto b = lock->blocking_read();
    auto c = RwLock<int>::blocking_read_owned(lock);
    std::optional d = RwLock<int>::try_read_owned(lock);
    EXPECT_EQ(*a + *b + *c + **d, 4);
    EXPECT_FALSE(RwLock<int>::try_write_owned(lock));
    EXPECT_EQ(a.rw_lock(), lock);
    EXPECT_EQ(&b.rw_lock(), lock.get());
  }
  *take_now(RwLock<int>::write_owned(lock)) += 1;
  *lock->blocking_write() += 1;
  *RwLock<int>::blocking_write_owned(lock) += 1;
  **RwLock<int>::try_write_owned(lock) += 1;
  EXPECT_EQ(lock->get_mut(), 5);
  std::optional last = RwLock<int>::try_write_owned(std::move(lock));
  EXPECT_FALSE(observer.expired());
  last.reset();
  EXPECT_TRUE(observer.expired());
}

TEST(SY38, DowngradeLetsReadersInButNoWriter) {
  RwLock<int> lock(1);
  auto writing = take_now(lock.write());
  MockTask reader_task, writer_task;
  Polled reader(lock.read());
  ASSERT_FALSE(reader.poll(reader_task));
  *writing = 2;
  auto reading = std::move(writing).downgrade();
  EXPECT_TRUE(reader_task.take_woken());
  ASSERT_TRUE(reader.poll(reader_task));
  EXPECT_EQ(*reader.take(), 2);
  EXPECT_FALSE(lock.try_write());
  EXPECT_EQ(*reading, 2);
  Polled writer(lock.write());
  ASSERT_FALSE(writer.poll(writer_task));
  {
    auto gone = std::move(reading);
  }
  EXPECT_TRUE(writer_task.take_woken());
  EXPECT_TRUE(writer.poll(writer_task));
}

TEST(SY38, DowngradeMapAndItsRefusal) {
  RwLock<Person> lock(Person{"Ann", 3});
  {
    auto age =
        take_now(lock.write()).downgrade_map([](const Person& p) -> const int& { return p.age; });
    EXPECT_EQ(*age, 3);
    EXPECT_TRUE(lock.try_read());
    EXPECT_FALSE(lock.try_write());
  }
  {
    auto refused = take_now(lock.write()).try_downgrade_map([](const Person&) -> const int* {
      return nullptr;
    });
    ASSERT_FALSE(refused);
    EXPECT_FALSE(lock.try_read());  // still writing
    refused.error()->age = 4;
    auto age = std::move(refused.error()).try_downgrade_map([](const Person& p) { return &p.age; });
    ASSERT_TRUE(age);
    EXPECT_EQ(**age, 4);
    EXPECT_TRUE(lock.try_read());
  }
  EXPECT_TRUE(lock.try_write());
}

TEST(SY38, MappingKeepsTheLock) {
  RwLock<Person> lock(Person{"Ann", 3});
  {
    auto name = take_now(lock.write()).map([](Person& p) -> std::string& { return p.name; });
    EXPECT_FALSE(lock.try_read());
    *name = "Eve";
    auto letter = std::move(name).try_map([](std::string& s) { return &s[0]; });
    ASSERT_TRUE(letter);
    **letter = 'A';
    EXPECT_FALSE(lock.try_read());
  }
  {
    auto name =
        take_now(lock.read()).map([](const Person& p) -> const std::string& { return p.name; });
    EXPECT_EQ(*name, "Ave");
    EXPECT_TRUE(lock.try_read());
    EXPECT_FALSE(lock.try_write());
  }
  {
    auto whole = take_now(lock.write()).into_mapped();
    whole->age = 9;
    auto refused = std::move(whole).try_map([](Person&) -> int* { return nullptr; });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error()->age, 9);
    EXPECT_FALSE(lock.try_read());
  }
  EXPECT_TRUE(lock.try_write());
}

TEST(SY38, AMapThatThrowsKeepsTheGuard) {
  RwLock<int> lock(0);
  auto guard = take_now(lock.write());
  EXPECT_THROW((void)std::move(guard).map([](int&) -> int& { throw std::runtime_error("no"); }),
               std::runtime_error);
  EXPECT_FALSE(lock.try_read());
  {
    auto gone = std::move(guard);
  }
  EXPECT_TRUE(lock.try_write());
}

TEST(SY39, ReadersSeeAConstValue) {
  RwLock<int> lock(0);
  static_assert(std::is_same_v<decltype(*std::declval<RwLockReadGuard<int>&>()), const int&>);
  static_assert(std::is_same_v<decltype(*std::declval<RwLockWriteGuard<int>&>()), int&>);
  EXPECT_EQ(std::move(lock).into_inner(), 0);
}

TEST(SY8, ReadAndWriteTakeBudget) {
  RwLock<int> lock(0);
  MockTask task;
  Budget budget = Budget::initial();
  int completed = 0;
  for (int i = 0; i < Budget::kUnits + 6; ++i) {
    if (i % 2 == 0) {
      if (Polled wait(lock.read()); wait.poll(task, budget)) ++completed;
    } else {
      if (Polled wait(lock.write()); wait.poll(task, budget)) ++completed;
    }
  }
  EXPECT_EQ(completed, Budget::kUnits);
}

}  // namespace
}  // namespace weft::sync
