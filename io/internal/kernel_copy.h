// KernelCopy: bytes from one socket or pipe to another, which the kernel moves by itself.
//
// Spec: io.md Q-1; IO-57.
//
// splice(2) moves references to pages instead of bytes, and one of its ends has to be a pipe. So
// there is a pipe in the middle: what the source has goes into it, and from there to the
// destination, two calls for up to 64 KiB that never come to this process. The pipe is emptied
// before it is filled again: "would block" then always speaks of the socket.
//
// Streams take part that are nothing but a descriptor: their class names itself as
// KernelReader or KernelWriter, and gives its registration. (A class derived from one inherits the
// name, which then is not its own: it may have changed what reading means.)

#ifndef WEFT_IO_INTERNAL_KERNEL_COPY_H_
#define WEFT_IO_INTERNAL_KERNEL_COPY_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/base/sys.h>
#include <weft/io/concepts.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/poll.h>

namespace weft::io::internal {

using weft::internal::IoRegistration;

template <class R>
concept KernelReader = requires(const Model<R>& reader) {
  requires std::same_as<typename Model<R>::KernelReader, std::remove_const_t<Model<R>>>;
  { reader.read_registration() } -> std::same_as<const IoRegistration&>;
};
template <class W>
concept KernelWriter = requires(const Model<W>& writer) {
  requires std::same_as<typename Model<W>::KernelWriter, std::remove_const_t<Model<W>>>;
  { writer.write_registration() } -> std::same_as<const IoRegistration&>;
};

// One task at a time. Destroyed with bytes in its pipe it loses them.
class KernelCopy {
 public:
  // With a pipe; nothing if the system has none to give.
  static std::optional<KernelCopy> create() noexcept;

  enum class Progress : std::uint8_t {
    kDone,        // the source is at its end, and all has been moved
    kImpossible,  // the kernel cannot do it with these two; held() bytes are left in the pipe
  };

  // Waits, and takes budget, as poll_read() and poll_write() of the two do.
  Poll<Result<Progress>> poll(Context& cx, const IoRegistration& in, const IoRegistration& out);

  // How many bytes have reached the destination since the last call.
  std::uint64_t take_moved() noexcept { return std::exchange(moved_, 0); }

  // How many bytes are on their way, and these bytes, for which `room` is just large enough.
  std::size_t held() const noexcept { return held_; }
  Result<void> take_held(std::span<std::byte> room) noexcept;

 private:
  explicit KernelCopy(sys::Ends pipe) noexcept : pipe_(std::move(pipe)) {}

  sys::Ends pipe_;
  std::size_t held_ = 0;
  std::uint64_t moved_ = 0;
};

}  // namespace weft::io::internal

#endif  // WEFT_IO_INTERNAL_KERNEL_COPY_H_
