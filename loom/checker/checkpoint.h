// Checkpoint: the state of a long search in a file, so that a later run goes on from there.
//
// Spec: TE-14.
//
// Design. A depth-first search is its path: the decisions, and what is left to try at each. The
// file is text, replaced as a whole (written beside and renamed), so an interrupted run leaves the
// last complete one. Its first line names the model and the options that shape the search; a file
// of another search is refused instead of continued.

#ifndef WEFT_LOOM_CHECKER_CHECKPOINT_H_
#define WEFT_LOOM_CHECKER_CHECKPOINT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <weft/loom/checker/options.h>

namespace weft::loom::checker::internal {

struct SearchState {
  std::uint64_t iterations = 0;
  std::size_t depth = 0;
  std::string path;  // Path::save()
};

class Checkpoint {
 public:
  // Does nothing if `options` name no file.
  Checkpoint(const Options& options, const std::string& name);

  const std::string& file() const noexcept { return file_; }
  bool enabled() const noexcept { return !file_.empty(); }

  enum class Loaded : std::uint8_t { kNothing, kState, kForeign };
  Loaded load(SearchState& state) const;
  // False if the file cannot be written.
  bool save(const SearchState& state) const;
  // The search is over.
  void remove() const noexcept;

 private:
  const std::string file_;
  const std::string header_;
};

}  // namespace weft::loom::checker::internal

#endif  // WEFT_LOOM_CHECKER_CHECKPOINT_H_
