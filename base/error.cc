// Text and categories of errors. Interface and design: error.h.

#include <weft/base/error.h>

#include <ostream>

namespace weft {
namespace {

const char* describe(Errc code) noexcept {
  switch (code) {
    case Errc::unexpected_eof:
      return "unexpected end of input";
    case Errc::write_zero:
      return "the writer accepts no more bytes";
    case Errc::runtime_shutdown:
      return "the runtime is shutting down";
    case Errc::elapsed:
      return "the deadline has elapsed";
    case Errc::cancelled:
      return "the operation was cancelled";
    case Errc::closed:
      return "closed";
    case Errc::frame_too_large:
      return "the frame is too large";
    case Errc::invalid_data:
      return "invalid data";
    case Errc::bytes_remaining:
      return "bytes remain at the end of the stream";
    case Errc::no_capacity:
      return "no capacity left";
    case Errc::too_many_fds:
      return "too many descriptors for one control message";
    case Errc::control_truncated:
      return "control data was truncated";
    case Errc::other:
      return "other error";
  }
  return "unknown weft error";
}

class WeftCategory final : public std::error_category {
 public:
  const char* name() const noexcept override { return "weft"; }
  std::string message(int value) const override { return describe(static_cast<Errc>(value)); }
};

// Never destroyed, so that an error can be described while the program's statics go away: the
// category has no state, and leaving out its trivial work at exit leaks nothing.
union EternalCategory {
  constexpr EternalCategory() noexcept : category() {}
  // SAFETY(lifetime): empty on purpose; see above.
  ~EternalCategory() {}
  WeftCategory category;
};

constinit EternalCategory g_category;

}  // namespace

const std::error_category& weft_category() noexcept { return g_category.category; }

std::error_code Error::code() const noexcept {
  return std::error_code(value_,
                         origin_ == Origin::kSystem ? std::system_category() : weft_category());
}

std::string Error::to_string() const {
  std::string text = code().message();
  if (origin_ == Origin::kSystem) text += " (os error " + std::to_string(value_) + ")";
  return text;
}

std::ostream& operator<<(std::ostream& out, Error error) { return out << error.to_string(); }

namespace internal {

void throw_bad_result_access(Error error) { throw std::system_error(error.code()); }

}  // namespace internal
}  // namespace weft
