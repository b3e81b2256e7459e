// What the senders of bounded and unbounded channels have in common, and their weak forms.
//
// Spec: SY-85, SY-86, SY-87.

#ifndef WEFT_SYNC_INTERNAL_MPSC_SENDER_H_
#define WEFT_SYNC_INTERNAL_MPSC_SENDER_H_

#include <cstddef>
#include <optional>
#include <utility>

#include <weft/base/check.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/wait_report.h>
#include <weft/sync/notify.h>

namespace weft::sync::internal {

// A counted handle. Copyable from any thread that has one; thread-safe as long as it is not moved
// from, assigned to or destroyed meanwhile. Empty when moved from.
template <class Channel>
class MpscSender {
  // Completes when the receiver has closed. The order is the point: registered for the broadcast
  // first, then the test.
  class ClosedNode : public Leaf {
   public:
    explicit ClosedNode(Channel& channel) noexcept
        : channel_(channel), closing_(channel.closing()) {}
    bool poll(Context& cx) noexcept { return channel_.is_closed() || closing_.poll(cx); }
    void take() noexcept {}
    void describe(WaitReport& report) noexcept { report.object(&channel_); }
    static constexpr const char* kWaitingOn = "mpsc closed";

   private:
    Channel& channel_;
    Notified closing_;
  };
  class [[nodiscard]] Closed {
   public:
    explicit Closed(Channel& channel) noexcept : channel_(&channel) {}
    LeafAwaiter<ClosedNode> operator co_await() const noexcept {
      return LeafAwaiter<ClosedNode>(*channel_);
    }

   private:
    Channel* channel_;
  };

 public:
  // Completes when the receiver closes or goes away. Any number may wait. Cancel-safe; takes no
  // budget. Borrows the sender.
  [[nodiscard]] Closed closed() const noexcept { return Closed(channel()); }
  // Whether the receiver has closed or is gone: nothing can be sent without a permit any more.
  bool is_closed() const noexcept { return channel().is_closed(); }

  // Whether both send to the same receiver.
  bool same_channel(const MpscSender& other) const noexcept { return channel_ == other.channel_; }
  // How many senders there are, owned permits included; and how many weak ones.
  std::size_t strong_count() const noexcept { return channel().strong_count(); }
  std::size_t weak_count() const noexcept { return channel().weak_count(); }

 protected:
  // Takes over one count.
  explicit MpscSender(Channel* channel) noexcept : channel_(channel) {}
  MpscSender(const MpscSender& other) noexcept : channel_(other.channel_) {
    if (channel_ != nullptr) channel_->add_sender();
  }
  MpscSender(MpscSender&& other) noexcept : channel_(std::exchange(other.channel_, nullptr)) {}
  ~MpscSender() {
    if (channel_ != nullptr) channel_->remove_sender();
  }
  void swap(MpscSender& other) noexcept { std::swap(channel_, other.channel_); }

  Channel& channel() const noexcept {
    WEFT_DCHECK(channel_ != nullptr, "mpsc::Sender: used after it was moved from");
    return *channel_;
  }

 private:
  Channel* channel_;
};

// Keeps the channel's memory, but not the channel open. Sender is the strong form.
template <class Channel, class Sender>
class MpscWeakSender {
 public:
  MpscWeakSender(const MpscWeakSender& other) noexcept : channel_(other.channel_) {
    if (channel_ != nullptr) channel_->add_weak_sender();
  }
  MpscWeakSender(MpscWeakSender&& other) noexcept
      : channel_(std::exchange(other.channel_, nullptr)) {}
  MpscWeakSender& operator=(MpscWeakSender other) noexcept {
    std::swap(channel_, other.channel_);
    return *this;
  }
  ~MpscWeakSender() {
    if (channel_ != nullptr) channel_->remove_weak_sender();
  }

  // A sender, unless there is none left (SY-86); the receiver may have closed nevertheless.
  std::optional<Sender> upgrade() const noexcept {
    if (!channel_->try_add_sender()) return std::nullopt;
    return Sender(channel_);
  }
  // As MpscSender's.
  std::size_t strong_count() const noexcept { return channel_->strong_count(); }
  std::size_t weak_count() const noexcept { return channel_->weak_count(); }

 private:
  friend Sender;
  explicit MpscWeakSender(Channel& channel) noexcept : channel_(&channel) {
    channel.add_weak_sender();
  }

  Channel* channel_;
};

}  // namespace weft::sync::internal

#endif  // WEFT_SYNC_INTERNAL_MPSC_SENDER_H_
