// Tail: what is being appended to a vector or string that belongs to the caller.
//
// Spec: io.md section 2 (read_to_end, read_to_string), section 5; IO-10, IO-11.
//
// While the operation runs, the container is as large as its capacity allows, and only the tail
// knows how much of that is filled. So each byte of room is initialised once by the container,
// which has no way to leave it alone, and never again, however many reads it takes to fill it.
// Whatever ends the operation, the container then has exactly what was filled.

#ifndef WEFT_IO_INTERNAL_TAIL_H_
#define WEFT_IO_INTERNAL_TAIL_H_

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

namespace weft::io::internal {

// Container: std::vector<std::byte> or std::string. Movable until begin(). One thread.
template <class Container>
class Tail {
 public:
  // The least by which the container grows, and the room of a read that is made to find out whether
  // it has to.
  static constexpr std::size_t kProbe = 32;

  explicit Tail(Container& container) noexcept : container_(&container) {}
  Tail(Tail&& other) noexcept
      : container_(std::exchange(other.container_, nullptr)),
        first_(other.first_),
        filled_(other.filled_),
        first_capacity_(other.first_capacity_),
        begun_(other.begun_) {}
  Tail& operator=(Tail&&) = delete;
  ~Tail() { finish(); }

  // Takes the container into hands; once.
  void begin() noexcept {
    if (begun_) return;
    begun_ = true;
    first_ = filled_ = container_->size();
    first_capacity_ = container_->capacity();
  }

  // True: it is full as it was at first, and might be just large enough.
  bool should_probe() const noexcept {
    return filled_ == container_->capacity() && container_->capacity() == first_capacity_ &&
           first_capacity_ >= kProbe;
  }

  // Room behind what is filled; not empty. Throws std::bad_alloc, std::length_error.
  std::span<std::byte> room() {
    const std::size_t capacity = container_->capacity();
    if (filled_ == capacity) {
      container_->reserve(std::max(filled_ + kProbe, 2 * capacity));
    }
    if (container_->size() == filled_) container_->resize(container_->capacity());
    return std::as_writable_bytes(std::span(*container_)).subspan(filled_);
  }
  void advance(std::size_t size) noexcept { filled_ += size; }

  // Appends a few bytes that were read elsewhere.
  void append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const std::span<std::byte> space = room();
      const std::size_t size = std::min(space.size(), bytes.size());
      std::copy_n(bytes.begin(), size, space.begin());
      advance(size);
      bytes = bytes.subspan(size);
    }
  }

  // What was appended, and its size.
  std::span<const std::byte> added() const noexcept {
    return std::as_bytes(std::span(*container_)).subspan(first_, filled_ - first_);
  }
  std::size_t added_size() const noexcept { return filled_ - first_; }
  // Forgets what was appended.
  void rewind() noexcept { filled_ = first_; }

  // Lets go of the container.
  void finish() noexcept {
    if (container_ != nullptr && begun_) container_->resize(filled_);
    container_ = nullptr;
  }

 private:
  Container* container_;
  std::size_t first_ = 0;           // its size at the beginning
  std::size_t filled_ = 0;          // at least first_, at most its size
  std::size_t first_capacity_ = 0;  // at the beginning
  bool begun_ = false;
};

}  // namespace weft::io::internal

#endif  // WEFT_IO_INTERNAL_TAIL_H_
