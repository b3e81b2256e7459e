// RangeCursor: a range and a place in it, which may be moved together.
//
// Spec: ST-6.
//
// Iterators into a container do not in general survive its being moved (an array's elements move
// with it, and so does a list's end). Where elements have numbers, the place is a number; other
// ranges stand in a block of their own.

#ifndef WEFT_STREAM_INTERNAL_RANGE_CURSOR_H_
#define WEFT_STREAM_INTERNAL_RANGE_CURSOR_H_

#include <memory>
#include <ranges>
#include <type_traits>
#include <utility>

#include <weft/stream/internal/size_hint.h>

namespace weft::stream::internal {

// `Range` as forwarded. Borrowed if it is an lvalue; its elements are given away if it is a
// container and ours.
template <class Range>
class RangeCursor {
  using View = std::views::all_t<Range>;
  using Iterator = std::ranges::iterator_t<View>;
  using Difference = std::ranges::range_difference_t<View>;
  static constexpr bool kHasNumbers = std::ranges::random_access_range<View>;
  static constexpr bool kGivesAway =
      !std::is_lvalue_reference_v<Range> && !std::ranges::view<std::remove_cvref_t<Range>>;

 public:
  using item_type = std::ranges::range_value_t<Range>;

  explicit RangeCursor(Range&& range) : place_(std::views::all(std::forward<Range>(range))) {}

  bool is_at_end() const { return place_.is_at_end(); }
  // The element here; goes on to the next one. Not at the end.
  item_type take() {
    return place_.take([](auto& here) -> item_type {
      if constexpr (kGivesAway) {
        return std::ranges::iter_move(here);
      } else {
        return *here;
      }
    });
  }
  SizeHint size_hint() const {
    if constexpr (std::ranges::sized_range<View>) {
      return without(exactly(static_cast<std::size_t>(std::ranges::size(place_.view()))),
                     place_.passed());
    } else {
      return kNoHint;
    }
  }

 private:
  class Number {
   public:
    explicit Number(View range) : view_(std::move(range)) {}
    bool is_at_end() const { return here() == std::ranges::end(view_); }
    template <class Read>
    item_type take(Read read) {
      Iterator found = here();
      item_type item = read(found);
      ++passed_;
      return item;
    }
    View& view() const { return view_; }
    std::size_t passed() const noexcept { return static_cast<std::size_t>(passed_); }

   private:
    Iterator here() const { return std::ranges::begin(view_) + passed_; }
    mutable View view_;  // begin() of some views is not const
    Difference passed_ = 0;
  };
  class Block {
   public:
    explicit Block(View range) : block_(std::make_unique<Standing>(std::move(range))) {}
    bool is_at_end() const { return block_->here == std::ranges::end(block_->view); }
    template <class Read>
    item_type take(Read read) {
      item_type item = read(block_->here);
      ++block_->here;
      ++passed_;
      return item;
    }
    View& view() const { return block_->view; }
    std::size_t passed() const noexcept { return passed_; }

   private:
    struct Standing {
      explicit Standing(View range) : view(std::move(range)), here(std::ranges::begin(view)) {}
      View view;
      Iterator here;
    };
    std::unique_ptr<Standing> block_;
    std::size_t passed_ = 0;
  };

  std::conditional_t<kHasNumbers, Number, Block> place_;
};

}  // namespace weft::stream::internal

#endif  // WEFT_STREAM_INTERNAL_RANGE_CURSOR_H_
