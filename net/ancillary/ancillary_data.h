// AncillaryData: what travels beside the bytes of a message: control messages and descriptors.
//
// Spec: ancillary.md A-5..A-19, A-W1, A-W2, A-W5.
//
// It works over storage of the caller's, of which a prefix is used, in either of two ways.
//
// To send, messages are added; descriptors are borrowed, and have to be open until the message has
// been sent (debug builds look). A message that was sent leaves nothing behind here, so that a loop
// that sends the rest of its bytes cannot send the descriptors twice.
//
// To receive, the storage is filled by the kernel, and every descriptor in it has an owner from
// that moment on: this object, which closes on destruction, or on the next use of its storage, all
// that was not taken out through received_fds(). MessageReceiver, the sockets' recv_message() and
// recv_fds() do it in the right order; recv_buffer(), set_received_len() and adopt_rights() are
// for who calls recvmsg(2) himself.
//
//   std::vector<OwnedFd> receive_fds(net::MessageFd socket, std::span<char> room) {
//     std::array<std::byte, 256> storage;
//     net::AncillaryData ancillary(storage);
//     const auto got = net::MessageReceiver(socket, room).ancillary(ancillary).recv();
//     std::vector<OwnedFd> fds;
//     if (!got || got->second.control_data_truncated()) return fds;  // what came is closed
//     for (OwnedFd fd : ancillary.received_fds()) fds.push_back(std::move(fd));
//     return fds;
//   }

#ifndef WEFT_NET_ANCILLARY_ANCILLARY_DATA_H_
#define WEFT_NET_ANCILLARY_ANCILLARY_DATA_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <source_location>
#include <span>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/ancillary/control_message.h>
#include <weft/net/ancillary/control_messages.h>
#include <weft/net/ancillary/received_fds.h>
#include <weft/net/ancillary/unchecked.h>

namespace weft::net {

namespace internal {
struct ControlStorage;
}  // namespace internal

// Not thread-safe: one message, one user.
class [[nodiscard]] AncillaryData {
  using Where = std::source_location;

 public:
  // No messages, over storage that has to outlive this object, at any alignment. Empty storage
  // sends nothing, and receives nothing.
  explicit AncillaryData(std::span<std::byte> storage) noexcept : storage_(storage) {}

  // The one moved from has no storage.
  AncillaryData(AncillaryData&& other) noexcept;
  AncillaryData& operator=(AncillaryData&& other) noexcept;
  // Closes the received descriptors that were not taken.
  ~AncillaryData();

  std::size_t capacity() const noexcept { return storage_.size(); }

  // What was added, or received. Valid until the storage is used for something else.
  ControlMessages control_messages() const noexcept {
    return ControlMessages::from_bytes(send_view());
  }
  // The bytes of these: what sendmsg(2) is given.
  std::span<const std::byte> send_view() const noexcept { return storage_.first(length_); }

  // Copies `message` behind the others. Fails, and changes nothing, with Errc::no_capacity;
  // invalid_argument if it would carry descriptors, which go through the next call;
  // device_or_resource_busy between recv_buffer() and set_received_len().
  Result<void> add_control_message(const ControlMessage& message) noexcept;

  // Adds a message with these descriptors; nothing if there are none. They are borrowed until the
  // message has been sent or cleared. Fails, and changes nothing, with Errc::no_capacity;
  // Errc::too_many_fds if there would be more than 253 in all; invalid_argument behind a received
  // message that does not parse; device_or_resource_busy as above.
  Result<void> add_file_descriptors(std::span<const BorrowedFd> fds) noexcept;

  // The received descriptors that nobody has taken, in the order in which they came. Those that
  // were added are not among them.
  ReceivedFds received_fds() noexcept { return ReceivedFds(owned()); }

  // Drops the messages; closes the received descriptors that were not taken.
  void clear() noexcept;

  // For receiving by hand, in this order, with nothing in between that could fail. The first closes
  // what was received before and gives the whole storage, zeros behind what it was used for, to be
  // written by recvmsg(2); nothing if there is none, or if it has been given out already.
  std::optional<std::span<std::byte>> recv_buffer(unchecked::Unsafe) noexcept;
  // The kernel has written the first `size` bytes; 0 if receiving has failed. Fatal if that is more
  // than there are, or if recv_buffer() was not called, or not since the last time.
  void set_received_len(std::size_t size, unchecked::Unsafe,
                        Where where = Where::current()) noexcept;
  // From now on each descriptor in it is owned: those of SCM_RIGHTS and SCM_PIDFD at SOL_SOCKET.
  // The bytes must be a kernel's answer to this process that nobody has adopted yet, received with
  // MSG_CMSG_CLOEXEC. Fatal unless set_received_len() was called, and this not since.
  void adopt_rights(unchecked::Unsafe, Where where = Where::current()) noexcept;

 private:
  friend class AncillaryDataBuf;

  // Who may do what: recv_buffer() lends the storage out, and so on in a circle.
  enum class State { kReady, kLentOut, kReceived };

  AncillaryData(std::shared_ptr<internal::ControlStorage> lender, std::size_t length) noexcept;

  // The received messages whose descriptors are ours.
  std::span<std::byte> owned() noexcept { return storage_.first(owned_); }
  // Ends the lease, if it is one.
  void give_back() noexcept;

  std::span<std::byte> storage_;
  std::size_t length_ = 0;  // of the prefix that is used
  std::size_t owned_ = 0;   // of the prefix that was received and adopted; at most length_
  State state_ = State::kReady;
  std::shared_ptr<internal::ControlStorage> lender_;  // null: the storage is the caller's
};

}  // namespace weft::net

#endif  // WEFT_NET_ANCILLARY_ANCILLARY_DATA_H_
