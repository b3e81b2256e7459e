// Interface, locks and their order: cancellation_tree.h.

#include <weft/task/internal/cancellation_tree.h>

#include <mutex>
#include <utility>

#include <weft/base/check.h>

namespace weft::internal {

// Nodes in the order in which they were marked, each with a reference. One thread's.
class CancellationNode::MarkedChain {
 public:
  MarkedChain() noexcept = default;
  MarkedChain(const MarkedChain&) = delete;
  MarkedChain& operator=(const MarkedChain&) = delete;
  ~MarkedChain() { WEFT_DCHECK(first_ == nullptr, "CancellationNode: marked and not announced"); }

  // Takes over a reference. A node is marked once, so its link is free.
  void push(CancellationNode& node) noexcept {
    *last_ = &node;
    last_ = &node.next_cancelled_;
  }
  // Tells all who wait, and empties the chain. Without any lock.
  void announce_all() noexcept {
    while (first_ != nullptr) {
      const auto node = RefPtr<CancellationNode>::adopt(first_);
      first_ = node->next_cancelled_;
      node->announce();
    }
    last_ = &first_;
  }

 private:
  CancellationNode* first_ = nullptr;
  CancellationNode** last_ = &first_;
};

void CancellationNode::OnStop::operator()() const noexcept {
  // Counted for the call: what it wakes may drop the last handle on this very thread, and then
  // ending the callback does not wait for it.
  const RefPtr<CancellationNode> kept(*node);
  kept->cancel();
}

CancellationHandle CancellationNode::make_root() {
  return CancellationHandle(make_ref<CancellationNode>());
}

CancellationHandle CancellationNode::make_listening(std::stop_token outside) {
  CancellationHandle handle = make_root();
  // May call back at once, or on another thread before the pointer is set: cancel() does not use
  // it.
  handle.get()->on_stop_ =
      std::make_unique<std::stop_callback<OnStop>>(std::move(outside), OnStop{handle.get()});
  return handle;
}

CancellationHandle CancellationNode::make_child() {
  RefPtr<CancellationNode> child = make_ref<CancellationNode>();
  {
    const std::lock_guard lock(mu_);
    // relaxed: written under mu_.
    if (cancelled_.load(std::memory_order_relaxed)) {
      child->mark();
    } else {
      child->retain();  // the list's reference
      children_.push_back(*child);
      child->parent_ = RefPtr<CancellationNode>(*this);
    }
  }
  return CancellationHandle(std::move(child));
}

std::stop_token CancellationNode::stop_token() {
  const std::lock_guard lock(mu_);
  if (stop_source_.stop_possible()) return stop_source_.get_token();
  std::stop_source source;
  // relaxed: written under mu_.
  if (cancelled_.load(std::memory_order_relaxed)) {
    source.request_stop();  // nobody has seen it: nothing is called back
  } else {
    stop_source_ = source;
  }
  return source.get_token();
}

// Locks this node and, if it has one, its parent, which is returned.
RefPtr<CancellationNode> CancellationNode::lock_with_parent() noexcept {
  mu_.lock();
  for (;;) {
    RefPtr<CancellationNode> parent = parent_;
    if (!parent || parent->mu_.try_lock()) return parent;
    mu_.unlock();
    parent->mu_.lock();
    mu_.lock();
    if (parent_ == parent) return parent;
    parent->mu_.unlock();
  }
}

// Under mu_ and the parent's.
void CancellationNode::give_children_to(CancellationNode* parent) noexcept {
  while (CancellationNode* const child = children_.pop_front()) {
    RefPtr<CancellationNode> us;  // not the last reference: the caller has one
    {
      const std::lock_guard lock(child->mu_);
      us = std::move(child->parent_);
      if (parent != nullptr) child->parent_ = RefPtr<CancellationNode>(*parent);
    }
    if (parent != nullptr) {
      parent->children_.push_back(*child);  // with the list's reference
    } else {
      child->release();
    }
  }
}

void CancellationNode::last_handle_dropped() noexcept {
  // Waits for a callback that is running on another thread, so without a lock.
  on_stop_.reset();
  const RefPtr<CancellationNode> ours = RefPtr<CancellationNode>::adopt(this);
  const RefPtr<CancellationNode> parent = lock_with_parent();
  give_children_to(parent.get());
  RefPtr<CancellationNode> link;
  RefPtr<CancellationNode> to_parent;
  if (parent) {
    List::remove(*this);
    link = RefPtr<CancellationNode>::adopt(this);
    to_parent = std::move(parent_);
  }
  mu_.unlock();
  if (parent) parent->mu_.unlock();
}

// Under mu_, or before anybody else has seen the node.
void CancellationNode::mark() noexcept {
  cancelled_.store(true, std::memory_order_release);  // [CT1]
}

void CancellationNode::cancel() noexcept {
  MarkedChain marked;
  {
    const std::lock_guard lock(mu_);
    // relaxed: written under mu_.
    if (cancelled_.load(std::memory_order_relaxed)) return;
    mark_subtree(marked);
    mark();
    retain();  // the chain's: whoever is told may drop the last handle
    marked.push(*this);
  }
  marked.announce_all();
}

// Under mu_.
void CancellationNode::mark_subtree(MarkedChain& marked) noexcept {
  while (CancellationNode* const child = children_.pop_front()) {
    RefPtr<CancellationNode> us;  // not the last reference: who cancels has one
    bool is_new = false;
    {
      const std::lock_guard lock(child->mu_);
      us = std::move(child->parent_);
      // relaxed: written under its mu_. If it is cancelled it has no children any more.
      is_new = !child->cancelled_.load(std::memory_order_relaxed);
      while (CancellationNode* const grandchild = child->children_.pop_front()) {
        mark_or_adopt(*grandchild, marked);
      }
      if (is_new) child->mark();
    }
    // Either way the list's reference goes with it.
    if (is_new) {
      marked.push(*child);
    } else {
      child->release();
    }
  }
}

// Under mu_ and the lock of a child, out of whose list `grandchild` has just been taken, with the
// reference that goes with it.
void CancellationNode::mark_or_adopt(CancellationNode& grandchild, MarkedChain& marked) noexcept {
  RefPtr<CancellationNode> child;  // not the last reference: mark_subtree() has one
  bool is_new = false;
  bool has_children = false;
  {
    const std::lock_guard lock(grandchild.mu_);
    child = std::move(grandchild.parent_);
    // relaxed: written under its mu_.
    is_new = !grandchild.cancelled_.load(std::memory_order_relaxed);
    has_children = !grandchild.children_.empty();
    if (is_new && has_children) {
      grandchild.parent_ = RefPtr<CancellationNode>(*this);
    } else if (is_new) {
      grandchild.mark();
    }
  }
  if (!is_new) {
    grandchild.release();
  } else if (has_children) {
    children_.push_back(grandchild);
  } else {
    marked.push(grandchild);
  }
}

// Of a node that has just been marked, by whoever did it. Without any lock.
void CancellationNode::announce() noexcept {
  notify_.notify_waiters();
  stop_source_.request_stop();  // nothing, if it has no state
}

}  // namespace weft::internal
