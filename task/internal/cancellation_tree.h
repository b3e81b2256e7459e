// CancellationNode: what the copies of one CancellationToken share, and its place among others.
//
// Spec: T-43..T-45, T-48.
//
//            root            a node points to its parent and is in its parent's list of children;
//           /    \           both are there exactly as long as the parent can still cancel it
//        child   child
//         /
//     grandchild
//
// Each node has a lock of its own, so that a server's connections make and drop the tokens of their
// requests without getting into each other's way.
//   Guarded by a node's mu_: its list of children; its cancelled_ (writes); the parent pointer of
//   the node itself, which is only changed with the lock of that parent held as well.
//   Order: parent before child. From child to parent (the last handle goes): try the parent's lock;
//   if somebody has it, give the own one up, take both in order, and look whether the parent is
//   still the same.
// A link from the parent counts one reference to the child, a pointer to the parent one to it, and
// all handles together one: a node's memory may outlast its handles.
//
// cancel() marks the whole subtree under the lock of its top, without recursion and with never more
// than three locks held: it takes a child out, marks it, marks its children that have none, and
// adopts those that have some, which so become children to be taken out. What was marked hangs in a
// chain through next_cancelled_ and is notified after the lock is given back: a wake-up may run
// anything.
//
// When the last handle to a node goes, nobody can cancel it by name any more; its children move to
// its parent and it disappears from between. So the tree holds no more nodes than there are tokens.
//
//   cancelled_   [CT1] release when set -> acquire in is_cancelled(): what preceded cancel()
//   handles_     [CT2] release in every drop of a handle -> acquire in the last one: what the
//                others did with the node

#ifndef WEFT_TASK_INTERNAL_CANCELLATION_TREE_H_
#define WEFT_TASK_INTERNAL_CANCELLATION_TREE_H_

#include <cstddef>
#include <memory>
#include <stop_token>
#include <utility>

#include <weft/base/intrusive_list.h>
#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/wait_report.h>
#include <weft/sync/notify.h>

namespace weft::internal {

class CancellationHandle;

class CancellationNode : public RefCounted<CancellationNode>, private ListNode {
 public:
  CancellationNode() noexcept = default;
  ~CancellationNode() = default;

  // A new node and its first handle.
  static CancellationHandle make_root();
  static CancellationHandle make_listening(std::stop_token outside);
  CancellationHandle make_child();

  void cancel() noexcept;
  bool is_cancelled() const noexcept {
    return cancelled_.load(std::memory_order_acquire);  // [CT1]
  }
  // Hears of a cancellation that comes after this call; look at is_cancelled() afterwards.
  sync::Notified notified() noexcept { return notify_.notified(); }

  // See CancellationToken::stop_token().
  std::stop_token stop_token();

  // For handles. drop_handle() may destroy the node.
  void add_handle() noexcept {
    // relaxed: the caller has a handle; a count alone publishes nothing.
    handles_.fetch_add(1, std::memory_order_relaxed);
  }
  void drop_handle() noexcept {
    if (handles_.fetch_sub(1, std::memory_order_acq_rel) == 1) last_handle_dropped();  // [CT2]
  }

 private:
  friend class IntrusiveList<CancellationNode>;
  using List = IntrusiveList<CancellationNode>;

  // What a chain of nodes starts with: those that have been marked and are still to be notified.
  // Each link owns a reference.
  class MarkedChain;
  // Cancels the node when the outside stop token is stopped.
  struct OnStop {
    CancellationNode* node;
    void operator()() const noexcept;
  };

  void last_handle_dropped() noexcept;
  [[nodiscard]] RefPtr<CancellationNode> lock_with_parent() noexcept;
  void give_children_to(CancellationNode* parent) noexcept;
  void mark() noexcept;
  void mark_subtree(MarkedChain& marked) noexcept;
  void mark_or_adopt(CancellationNode& grandchild, MarkedChain& marked) noexcept;
  void announce() noexcept;

  loom::Mutex mu_;
  RefPtr<CancellationNode> parent_;  // guarded by mu_ and the parent's; null: no parent (any more)
  List children_;                    // guarded by mu_; each owns a reference
  // Set once, under mu_; read by anyone. [CT1]
  loom::Atomic<bool> cancelled_{false};
  loom::Atomic<std::size_t> handles_{1};        // [CT2]
  CancellationNode* next_cancelled_ = nullptr;  // of whoever marked it, who alone uses it
  sync::Notify notify_;

  // Guarded by mu_ until the node is cancelled, then constant. Has no state until it is asked for.
  std::stop_source stop_source_{std::nostopstate};
  // From before the first handle is given out until the last has gone.
  std::unique_ptr<std::stop_callback<OnStop>> on_stop_;
};

// A handle to a node, or none. Copies are handles to the same.
class CancellationHandle {
 public:
  // Takes over the first handle of `node`.
  explicit CancellationHandle(RefPtr<CancellationNode> node) noexcept
      : node_(std::move(node).release()) {}
  CancellationHandle(const CancellationHandle& other) noexcept : node_(other.node_) {
    if (node_ != nullptr) node_->add_handle();
  }
  CancellationHandle(CancellationHandle&& other) noexcept
      : node_(std::exchange(other.node_, nullptr)) {}
  CancellationHandle& operator=(CancellationHandle other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~CancellationHandle() {
    if (node_ != nullptr) node_->drop_handle();
  }

  CancellationNode* get() const noexcept { return node_; }

 private:
  CancellationNode* node_;
};

// Waits for the cancellation of a node that outlives it. Movable until it is awaited.
class [[nodiscard]] NodeWait {
  class Node : public Leaf {
   public:
    static constexpr const char* kWaitingOn = "cancellation";
    explicit Node(NodeWait& wait) noexcept : wait_(wait) {}
    bool poll(Context& cx) noexcept { return wait_.poll(cx); }
    void take() noexcept {}
    void describe(WaitReport& report) noexcept { report.object(wait_.node_); }

   private:
    NodeWait& wait_;
  };

 public:
  explicit NodeWait(CancellationNode& node) noexcept : node_(&node), notified_(node.notified()) {}

  bool poll(Context& cx) noexcept { return node_->is_cancelled() || notified_.poll(cx); }
  LeafAwaiter<Node> operator co_await() noexcept { return LeafAwaiter<Node>(*this); }

 private:
  CancellationNode* node_;
  sync::Notified notified_;
};

}  // namespace weft::internal

#endif  // WEFT_TASK_INTERNAL_CANCELLATION_TREE_H_
