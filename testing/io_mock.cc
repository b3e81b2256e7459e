// IoMock. See io_mock.h.

#include <weft/testing/io_mock.h>

#include <exception>

#include <weft/testing/internal/io_script.h>

namespace weft::test {

using internal::IoAction;
using internal::IoScript;
using Kind = internal::IoAction::Kind;
using Step = internal::IoScript::Step;

IoMock::IoMock(std::shared_ptr<IoScript> script) noexcept : script_(std::move(script)) {}
IoMock::IoMock(IoMock&&) noexcept = default;

IoMock::~IoMock() {
  // A test that fails for another reason has not come to the end of its script.
  if (script_ && std::uncaught_exceptions() == 0) script_->check_all_used();
}

Poll<Result<void>> IoMock::poll_read(Context& cx, io::ReadBuf& buf) {
  Result<void> result;
  for (;;) {
    const Step step = script_->read(cx, buf, result);
    if (step == Step::kDone) return result;
    if (step == Step::kPending || !wait_is_over(cx)) return kPending;
  }
}

Poll<Result<std::size_t>> IoMock::poll_write(Context& cx, std::span<const std::byte> data) {
  Result<std::size_t> result = std::size_t{0};
  for (;;) {
    const Step step = script_->write(cx, data, result);
    if (step == Step::kDone) return result;
    if (step == Step::kPending || !wait_is_over(cx)) return kPending;
  }
}

// If reader and writer wait both, the sleep is the last one's, who wakes the other at its end.
bool IoMock::wait_is_over(Context& cx) {
  const time::Instant end = script_->wait_end();
  if (!sleep_) sleep_.emplace(time::sleep_until(end));
  if (!sleep_->poll(cx)) return false;
  sleep_.reset();
  script_->end_wait(end, cx);
  return true;
}

IoMockHandle::~IoMockHandle() {
  if (script_) script_->close();
}

IoMockHandle& IoMockHandle::read(std::span<const std::byte> bytes) {
  script_->append(IoAction::bytes_of(Kind::kRead, bytes));
  return *this;
}
IoMockHandle& IoMockHandle::read(std::string_view text) {
  return read(std::as_bytes(std::span(text)));
}
IoMockHandle& IoMockHandle::write(std::span<const std::byte> bytes) {
  script_->append(IoAction::bytes_of(Kind::kWrite, bytes));
  return *this;
}
IoMockHandle& IoMockHandle::write(std::string_view text) {
  return write(std::as_bytes(std::span(text)));
}
IoMockHandle& IoMockHandle::read_error(Error error) {
  script_->append(IoAction::error_of(Kind::kReadError, error));
  return *this;
}
IoMockHandle& IoMockHandle::write_error(Error error) {
  script_->append(IoAction::error_of(Kind::kWriteError, error));
  return *this;
}
IoMockHandle& IoMockHandle::wait(std::chrono::nanoseconds duration, std::source_location where) {
  script_->append(IoAction::wait_of(duration, where));
  return *this;
}

IoMockBuilder::IoMockBuilder() = default;
IoMockBuilder::IoMockBuilder(IoMockBuilder&&) noexcept = default;
IoMockBuilder::~IoMockBuilder() = default;

IoMockBuilder& IoMockBuilder::read(std::span<const std::byte> bytes) {
  actions_.push_back(IoAction::bytes_of(Kind::kRead, bytes));
  return *this;
}
IoMockBuilder& IoMockBuilder::read(std::string_view text) {
  return read(std::as_bytes(std::span(text)));
}
IoMockBuilder& IoMockBuilder::write(std::span<const std::byte> bytes) {
  actions_.push_back(IoAction::bytes_of(Kind::kWrite, bytes));
  return *this;
}
IoMockBuilder& IoMockBuilder::write(std::string_view text) {
  return write(std::as_bytes(std::span(text)));
}
IoMockBuilder& IoMockBuilder::read_error(Error error) {
  actions_.push_back(IoAction::error_of(Kind::kReadError, error));
  return *this;
}
IoMockBuilder& IoMockBuilder::write_error(Error error) {
  actions_.push_back(IoAction::error_of(Kind::kWriteError, error));
  return *this;
}
IoMockBuilder& IoMockBuilder::wait(std::chrono::nanoseconds duration, std::source_location where) {
  actions_.push_back(IoAction::wait_of(duration, where));
  return *this;
}
IoMockBuilder& IoMockBuilder::name(std::string name) {
  name_ = std::move(name);
  return *this;
}

IoMock IoMockBuilder::build(std::source_location where) { return IoMock(script(false, where)); }

std::pair<IoMock, IoMockHandle> IoMockBuilder::build_with_handle(std::source_location where) {
  std::shared_ptr<IoScript> shared = script(true, where);
  return {IoMock(shared), IoMockHandle(shared)};
}

std::shared_ptr<IoScript> IoMockBuilder::script(bool has_handle, std::source_location where) {
  return std::make_shared<IoScript>(std::move(actions_), std::move(name_), has_handle, where);
}

}  // namespace weft::test
