// IoRegistration: making and giving up. Interface: io_registration.h.

#include <weft/runtime/driver/io_registration.h>

#include <weft/runtime/driver/current_io.h>
#include <weft/runtime/driver/io_driver.h>

namespace weft::internal {

Result<IoRegistration> IoRegistration::create(IoDriver& driver, OwnedFd&& fd, IoKind kind,
                                              runtime::Interest interest) {
  const BorrowedFd watched = fd.borrow();
  RefPtr<IoRecord> record = make_ref<IoRecord>(RefPtr<IoDriver>(driver), std::move(fd), kind);
  const Result<void> added = driver.add(*record, watched, interest);
  if (!added) {
    fd = record->give_back();
    return Err(added.error());
  }
  return IoRegistration(std::move(record));
}

Result<IoRegistration> IoRegistration::create(OwnedFd&& fd, IoKind kind,
                                              std::source_location where) {
  return create(current_io_driver(where), std::move(fd), kind);
}

IoRegistration& IoRegistration::operator=(IoRegistration&& other) noexcept {
  if (this == &other) return *this;
  IoRegistration replaced(std::move(*this));
  record_ = std::move(other.record_);
  return *this;
}

IoRegistration::~IoRegistration() {
  if (!record_) return;
  // A destructor has nobody to tell; who wants to know calls close() first.
  static_cast<void>(record_->close());
}

Poll<Result<void>> IoRegistration::poll_ready(Context& cx, IoDirection direction) const noexcept {
  const Poll<Result<IoSeen>> seen = poll_seen(cx, direction);
  if (seen.is_pending()) return kPending;
  return (*seen).transform([](IoSeen) {});
}

Poll<Result<IoSeen>> IoRegistration::poll_seen(Context& cx, IoDirection direction) const noexcept {
  if (!cx.has_budget()) return kPending;
  for (;;) {
    const IoSeen seen = record().look();
    const std::optional<Error> error = reason_to_stop(seen);
    if (!error && !seen.ready().intersects(record().wanted(direction))) {
      if (record().wait(direction, cx)) return kPending;
      continue;
    }
    cx.spend_budget();
    if (error) return Result<IoSeen>(Err(*error));
    return Result<IoSeen>(seen);
  }
}

}  // namespace weft::internal
