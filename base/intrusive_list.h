// IntrusiveList: a doubly linked list whose nodes are the elements themselves.
//
// Design. A waiter lives in its coroutine's frame and has to enter and leave queues without
// allocating and in constant time, also from its destructor and without knowing which list it is in
// just then (a wake-all moves waiters to a list of its own). So a node carries both links, and a
// list is a ring through a node of its own: unlinking needs no list, and `linked` is a question to
// the node. Moving a list relinks two neighbours.
//
// The list owns nothing. Elements must not move while linked, have to leave before they are
// destroyed, and have to be gone before the list is: all three are checked in debug builds. Not
// thread-safe: nodes and list are guarded by one lock, whichever the list's owner names; "which
// list is it in" then needs no answer as long as all of its lists are guarded by the same one.
//
// T derives from ListNode. A T that has to be in two lists at once derives from one hook for each
// and names it:
//
//   struct Waiter : ListNode { ... };              IntrusiveList<Waiter> waiters;
//
//   struct ByOwner : ListNode {};
//   struct ByDeadline : ListNode {};
//   struct Timer : ByOwner, ByDeadline { ... };    IntrusiveList<Timer, ByDeadline> due;

#ifndef WEFT_BASE_INTRUSIVE_LIST_H_
#define WEFT_BASE_INTRUSIVE_LIST_H_

#include <cstddef>
#include <iterator>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>

namespace weft {

namespace internal {
class ListRing;
}  // namespace internal

// The links of an element. Unlinked when made; immovable.
class ListNode {
 public:
  constexpr ListNode() noexcept = default;
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;
  ~ListNode() { WEFT_DCHECK(!is_linked(), "ListNode: destroyed while it is in a list"); }

  bool is_linked() const noexcept { return next_ != nullptr; }

  // Leaves whatever list it is in. Precondition: it is in one.
  void unlink() noexcept {
    WEFT_DCHECK(is_linked(), "ListNode::unlink: it is in no list");
    previous_->next_ = next_;
    next_->previous_ = previous_;
    next_ = nullptr;
    previous_ = nullptr;
  }

 private:
  friend class internal::ListRing;

  ListNode* next_ = nullptr;  // null exactly when unlinked
  ListNode* previous_ = nullptr;
};

namespace internal {

// The list without its type: a ring through head_, which stands before the first and after the
// last.
class ListRing {
 public:
  ListRing() noexcept { reset(); }
  ListRing(ListRing&& other) noexcept {
    reset();
    splice_before(head_, other);
  }
  ListRing& operator=(ListRing&& other) noexcept {
    WEFT_DCHECK(empty(), "IntrusiveList: assigned to while it is not empty");
    if (this != &other) splice_before(head_, other);
    return *this;
  }
  ~ListRing() {
    WEFT_DCHECK(empty(), "IntrusiveList: destroyed while it is not empty");
    head_.next_ = nullptr;  // so that head_'s own destructor finds it unlinked
  }

  bool empty() const noexcept { return head_.next_ == &head_; }
  ListNode& head() noexcept { return head_; }
  const ListNode& head() const noexcept { return head_; }

  static ListNode* next(const ListNode& node) noexcept { return node.next_; }
  static ListNode* previous(const ListNode& node) noexcept { return node.previous_; }

  static void insert_before(ListNode& position, ListNode& node) noexcept {
    WEFT_DCHECK(!node.is_linked(), "IntrusiveList: pushed while it is in a list");
    node.next_ = &position;
    node.previous_ = position.previous_;
    position.previous_->next_ = &node;
    position.previous_ = &node;
  }

  // Moves all of `other` to in front of `position`, a node of this ring, in order.
  static void splice_before(ListNode& position, ListRing& other) noexcept {
    if (other.empty()) return;
    ListNode* const first = other.head_.next_;
    ListNode* const last = other.head_.previous_;
    first->previous_ = position.previous_;
    position.previous_->next_ = first;
    last->next_ = &position;
    position.previous_ = last;
    other.reset();
  }

 private:
  void reset() noexcept {
    head_.next_ = &head_;
    head_.previous_ = &head_;
  }

  ListNode head_;
};

}  // namespace internal

// Every operation takes constant time. Moving a list leaves the source empty.
template <class T, class Hook = ListNode>
class IntrusiveList {
 public:
  template <class Value>
  class Iterator;
  using iterator = Iterator<T>;
  using const_iterator = Iterator<const T>;

  IntrusiveList() noexcept = default;
  IntrusiveList(IntrusiveList&&) noexcept = default;
  // Precondition: this list is empty.
  IntrusiveList& operator=(IntrusiveList&&) noexcept = default;
  // Precondition: this list is empty.
  ~IntrusiveList() = default;

  bool empty() const noexcept { return ring_.empty(); }

  // Null if empty.
  T* front() noexcept { return empty() ? nullptr : to_value(Ring::next(ring_.head())); }
  T* back() noexcept { return empty() ? nullptr : to_value(Ring::previous(ring_.head())); }
  const T* front() const noexcept { return empty() ? nullptr : to_value(Ring::next(ring_.head())); }
  const T* back() const noexcept {
    return empty() ? nullptr : to_value(Ring::previous(ring_.head()));
  }

  // Precondition of the three: `value` is in no list (by this hook).
  void push_front(T& value) noexcept {
    Ring::insert_before(*Ring::next(ring_.head()), to_node(value));
  }
  void push_back(T& value) noexcept { Ring::insert_before(ring_.head(), to_node(value)); }
  // `position` is in this list.
  void insert_before(T& position, T& value) noexcept {
    Ring::insert_before(to_node(position), to_node(value));
  }

  // Unlinks and returns the first, or the last; null if empty.
  T* pop_front() noexcept { return unlinked(front()); }
  T* pop_back() noexcept { return unlinked(back()); }

  // Unlinks `value`, which is in this list, or in one guarded by the same lock.
  static void remove(T& value) noexcept { to_node(value).unlink(); }
  static bool is_linked(const T& value) noexcept {
    return static_cast<const Hook&>(value).ListNode::is_linked();
  }

  // Moves all of `other` behind our last, or in front of our first, keeping its order. `other` is
  // another list; it is empty afterwards.
  void splice_back(IntrusiveList&& other) noexcept {
    WEFT_DCHECK(&other != this, "IntrusiveList::splice_back: into itself");
    Ring::splice_before(ring_.head(), other.ring_);
  }
  void splice_front(IntrusiveList&& other) noexcept {
    WEFT_DCHECK(&other != this, "IntrusiveList::splice_front: into itself");
    Ring::splice_before(*Ring::next(ring_.head()), other.ring_);
  }

  // All of it; this list is empty afterwards.
  [[nodiscard]] IntrusiveList take_all() noexcept { return IntrusiveList(std::move(*this)); }

  // From first to last. The element an iterator stands on must not be unlinked before the iterator
  // has left it.
  iterator begin() noexcept { return iterator(Ring::next(ring_.head())); }
  iterator end() noexcept { return iterator(&ring_.head()); }
  const_iterator begin() const noexcept { return const_iterator(Ring::next(ring_.head())); }
  const_iterator end() const noexcept { return const_iterator(&ring_.head()); }

 private:
  using Ring = internal::ListRing;

  static ListNode& to_node(T& value) noexcept {
    static_assert(std::is_base_of_v<ListNode, Hook>, "IntrusiveList: Hook derives from ListNode");
    static_assert(std::is_base_of_v<Hook, T>, "IntrusiveList: T derives from Hook");
    return static_cast<Hook&>(value);
  }
  // SAFETY(cast): a node other than the head is the Hook of a T: only to_node() makes them.
  static T* to_value(ListNode* node) noexcept { return static_cast<T*>(static_cast<Hook*>(node)); }
  static const T* to_value(const ListNode* node) noexcept {
    // SAFETY(cast): as above.
    return static_cast<const T*>(static_cast<const Hook*>(node));
  }
  static T* unlinked(T* value) noexcept {
    if (value != nullptr) remove(*value);
    return value;
  }

  Ring ring_;
};

template <class T, class Hook>
template <class Value>
class IntrusiveList<T, Hook>::Iterator {
  using Node = std::conditional_t<std::is_const_v<Value>, const ListNode, ListNode>;

 public:
  using iterator_category = std::bidirectional_iterator_tag;
  using value_type = T;
  using difference_type = std::ptrdiff_t;
  using pointer = Value*;
  using reference = Value&;

  Iterator() noexcept = default;
  explicit Iterator(Node* node) noexcept : node_(node) {}

  reference operator*() const noexcept { return *to_value(node_); }
  pointer operator->() const noexcept { return to_value(node_); }
  Iterator& operator++() noexcept {
    node_ = Ring::next(*node_);
    return *this;
  }
  Iterator operator++(int) noexcept {
    Iterator before = *this;
    ++*this;
    return before;
  }
  Iterator& operator--() noexcept {
    node_ = Ring::previous(*node_);
    return *this;
  }
  Iterator operator--(int) noexcept {
    Iterator before = *this;
    --*this;
    return before;
  }
  friend bool operator==(Iterator, Iterator) noexcept = default;

 private:
  Node* node_ = nullptr;
};

}  // namespace weft

#endif  // WEFT_BASE_INTRUSIVE_LIST_H_
