// The errors of broadcast channels.
//
// Spec: SY-92, SY-93, SY-94.

#ifndef WEFT_SYNC_BROADCAST_ERROR_H_
#define WEFT_SYNC_BROADCAST_ERROR_H_

#include <cstdint>
#include <string_view>
#include <utility>

namespace weft::sync::broadcast {

// There is no receiver; `value` was not sent.
template <class T>
struct SendError {
  T value;
  explicit SendError(T unsent) noexcept : value(std::move(unsent)) {}
  std::string_view message() const noexcept { return "broadcast: channel closed"; }
};

// Why recv() has no value.
class RecvError {
 public:
  static constexpr RecvError closed() noexcept { return RecvError(0); }
  static constexpr RecvError lagged(std::uint64_t missed) noexcept { return RecvError(missed); }

  // All senders are gone, and everything has been read.
  bool is_closed() const noexcept { return missed_ == 0; }
  // The receiver was too slow; what is left can still be read.
  bool is_lagged() const noexcept { return missed_ != 0; }
  // How many values were lost.
  std::uint64_t lagged() const noexcept { return missed_; }
  std::string_view message() const noexcept {
    return is_closed() ? "broadcast: channel closed" : "broadcast: receiver lagged";
  }
  friend bool operator==(RecvError, RecvError) noexcept = default;

 private:
  constexpr explicit RecvError(std::uint64_t missed) noexcept : missed_(missed) {}
  std::uint64_t missed_;  // 0: closed
};

// Why try_recv() has no value.
class TryRecvError {
 public:
  static constexpr TryRecvError empty() noexcept { return TryRecvError(Kind::kEmpty, 0); }
  static constexpr TryRecvError closed() noexcept { return TryRecvError(Kind::kClosed, 0); }
  static constexpr TryRecvError lagged(std::uint64_t missed) noexcept {
    return TryRecvError(Kind::kLagged, missed);
  }

  // None now; more may come.
  bool is_empty() const noexcept { return kind_ == Kind::kEmpty; }
  // As RecvError.
  bool is_closed() const noexcept { return kind_ == Kind::kClosed; }
  bool is_lagged() const noexcept { return kind_ == Kind::kLagged; }
  std::uint64_t lagged() const noexcept { return missed_; }
  std::string_view message() const noexcept {
    if (is_empty()) return "broadcast: channel empty";
    return is_closed() ? "broadcast: channel closed" : "broadcast: receiver lagged";
  }
  friend bool operator==(TryRecvError, TryRecvError) noexcept = default;

 private:
  enum class Kind : std::uint8_t { kEmpty, kClosed, kLagged };
  constexpr TryRecvError(Kind kind, std::uint64_t missed) noexcept : kind_(kind), missed_(missed) {}
  Kind kind_;
  std::uint64_t missed_;
};

}  // namespace weft::sync::broadcast

#endif  // WEFT_SYNC_BROADCAST_ERROR_H_
