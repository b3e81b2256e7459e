// AncillaryDataBuf: ancillary data on the heap, growing as messages are added.
//
// Spec: ancillary.md A-18.
//
// What is added here is sent, or received into, through lease(): an AncillaryData over all of its
// storage, with its messages. While that exists this object reads as empty and takes nothing; after
// it, it is empty and has its capacity again. The memory is there as long as either of them is.
//
//   net::AncillaryDataBuf greeting(std::span<const BorrowedFd> fds) {
//     const net::ScmCredentials mine = net::ScmCredentials::current();
//     net::AncillaryDataBuf made;
//     made.add_control_message(mine.as_control_message()).value();
//     made.add_file_descriptors(fds).value();
//     return made;
//   }

#ifndef WEFT_NET_ANCILLARY_ANCILLARY_DATA_BUF_H_
#define WEFT_NET_ANCILLARY_ANCILLARY_DATA_BUF_H_

#include <cstddef>
#include <memory>
#include <source_location>
#include <span>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/ancillary/ancillary_data.h>
#include <weft/net/ancillary/control_message.h>
#include <weft/net/ancillary/control_messages.h>

namespace weft::net {

// Not thread-safe, nor is it together with its lease. Growing throws std::bad_alloc, except in
// try_reserve().
class [[nodiscard]] AncillaryDataBuf {
  using Where = std::source_location;

 public:
  // Allocates nothing.
  AncillaryDataBuf() noexcept = default;
  static AncillaryDataBuf with_capacity(std::size_t bytes);

  // The one moved from is as if made by default. A lease stays valid.
  AncillaryDataBuf(AncillaryDataBuf&& other) noexcept;
  AncillaryDataBuf& operator=(AncillaryDataBuf&& other) noexcept;
  ~AncillaryDataBuf() = default;

  // In bytes, lent out or not.
  std::size_t capacity() const noexcept;

  // What was added since the last lease. Valid until something is added.
  ControlMessages control_messages() const noexcept;

  // As those of AncillaryData, but they grow: never Errc::no_capacity, except for a size that no
  // memory has. All fail with device_or_resource_busy during a lease. append() adds all of the
  // messages, or none; they may be this object's own.
  Result<void> add_control_message(const ControlMessage& message);
  Result<void> add_file_descriptors(std::span<const BorrowedFd> fds);
  Result<void> append(ControlMessages messages);

  // Make room for `more` bytes behind the messages that there are; the first for more than that, so
  // that growing in small steps is cheap. Fatal during a lease.
  void reserve(std::size_t more, Where where = Where::current());
  void reserve_exact(std::size_t more, Where where = Where::current());
  // As reserve(), but not_enough_memory and device_or_resource_busy are errors.
  Result<void> try_reserve(std::size_t more) noexcept;

  // Drops the messages, keeps the capacity. Does not touch what is lent out.
  void clear() noexcept { length_ = 0; }

  // All of the storage, with the messages. Fatal during a lease.
  AncillaryData lease(Where where = Where::current());

 private:
  bool is_leased() const noexcept;
  std::span<const std::byte> used() const noexcept;
  // Makes the capacity at least `needed`, and keeps the messages.
  void grow(std::size_t needed);
  Result<void> make_room(std::size_t used, std::size_t payload);

  std::shared_ptr<internal::ControlStorage> storage_;  // null: no capacity
  std::size_t length_ = 0;                             // of the prefix that is used; 0 if lent out
};

}  // namespace weft::net

#endif  // WEFT_NET_ANCILLARY_ANCILLARY_DATA_BUF_H_
