// BytesMut and Bytes: any sequence of operations on several handles, against plain strings.
//
// Spec: io.md V-1..V-3. AddressSanitizer sees what is written or read beyond a handle's part.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tests/fuzz/codec_support.h>
#include <weft/io/bytes.h>
#include <weft/io/bytes_mut.h>

namespace {

using weft::fuzz::Choices;
using weft::fuzz::require;
using weft::io::Bytes;
using weft::io::BytesMut;

// A handle and what it has to contain.
template <class Handle>
struct Pair {
  Handle handle;
  std::string model;
};
using Writable = Pair<BytesMut>;
using Frozen = Pair<Bytes>;

class Machine {
 public:
  void step(Choices& choices) {
    Writable& chosen = writable_[choices.next() % writable_.size()];
    Writable& other = writable_[choices.next() % writable_.size()];
    Frozen& frozen = frozen_[choices.next() % frozen_.size()];
    const std::uint8_t operation = choices.next();
    const std::size_t number = choices.next();
    if (operation % 2 == 0) {
      change(chosen, operation / 2, number);
    } else {
      exchange(chosen, other, frozen, operation / 2, number);
    }
    check();
  }

 private:
  static std::size_t at_most(std::size_t number, std::size_t limit) { return number % (limit + 1); }

  static void change(Writable& w, int operation, std::size_t number) {
    switch (operation % 8) {
      case 0: {
        const std::string more(number, static_cast<char>('a' + number % 26));
        w.handle.extend(more);
        w.model += more;
        break;
      }
      case 1: {
        const std::size_t size = at_most(number, w.model.size());
        w.handle.advance(size);
        w.model.erase(0, size);
        break;
      }
      case 2:
        w.handle.truncate(number);
        w.model.resize(std::min(number, w.model.size()));
        break;
      case 3:
        w.handle.resize(number, std::byte{'r'});
        w.model.resize(number, 'r');
        break;
      case 4:
        w.handle.reserve(8 * number);
        require(w.handle.capacity() - w.handle.size() >= 8 * number);
        break;
      case 5:
        if (w.handle.try_reclaim(8 * number)) {
          require(w.handle.capacity() - w.handle.size() >= 8 * number);
        }
        break;
      case 6: {
        // Everything that this handle may write to, it writes to.
        const std::span<std::byte> spare = w.handle.spare_capacity();
        std::ranges::fill(spare, std::byte{'s'});
        break;
      }
      default:
        w = {BytesMut::with_capacity(8 * number), ""};
    }
  }

  static void exchange(Writable& a, Writable& b, Frozen& f, int operation, std::size_t number) {
    switch (operation % 8) {
      case 0: {
        const std::size_t at = at_most(number, a.model.size());
        Writable front{a.handle.split_to(at), a.model.substr(0, at)};
        a.model.erase(0, at);
        b = std::move(front);
        break;
      }
      case 1: {
        const std::size_t at = at_most(number, a.handle.capacity());
        const std::size_t kept = std::min(at, a.model.size());
        Writable behind{a.handle.split_off(at), a.model.substr(kept)};
        a.model.resize(kept);
        b = std::move(behind);
        break;
      }
      case 2:
        if (&a == &b) break;
        a.handle.unsplit(std::move(b.handle));
        a.model += std::exchange(b.model, "");
        break;
      case 3:
        f = {std::move(a.handle).freeze(), std::exchange(a.model, "")};
        break;
      case 4: {
        auto taken = std::move(f.handle).try_into_mut();
        if (taken) {
          a = {*std::move(taken), std::exchange(f.model, "")};
        } else {
          f.handle = std::move(taken).error();
        }
        break;
      }
      case 5: {
        const std::size_t begin = at_most(number, f.model.size());
        f = {f.handle.slice(begin, f.model.size()), f.model.substr(begin)};
        break;
      }
      case 6: {
        std::vector<std::byte> vector = std::move(a.handle).into_vector();
        require(vector.size() == a.model.size());
        a.handle = BytesMut(std::move(vector));
        break;
      }
      default: {
        const std::size_t at = at_most(number, f.model.size());
        const Bytes second = f.handle.split_off(at);
        require(second == std::string_view(f.model).substr(at));
        f.model.resize(at);
      }
    }
  }

  void check() const {
    for (const Writable& w : writable_) require(w.handle == std::string_view(w.model));
    for (const Frozen& f : frozen_) require(f.handle == std::string_view(f.model));
  }

  std::array<Writable, 3> writable_;
  std::array<Frozen, 3> frozen_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(std::span(data, size));
  Machine machine;
  while (!choices.rest().empty()) machine.step(choices);
  return 0;
}
