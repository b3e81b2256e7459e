// net::unchecked: the word that the unsafe calls of AncillaryData want to hear.
//
// Spec: ancillary.md section 2.
//
// Some calls believe what they are told about memory that a kernel wrote: told a lie, they close
// descriptors that belong to others. They take an Unsafe, which only unchecked::unsafe() makes, so
// that a search for `unsafe()` finds every place to be reviewed. Each has a comment that says why
// it tells the truth. Who receives with MessageReceiver or recv_fds() needs none of this.

#ifndef WEFT_NET_ANCILLARY_UNCHECKED_H_
#define WEFT_NET_ANCILLARY_UNCHECKED_H_

namespace weft::net::unchecked {

// Says that the caller has read what the call demands and sees to it. An empty value.
class Unsafe {
 private:
  friend constexpr Unsafe unsafe() noexcept;
  explicit constexpr Unsafe() noexcept = default;
};

constexpr Unsafe unsafe() noexcept { return Unsafe(); }

}  // namespace weft::net::unchecked

#endif  // WEFT_NET_ANCILLARY_UNCHECKED_H_
