// IntrusiveQueue: a singly linked first-in first-out queue whose nodes are the elements themselves.
//
// Design. For what is queued, taken from the front, and never leaves from the middle: tasks on
// their way through a run queue. One link per element, and a whole batch is appended in constant
// time, so that a lock around the queue is held for a few instructions whatever the size of the
// batch.
//
// The queue owns nothing. Elements must not move while queued and have to be gone before the queue
// is (checked in debug builds). Not thread-safe. An element is in one queue per hook; a T in
// several derives from one hook for each, as with IntrusiveList. Unlike there, a node does not know
// whether it is queued: that is for the element's own state to say.
//
//   struct Job : QueueNode { ... };
//   IntrusiveQueue<Job> batch;
//   ...
//   { std::lock_guard lock(mu_);  queue_.append(std::move(batch)); }

#ifndef WEFT_BASE_INTRUSIVE_QUEUE_H_
#define WEFT_BASE_INTRUSIVE_QUEUE_H_

#include <type_traits>
#include <utility>

#include <weft/base/check.h>

namespace weft {

template <class T, class Hook>
class IntrusiveQueue;

// The link of an element; immovable. Its destructor does nothing.
class QueueNode {
 public:
  constexpr QueueNode() noexcept = default;
  QueueNode(const QueueNode&) = delete;
  QueueNode& operator=(const QueueNode&) = delete;

 private:
  template <class T, class Hook>
  friend class IntrusiveQueue;

  QueueNode* next_ = nullptr;  // meaningful only while queued
};

// Every operation takes constant time. Moving a queue leaves the source empty.
template <class T, class Hook = QueueNode>
class IntrusiveQueue {
 public:
  IntrusiveQueue() noexcept = default;
  IntrusiveQueue(IntrusiveQueue&& other) noexcept
      : head_(std::exchange(other.head_, nullptr)), tail_(std::exchange(other.tail_, nullptr)) {}
  // Precondition: this queue is empty.
  IntrusiveQueue& operator=(IntrusiveQueue&& other) noexcept {
    WEFT_DCHECK(empty(), "IntrusiveQueue: assigned to while it is not empty");
    head_ = std::exchange(other.head_, nullptr);
    tail_ = std::exchange(other.tail_, nullptr);
    return *this;
  }
  // Precondition: it is empty.
  ~IntrusiveQueue() { WEFT_DCHECK(empty(), "IntrusiveQueue: destroyed while it is not empty"); }

  bool empty() const noexcept { return head_ == nullptr; }

  // The one that pop_front() would return; null if empty.
  T* front() const noexcept { return to_value(head_); }

  // Precondition of both: `value` is in no queue (by this hook).
  void push_back(T& value) noexcept {
    QueueNode* const node = to_node(value);
    node->next_ = nullptr;
    if (empty()) {
      head_ = node;
    } else {
      tail_->next_ = node;
    }
    tail_ = node;
  }
  void push_front(T& value) noexcept {
    QueueNode* const node = to_node(value);
    if (empty()) tail_ = node;
    node->next_ = head_;
    head_ = node;
  }

  // Takes the first out; null if empty.
  T* pop_front() noexcept {
    QueueNode* const node = head_;
    if (node == nullptr) return nullptr;
    head_ = node->next_;
    if (head_ == nullptr) tail_ = nullptr;
    node->next_ = nullptr;
    return to_value(node);
  }

  // Moves all of `other` behind our last, in order. `other` is another queue; it is empty
  // afterwards.
  void append(IntrusiveQueue&& other) noexcept {
    WEFT_DCHECK(&other != this, "IntrusiveQueue::append: to itself");
    if (other.empty()) return;
    if (empty()) {
      head_ = other.head_;
    } else {
      tail_->next_ = other.head_;
    }
    tail_ = other.tail_;
    other.head_ = nullptr;
    other.tail_ = nullptr;
  }

  // All of it; this queue is empty afterwards.
  [[nodiscard]] IntrusiveQueue take_all() noexcept { return IntrusiveQueue(std::move(*this)); }

 private:
  static QueueNode* to_node(T& value) noexcept {
    static_assert(std::is_base_of_v<QueueNode, Hook>,
                  "IntrusiveQueue: Hook derives from QueueNode");
    static_assert(std::is_base_of_v<Hook, T>, "IntrusiveQueue: T derives from Hook");
    return &static_cast<Hook&>(value);
  }
  // SAFETY(cast): every node in the queue is the Hook of a T: only to_node() makes them.
  static T* to_value(QueueNode* node) noexcept { return static_cast<T*>(static_cast<Hook*>(node)); }

  QueueNode* head_ = nullptr;
  QueueNode* tail_ = nullptr;  // null exactly when head_ is
};

}  // namespace weft

#endif  // WEFT_BASE_INTRUSIVE_QUEUE_H_
