// AncillaryData. Interface and design: ancillary_data.h.

#include <weft/net/ancillary/ancillary_data.h>

#include <algorithm>
#include <utility>

#include <weft/base/check.h>
#include <weft/net/ancillary/internal/control_storage.h>
#include <weft/net/ancillary/internal/control_writer.h>
#include <weft/net/ancillary/internal/fd_slots.h>

namespace weft::net {

AncillaryData::AncillaryData(std::shared_ptr<internal::ControlStorage> lender,
                             std::size_t length) noexcept
    : storage_(lender->bytes()), length_(length), lender_(std::move(lender)) {
  lender_->leased = true;
}

AncillaryData::AncillaryData(AncillaryData&& other) noexcept
    : storage_(std::exchange(other.storage_, {})),
      length_(std::exchange(other.length_, 0)),
      owned_(std::exchange(other.owned_, 0)),
      state_(std::exchange(other.state_, State::kReady)),
      lender_(std::move(other.lender_)) {}

AncillaryData& AncillaryData::operator=(AncillaryData&& other) noexcept {
  AncillaryData taken(std::move(other));  // first, so that assigning to itself changes nothing
  std::swap(storage_, taken.storage_);
  std::swap(length_, taken.length_);
  std::swap(owned_, taken.owned_);
  std::swap(state_, taken.state_);
  std::swap(lender_, taken.lender_);
  return *this;
}

AncillaryData::~AncillaryData() {
  internal::close_all(owned());
  give_back();
}

void AncillaryData::give_back() noexcept {
  if (lender_) lender_->leased = false;
}

Result<void> AncillaryData::add_control_message(const ControlMessage& message) noexcept {
  if (state_ != State::kReady) return Err(std::errc::device_or_resource_busy);
  if (Result<void> plain = internal::check_is_plain(message); !plain) return plain;
  if (Result<void> parses = internal::check_fds(send_view(), {}); !parses) return parses;
  const std::optional<std::size_t> end = internal::end_of_next(length_, message.data().size());
  if (!end || *end > storage_.size()) return Err(Errc::no_capacity);
  length_ = internal::write_message(storage_, length_, message);
  return {};
}

Result<void> AncillaryData::add_file_descriptors(std::span<const BorrowedFd> fds) noexcept {
  if (fds.empty()) return {};
  if (state_ != State::kReady) return Err(std::errc::device_or_resource_busy);
  if (Result<void> fits = internal::check_fds(send_view(), fds); !fits) return fits;
  const std::optional<std::size_t> end = internal::end_of_next(length_, fds.size_bytes());
  if (!end || *end > storage_.size()) return Err(Errc::no_capacity);
  length_ = internal::write_fds(storage_, length_, fds);
  return {};
}

void AncillaryData::clear() noexcept {
  internal::close_all(owned());
  owned_ = 0;
  length_ = 0;
}

std::optional<std::span<std::byte>> AncillaryData::recv_buffer(unchecked::Unsafe) noexcept {
  if (storage_.empty() || state_ == State::kLentOut) return std::nullopt;
  std::fill(storage_.begin() + static_cast<std::ptrdiff_t>(length_), storage_.end(), std::byte{0});
  clear();
  state_ = State::kLentOut;
  return storage_;
}

void AncillaryData::set_received_len(std::size_t size, unchecked::Unsafe, Where where) noexcept {
  WEFT_CHECK(state_ == State::kLentOut,
             "AncillaryData::set_received_len: call recv_buffer() before, each time", where);
  WEFT_CHECK(size <= storage_.size(),
             "AncillaryData::set_received_len: more than the storage has room for", where);
  length_ = size;
  state_ = State::kReceived;
}

void AncillaryData::adopt_rights(unchecked::Unsafe, Where where) noexcept {
  WEFT_CHECK(state_ == State::kReceived,
             "AncillaryData::adopt_rights: call set_received_len() before, each time", where);
  owned_ = length_;
  internal::drop_repeated(owned());
  state_ = State::kReady;
}

}  // namespace weft::net
