#include <weft/base/intrusive_list.h>

#include <gtest/gtest.h>
#include <iterator>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using weft::IntrusiveList;
using weft::ListNode;

struct Item : ListNode {
  explicit Item(int n) : number(n) {}
  int number;
};

std::vector<int> numbers(const IntrusiveList<Item>& list) {
  std::vector<int> found;
  for (const Item& item : list) found.push_back(item.number);
  return found;
}

// A list must be empty in the end: empties it and says what was in it.
std::vector<int> drain(IntrusiveList<Item>& list) {
  std::vector<int> found;
  while (Item* item = list.pop_front()) found.push_back(item->number);
  return found;
}

using Numbers = std::vector<int>;

TEST(IntrusiveList, StartsEmpty) {
  IntrusiveList<Item> list;
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.front(), nullptr);
  EXPECT_EQ(list.back(), nullptr);
  EXPECT_EQ(std::as_const(list).front(), nullptr);
  EXPECT_EQ(std::as_const(list).back(), nullptr);
  EXPECT_EQ(list.pop_front(), nullptr);
  EXPECT_EQ(list.pop_back(), nullptr);
  EXPECT_EQ(list.begin(), list.end());
  static_assert(!std::is_copy_constructible_v<IntrusiveList<Item>>);
  static_assert(!std::is_copy_constructible_v<Item> && !std::is_move_constructible_v<Item>);
}

TEST(IntrusiveList, PushesAndPopsAtBothEnds) {
  Item a(1), b(2), c(3);
  IntrusiveList<Item> list;
  list.push_back(b);
  list.push_front(a);
  list.push_back(c);
  EXPECT_EQ(numbers(list), (Numbers{1, 2, 3}));
  EXPECT_EQ(list.front(), &a);
  EXPECT_EQ(list.back(), &c);
  EXPECT_EQ(std::as_const(list).front(), &a);
  EXPECT_EQ(std::as_const(list).back(), &c);
  EXPECT_EQ(list.pop_back(), &c);
  EXPECT_EQ(list.pop_front(), &a);
  EXPECT_EQ(list.pop_front(), &b);
  EXPECT_TRUE(list.empty());
}

TEST(IntrusiveList, KnowsWhatIsLinked) {
  Item a(1);
  IntrusiveList<Item> list;
  EXPECT_FALSE(a.is_linked());
  list.push_back(a);
  EXPECT_TRUE(a.is_linked());
  EXPECT_TRUE(list.is_linked(a));
  list.remove(a);
  EXPECT_FALSE(a.is_linked());
  EXPECT_FALSE(list.is_linked(a));
  EXPECT_TRUE(list.empty());
}

TEST(IntrusiveList, RemovesFromAnywhere) {
  for (int removed = 0; removed < 3; ++removed) {
    Item items[] = {Item(0), Item(1), Item(2)};
    IntrusiveList<Item> list;
    for (Item& item : items) list.push_back(item);
    list.remove(items[removed]);
    Numbers expected = {0, 1, 2};
    expected.erase(expected.begin() + removed);
    EXPECT_EQ(numbers(list), expected);
    list.push_back(items[removed]);
    expected.push_back(removed);
    EXPECT_EQ(drain(list), expected);
  }
}

TEST(IntrusiveList, InsertsBeforeAnother) {
  Item a(1), b(2), c(3);
  IntrusiveList<Item> list;
  list.push_back(c);
  list.insert_before(c, a);
  list.insert_before(c, b);
  EXPECT_EQ(drain(list), (Numbers{1, 2, 3}));
}

TEST(IntrusiveList, MovingTakesAllAndLeavesNothing) {
  Item a(1), b(2);
  IntrusiveList<Item> list;
  list.push_back(a);
  list.push_back(b);
  IntrusiveList<Item> moved = std::move(list);
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(numbers(moved), (Numbers{1, 2}));
  list = std::move(moved);
  EXPECT_TRUE(moved.empty());
  IntrusiveList<Item> taken = list.take_all();
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(drain(taken), (Numbers{1, 2}));
  IntrusiveList<Item> nothing = taken.take_all();
  EXPECT_TRUE(nothing.empty());
}

TEST(IntrusiveList, SplicesAtBothEnds) {
  Item a(1), b(2), c(3), d(4), e(5);
  IntrusiveList<Item> list;
  list.push_back(c);
  IntrusiveList<Item> first;
  first.push_back(a);
  first.push_back(b);
  IntrusiveList<Item> last;
  last.push_back(d);
  last.push_back(e);
  list.splice_back(std::move(last));
  list.splice_front(std::move(first));
  EXPECT_TRUE(first.empty());
  EXPECT_TRUE(last.empty());
  list.splice_back(IntrusiveList<Item>());
  EXPECT_EQ(drain(list), (Numbers{1, 2, 3, 4, 5}));
  first.push_back(a);
  list.splice_front(std::move(first));
  EXPECT_EQ(drain(list), (Numbers{1}));
}

// What a cancelled waiter does while a wake-all works through a list of its own.
TEST(IntrusiveList, NodeLeavesWhateverListItWasMovedTo) {
  Item a(1), c(3);
  IntrusiveList<Item> list;
  IntrusiveList<Item> woken;
  {
    Item b(2);
    list.push_back(a);
    list.push_back(b);
    list.push_back(c);
    woken.splice_back(list.take_all());
    b.unlink();
  }
  EXPECT_EQ(drain(woken), (Numbers{1, 3}));
}

TEST(IntrusiveList, NodeMayBeDestroyedOnceUnlinked) {
  IntrusiveList<Item> list;
  for (int i = 0; i < 3; ++i) {
    auto item = std::make_unique<Item>(i);
    list.push_back(*item);
    EXPECT_EQ(list.pop_front(), item.get());
  }
  EXPECT_TRUE(list.empty());
}

TEST(IntrusiveList, IteratesBothWaysAndEdits) {
  Item a(1), b(2), c(3);
  IntrusiveList<Item> list;
  list.push_back(a);
  list.push_back(b);
  list.push_back(c);
  for (Item& item : list) item.number *= 10;
  static_assert(std::bidirectional_iterator<IntrusiveList<Item>::iterator>);
  static_assert(std::bidirectional_iterator<IntrusiveList<Item>::const_iterator>);
  auto it = list.end();
  EXPECT_EQ((--it)->number, 30);
  EXPECT_EQ((it--)->number, 30);
  EXPECT_EQ((it++)->number, 20);
  EXPECT_EQ(it->number, 30);
  // An iterator moves on first, so that its element may go.
  for (auto next = list.begin(); next != list.end();) {
    Item& item = *next++;
    if (item.number == 20) list.remove(item);
  }
  EXPECT_EQ(drain(list), (Numbers{10, 30}));
}

struct ByOwner : ListNode {};
struct ByDeadline : ListNode {};
struct Timer : ByOwner, ByDeadline {
  explicit Timer(int n) : number(n) {}
  int number;
};

TEST(IntrusiveList, ElementMayBeInOneListPerHook) {
  Timer a(1), b(2);
  IntrusiveList<Timer, ByOwner> owned;
  IntrusiveList<Timer, ByDeadline> due;
  owned.push_back(a);
  owned.push_back(b);
  due.push_back(b);
  due.push_back(a);
  EXPECT_EQ(owned.front(), &a);
  EXPECT_EQ(due.front(), &b);
  due.remove(b);
  EXPECT_TRUE(owned.is_linked(b));
  EXPECT_FALSE(due.is_linked(b));
  EXPECT_EQ(due.pop_front(), &a);
  EXPECT_EQ(owned.pop_back(), &b);
  EXPECT_EQ(owned.pop_back(), &a);
}

#ifndef NDEBUG
TEST(IntrusiveListDeathTest, MisuseIsFatal) {
  IntrusiveList<Item> list;
  Item a(1);
  EXPECT_DEATH(a.unlink(), "ListNode::unlink: it is in no list");
  EXPECT_DEATH(
      {
        list.push_back(a);
        list.push_back(a);
      },
      "pushed while it is in a list");
  EXPECT_DEATH(
      {
        Item gone(2);
        list.push_back(gone);
      },
      "ListNode: destroyed while it is in a list");
  EXPECT_DEATH(
      {
        IntrusiveList<Item> shortlived;
        shortlived.push_back(a);
      },
      "IntrusiveList: destroyed while it is not empty");
  EXPECT_DEATH(
      {
        list.push_back(a);
        list = IntrusiveList<Item>();
      },
      "IntrusiveList: assigned to while it is not empty");
  EXPECT_DEATH(list.splice_back(std::move(list)), "into itself");
  EXPECT_DEATH(list.splice_front(std::move(list)), "into itself");
}
#endif

}  // namespace
