// SendOptions, RecvOptions, RecvResult: the flags of sending and receiving messages, by name.
//
// Spec: ancillary.md, A-K15.
//
// Options are set by chained calls, each of its own bit; a system's further flags go through
// custom_flags(). Two things are not left to be remembered: a peer that is gone is an error and no
// signal, unless no_signal(false), and received descriptors are close-on-exec, always.

#ifndef WEFT_NET_ANCILLARY_MESSAGE_OPTIONS_H_
#define WEFT_NET_ANCILLARY_MESSAGE_OPTIONS_H_

#include <sys/socket.h>

namespace weft::net {

// A plain value.
class SendOptions {
 public:
  // Ends a record, on sockets that have them (MSG_EOR).
  constexpr SendOptions& end_of_record(bool on) noexcept { return set(MSG_EOR, on); }
  // Sends urgent data (MSG_OOB).
  constexpr SendOptions& out_of_band(bool on) noexcept { return set(MSG_OOB, on); }
  // No SIGPIPE if the peer of a stream is gone (MSG_NOSIGNAL). On to begin with.
  constexpr SendOptions& no_signal(bool on) noexcept { return set(MSG_NOSIGNAL, on); }
  // Tells the link layer that the peer has answered (MSG_CONFIRM).
  constexpr SendOptions& confirm(bool on) noexcept { return set(MSG_CONFIRM, on); }
  // Only to peers on the same link (MSG_DONTROUTE).
  constexpr SendOptions& dont_route(bool on) noexcept { return set(MSG_DONTROUTE, on); }
  // "Would block" instead of blocking, on a blocking socket (MSG_DONTWAIT).
  constexpr SendOptions& dont_wait(bool on) noexcept { return set(MSG_DONTWAIT, on); }
  // More will follow at once: collect (MSG_MORE).
  constexpr SendOptions& more(bool on) noexcept { return set(MSG_MORE, on); }
  // Flags that have no name here, as well. Replaces those of an earlier call.
  constexpr SendOptions& custom_flags(int flags) noexcept {
    custom_ = flags;
    return *this;
  }

  // What sendmsg(2) is given.
  constexpr int flags() const noexcept { return named_ | custom_; }

 private:
  constexpr SendOptions& set(int flag, bool on) noexcept {
    named_ = on ? named_ | flag : named_ & ~flag;
    return *this;
  }

  int named_ = MSG_NOSIGNAL;
  int custom_ = 0;
};

// A plain value.
class RecvOptions {
 public:
  // Receives urgent data (MSG_OOB).
  constexpr RecvOptions& out_of_band(bool on) noexcept { return set(MSG_OOB, on); }
  // Leaves the message to be received again (MSG_PEEK). Each peek makes descriptors of its own.
  constexpr RecvOptions& peek(bool on) noexcept { return set(MSG_PEEK, on); }
  // Waits until the buffer is full, on a blocking stream (MSG_WAITALL).
  constexpr RecvOptions& wait_all(bool on) noexcept { return set(MSG_WAITALL, on); }
  // "Would block" instead of blocking, on a blocking socket (MSG_DONTWAIT).
  constexpr RecvOptions& dont_wait(bool on) noexcept { return set(MSG_DONTWAIT, on); }
  // Receives from the queue of errors (MSG_ERRQUEUE).
  constexpr RecvOptions& err_queue(bool on) noexcept { return set(MSG_ERRQUEUE, on); }
  // The size that is returned is the datagram's, even if the buffer is smaller (MSG_TRUNC).
  constexpr RecvOptions& truncate(bool on) noexcept { return set(MSG_TRUNC, on); }
  // Flags that have no name here, as well. Replaces those of an earlier call.
  constexpr RecvOptions& custom_flags(int flags) noexcept {
    custom_ = flags;
    return *this;
  }

  // What recvmsg(2) is given: with MSG_CMSG_CLOEXEC in any case.
  constexpr int flags() const noexcept { return named_ | custom_ | MSG_CMSG_CLOEXEC; }

 private:
  constexpr RecvOptions& set(int flag, bool on) noexcept {
    named_ = on ? named_ | flag : named_ & ~flag;
    return *this;
  }

  int named_ = 0;
  int custom_ = 0;
};

// What the kernel said about a message that was received. Bits without a name here mean nothing.
class RecvResult {
 public:
  constexpr RecvResult() noexcept = default;
  explicit constexpr RecvResult(int flags) noexcept : flags_(flags) {}

  constexpr int flags() const noexcept { return flags_; }
  // A record ended with it.
  constexpr bool end_of_record() const noexcept { return has(MSG_EOR); }
  // Urgent data.
  constexpr bool out_of_band() const noexcept { return has(MSG_OOB); }
  // The buffer was smaller than the datagram; the rest of it is gone.
  constexpr bool normal_data_truncated() const noexcept { return has(MSG_TRUNC); }
  // Control messages were cut off, or dropped: the buffer was too small for them, or the process
  // had no descriptors left. What was dropped is gone; the kernel has closed it.
  constexpr bool control_data_truncated() const noexcept { return has(MSG_CTRUNC); }
  // It came from the queue of errors.
  constexpr bool err_queue() const noexcept { return has(MSG_ERRQUEUE); }
  // All of `flags` are set.
  constexpr bool has(int flags) const noexcept { return (flags_ & flags) == flags; }

 private:
  int flags_ = 0;
};

}  // namespace weft::net

#endif  // WEFT_NET_ANCILLARY_MESSAGE_OPTIONS_H_
