// AncillaryDataBuf. Interface and design: ancillary_data_buf.h.

#include <weft/net/ancillary/ancillary_data_buf.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <optional>
#include <utility>

#include <weft/base/check.h>
#include <weft/net/ancillary/internal/control_storage.h>
#include <weft/net/ancillary/internal/control_writer.h>

namespace weft::net {
namespace {

// Growing copies; doubling makes that cheap for each byte.
constexpr std::size_t kLargest = PTRDIFF_MAX;

std::size_t doubled(std::size_t capacity) noexcept {
  return capacity > kLargest / 2 ? kLargest : 2 * capacity;
}

// used + more, or more than any memory has.
std::size_t sum(std::size_t used, std::size_t more) noexcept {
  return more > kLargest - used ? kLargest : used + more;
}

}  // namespace

AncillaryDataBuf AncillaryDataBuf::with_capacity(std::size_t bytes) {
  AncillaryDataBuf made;
  made.grow(bytes);
  return made;
}

AncillaryDataBuf::AncillaryDataBuf(AncillaryDataBuf&& other) noexcept
    : storage_(std::move(other.storage_)), length_(std::exchange(other.length_, 0)) {}

AncillaryDataBuf& AncillaryDataBuf::operator=(AncillaryDataBuf&& other) noexcept {
  AncillaryDataBuf taken(std::move(other));  // first, so that assigning to itself changes nothing
  std::swap(storage_, taken.storage_);
  std::swap(length_, taken.length_);
  return *this;
}

bool AncillaryDataBuf::is_leased() const noexcept { return storage_ && storage_->leased; }

std::size_t AncillaryDataBuf::capacity() const noexcept {
  return storage_ ? storage_->capacity : 0;
}

std::span<const std::byte> AncillaryDataBuf::used() const noexcept {
  if (length_ == 0) return {};
  return std::span<const std::byte>(storage_->bytes()).first(length_);
}

ControlMessages AncillaryDataBuf::control_messages() const noexcept {
  return ControlMessages::from_bytes(used());
}

void AncillaryDataBuf::grow(std::size_t needed) {
  if (needed <= capacity()) return;
  auto larger = std::make_shared<internal::ControlStorage>(needed);
  if (length_ > 0) std::memcpy(larger->memory.get(), storage_->memory.get(), length_);
  storage_ = std::move(larger);
}

Result<void> AncillaryDataBuf::make_room(std::size_t used, std::size_t payload) {
  const std::optional<std::size_t> end = internal::end_of_next(used, payload);
  if (!end) return Err(Errc::no_capacity);
  if (*end > capacity()) grow(std::max(*end, doubled(capacity())));
  return {};
}

Result<void> AncillaryDataBuf::add_control_message(const ControlMessage& message) {
  if (is_leased()) return Err(std::errc::device_or_resource_busy);
  if (Result<void> plain = internal::check_is_plain(message); !plain) return plain;
  // `message` may view the storage that growing replaces.
  const std::shared_ptr<internal::ControlStorage> keep_alive = storage_;
  if (Result<void> room = make_room(length_, message.data().size()); !room) return room;
  length_ = internal::write_message(storage_->bytes(), length_, message);
  return {};
}

Result<void> AncillaryDataBuf::add_file_descriptors(std::span<const BorrowedFd> fds) {
  if (fds.empty()) return {};
  if (is_leased()) return Err(std::errc::device_or_resource_busy);
  if (Result<void> fits = internal::check_fds(used(), fds); !fits) return fits;
  if (Result<void> room = make_room(length_, fds.size_bytes()); !room) return room;
  length_ = internal::write_fds(storage_->bytes(), length_, fds);
  return {};
}

Result<void> AncillaryDataBuf::append(ControlMessages messages) {
  if (is_leased()) return Err(std::errc::device_or_resource_busy);
  std::size_t end = length_;
  for (const ControlMessage& message : messages) {
    if (Result<void> plain = internal::check_is_plain(message); !plain) return plain;
    const std::optional<std::size_t> next = internal::end_of_next(end, message.data().size());
    if (!next) return Err(Errc::no_capacity);
    end = *next;
  }
  const std::shared_ptr<internal::ControlStorage> keep_alive = storage_;
  if (end > capacity()) grow(std::max(end, doubled(capacity())));
  for (const ControlMessage& message : messages) {
    length_ = internal::write_message(storage_->bytes(), length_, message);
  }
  return {};
}

void AncillaryDataBuf::reserve(std::size_t more, Where where) {
  WEFT_CHECK(!is_leased(), "AncillaryDataBuf::reserve: it is lent out; destroy the lease first",
             where);
  const std::size_t needed = sum(length_, more);
  if (needed > capacity()) grow(std::max(needed, doubled(capacity())));
}

void AncillaryDataBuf::reserve_exact(std::size_t more, Where where) {
  WEFT_CHECK(!is_leased(),
             "AncillaryDataBuf::reserve_exact: it is lent out; destroy the lease first", where);
  grow(sum(length_, more));
}

Result<void> AncillaryDataBuf::try_reserve(std::size_t more) noexcept {
  if (is_leased()) return Err(std::errc::device_or_resource_busy);
  try {
    reserve(more);
  } catch (const std::bad_alloc&) {
    return Err(std::errc::not_enough_memory);
  }
  return {};
}

AncillaryData AncillaryDataBuf::lease(Where where) {
  WEFT_CHECK(!is_leased(), "AncillaryDataBuf::lease: it is lent out; destroy the lease first",
             where);
  if (!storage_) return AncillaryData(std::span<std::byte>());
  return AncillaryData(storage_, std::exchange(length_, 0));
}

}  // namespace weft::net
