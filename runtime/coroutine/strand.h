// Strand: a chain of coroutine frames that run one after the other, and the leaf it waits for.
//
// Spec: R-157..R-161, T-69..T-71; R-167 (poll_cancel).
//
// Of a chain root -> child -> ... only the innermost frame waits, and it waits on a leaf: an object
// with `bool poll(Context&)`. The strand remembers that leaf and that frame, nothing else. To run a
// strand is: poll its leaf; if it is ready, resume its frame, which runs until the chain waits on
// the next leaf or the root has ended. So a wake-up costs one indirect call and one resume however
// deep the chain is, and a spurious wake-up is harmless.
//
// A strand is used by one thread at a time: whoever polls the task (or the combinator's branch)
// that it belongs to. While it runs, the union holds the context of the poll; while it waits, the
// frame to resume.

#ifndef WEFT_RUNTIME_COROUTINE_STRAND_H_
#define WEFT_RUNTIME_COROUTINE_STRAND_H_

#include <concepts>
#include <coroutine>

namespace weft {

class Context;
class WaitReport;

namespace internal {

struct DebuggerTable;

// What a strand knows of a kind of leaf. The table's address and its name also say what a task is
// waiting on, at no cost in the leaf.
struct LeafOps {
  bool (*poll)(void* leaf, Context& cx) noexcept;
  // Null for leaves that can simply be destroyed; else driven to true before the frame is. Answers
  // true, and changes nothing, if nothing inside needs it; goes on answering true after it did.
  bool (*poll_cancel)(void* leaf, Context& cx) noexcept;
  const char* waiting_on;
  // Null for leaves whose name says it all; else tells a dump more (wait_report.h).
  void (*describe)(void* leaf, WaitReport& report) noexcept;
  // It is only a way to what describe() shows: not worth a line of its own.
  bool is_transparent;
};

template <class Node>
concept CancelDriven = requires(Node& node, Context& cx) {
  { node.poll_cancel(cx) } -> std::same_as<bool>;
};

template <class Node>
concept Describable = requires(Node& node, WaitReport& report) { node.describe(report); };

// Leaves with `static constexpr bool kIsTransparent = true`: see LeafOps.
template <class Node>
concept Transparent = requires { requires Node::kIsTransparent; };

template <class Node>
constexpr const char* waiting_on() noexcept {
  if constexpr (requires { Node::kWaitingOn; }) {
    return Node::kWaitingOn;
  } else {
    return "leaf";
  }
}

template <class Node>
bool poll_leaf(void* leaf, Context& cx) noexcept {
  return static_cast<Node*>(leaf)->poll(cx);
}

template <class Node>
bool poll_cancel_leaf(void* leaf, Context& cx) noexcept {
  return static_cast<Node*>(leaf)->poll_cancel(cx);
}

template <class Node>
void describe_leaf(void* leaf, WaitReport& report) noexcept {
  static_cast<Node*>(leaf)->describe(report);
}

template <class Node>
constexpr LeafOps make_leaf_ops() noexcept {
  LeafOps ops{&poll_leaf<Node>, nullptr, waiting_on<Node>(), nullptr, Transparent<Node>};
  if constexpr (CancelDriven<Node>) ops.poll_cancel = &poll_cancel_leaf<Node>;
  if constexpr (Describable<Node>) ops.describe = &describe_leaf<Node>;
  return ops;
}

template <class Node>
inline constexpr LeafOps kLeafOps = make_leaf_ops<Node>();

class Strand {
 public:
  Strand() noexcept = default;
  Strand(const Strand&) = delete;
  Strand& operator=(const Strand&) = delete;

  // The next poll resumes `root` from its beginning.
  void start(std::coroutine_handle<> root) noexcept {
    ops_ = nullptr;
    leaf_ = nullptr;
    frame_ = root;
  }

  // Runs the chain as far as it goes. True: the root has reached its end.
  [[nodiscard]] bool poll(Context& cx) noexcept {
    if (ops_ != nullptr && !ops_->poll(leaf_, cx)) return false;
    const std::coroutine_handle<> frame = frame_;
    ops_ = nullptr;
    context_ = &cx;
    frame.resume();
    return ops_ == nullptr;
  }

  // Ends what the chain waits for, where that takes more than destroying it. True: the frames may
  // be destroyed now; false: poll again after the wake-up. A chain inside which nothing lives that
  // has to be ended answers true and is left as it was; of any other, only poll_cancel() may be
  // called afterwards. Not for a chain that is complete.
  [[nodiscard]] bool poll_cancel(Context& cx) noexcept {
    if (ops_ == nullptr || ops_->poll_cancel == nullptr) return true;
    return ops_->poll_cancel(leaf_, cx);
  }
  // Whether the frames may be destroyed at once; gives poll_cancel() one step to make it so.
  bool may_be_destroyed() noexcept {
    return ops_ == nullptr || ops_->poll_cancel == nullptr || end_at_once();
  }
  // After poll_cancel() has answered true and before the frames are destroyed.
  void leaf_has_ended() noexcept { ops_ = nullptr; }

  // Called by the running frame: polls `node` for the first time and, if it is not ready, makes it
  // the leaf that `frame` waits on. True: ready, do not suspend.
  template <class Node>
  [[nodiscard]] bool poll_or_wait(Node& node, std::coroutine_handle<> frame) noexcept {
    if (node.poll(*context_)) return true;
    wait(&kLeafOps<Node>, &node, frame);
    return false;
  }

  void wait(const LeafOps* ops, void* leaf, std::coroutine_handle<> frame) noexcept {
    ops_ = ops;
    leaf_ = leaf;
    frame_ = frame;
  }

  // Called by a leaf from within its poll, before it answers true: `frame` is resumed instead of
  // the one that waits, which the leaf has destroyed (ok.h).
  void continue_with(std::coroutine_handle<> frame) noexcept { frame_ = frame; }

  // The context of the poll that runs now. Only while the strand runs.
  Context& context() const noexcept { return *context_; }
  // The innermost frame. Only while the strand does not run and is not complete.
  std::coroutine_handle<> innermost() const noexcept { return frame_; }
  const LeafOps* leaf_ops() const noexcept { return ops_; }
  // What it waits on, which leaf_ops() tells the kind of.
  void* leaf() const noexcept { return leaf_; }

 private:
  friend struct DebuggerTable;
  bool end_at_once() noexcept;

  const LeafOps* ops_ = nullptr;  // null: not started, running, or complete
  void* leaf_ = nullptr;
  union {
    std::coroutine_handle<> frame_ = nullptr;  // not started, or waiting
    Context* context_;                         // running
  };
};

}  // namespace internal
}  // namespace weft

#endif  // WEFT_RUNTIME_COROUTINE_STRAND_H_
