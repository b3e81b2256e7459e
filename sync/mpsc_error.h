// The errors of mpsc channels. Those of senders give back what could not be sent.
//
// Spec: SY-74, SY-75, SY-77, SY-81.

#ifndef WEFT_SYNC_MPSC_ERROR_H_
#define WEFT_SYNC_MPSC_ERROR_H_

#include <cstdint>
#include <string_view>
#include <utility>

namespace weft::sync::mpsc {

// The receiver has closed or is gone. reserve() and its like have nothing to give back.
template <class T>
struct SendError {
  T value;

  explicit SendError(T unsent) noexcept : value(std::move(unsent)) {}
  std::string_view message() const noexcept { return "mpsc: channel closed"; }
};
template <>
struct SendError<void> {
  std::string_view message() const noexcept { return "mpsc: channel closed"; }
  friend bool operator==(SendError, SendError) noexcept = default;
};

// Why something could not be sent without, or after some, waiting.
class SendFailure {
 public:
  enum class Kind : std::uint8_t { kClosed, kFull, kTimeout };

  // The receiver has closed or is gone.
  bool is_closed() const noexcept { return kind_ == Kind::kClosed; }

 protected:
  explicit SendFailure(Kind kind) noexcept : kind_(kind) {}
  Kind kind_;
};

class TrySendFailure : public SendFailure {
 public:
  // There are too few free slots, or others wait for them.
  bool is_full() const noexcept { return kind_ == Kind::kFull; }
  std::string_view message() const noexcept {
    return is_full() ? "mpsc: no available capacity" : "mpsc: channel closed";
  }

 protected:
  using SendFailure::SendFailure;
};

template <class T>
class TrySendError : public TrySendFailure {
 public:
  static TrySendError full(T unsent) noexcept {
    return TrySendError(Kind::kFull, std::move(unsent));
  }
  static TrySendError closed(T unsent) noexcept {
    return TrySendError(Kind::kClosed, std::move(unsent));
  }
  T value;

 private:
  TrySendError(Kind kind, T unsent) noexcept : TrySendFailure(kind), value(std::move(unsent)) {}
};
template <>
class TrySendError<void> : public TrySendFailure {
 public:
  static TrySendError full() noexcept { return TrySendError(Kind::kFull); }
  static TrySendError closed() noexcept { return TrySendError(Kind::kClosed); }

 private:
  using TrySendFailure::TrySendFailure;
};

// Why send_timeout() gave up.
template <class T>
class SendTimeoutError : public SendFailure {
 public:
  static SendTimeoutError timeout(T unsent) noexcept {
    return SendTimeoutError(Kind::kTimeout, std::move(unsent));
  }
  static SendTimeoutError closed(T unsent) noexcept {
    return SendTimeoutError(Kind::kClosed, std::move(unsent));
  }
  bool is_timeout() const noexcept { return kind_ == Kind::kTimeout; }
  std::string_view message() const noexcept {
    return is_timeout() ? "mpsc: timed out waiting for capacity" : "mpsc: channel closed";
  }
  T value;

 private:
  SendTimeoutError(Kind kind, T unsent) noexcept : SendFailure(kind), value(std::move(unsent)) {}
};

// Why try_recv() has no message.
class TryRecvError {
 public:
  static constexpr TryRecvError empty() noexcept { return TryRecvError(false); }
  static constexpr TryRecvError disconnected() noexcept { return TryRecvError(true); }

  // None now; more may come.
  bool is_empty() const noexcept { return !is_disconnected_; }
  // None will come any more.
  bool is_disconnected() const noexcept { return is_disconnected_; }
  std::string_view message() const noexcept {
    return is_disconnected_ ? "mpsc: channel closed" : "mpsc: channel empty";
  }
  friend bool operator==(TryRecvError, TryRecvError) noexcept = default;

 private:
  constexpr explicit TryRecvError(bool is_disconnected) noexcept
      : is_disconnected_(is_disconnected) {}
  bool is_disconnected_;
};

}  // namespace weft::sync::mpsc

#endif  // WEFT_SYNC_MPSC_ERROR_H_
