// Reading and writing the file. Interface and design: checkpoint.h.

#include <weft/loom/checker/checkpoint.h>

#include <cstdio>
#include <fstream>
#include <iterator>

namespace weft::loom::checker::internal {
namespace {

// What a path can only be continued with.
std::string header_of(const Options& options, const std::string& name) {
  const std::string bound =
      options.preemption_bound ? std::to_string(*options.preemption_bound) : "none";
  return "weft loom checkpoint 1, preemptions " + bound + ", branches " +
         std::to_string(options.max_branches) + ", spurious " +
         std::to_string(options.spurious_wakeups) + " " +
         std::to_string(options.spurious_failures) + ", reduce " + std::to_string(options.reduce) +
         ", model " + name;
}

}  // namespace

Checkpoint::Checkpoint(const Options& options, const std::string& name)
    : file_(options.checkpoint_file), header_(header_of(options, name)) {}

Checkpoint::Loaded Checkpoint::load(SearchState& state) const {
  if (!enabled()) return Loaded::kNothing;
  std::ifstream in(file_);
  if (!in) return Loaded::kNothing;
  std::string header;
  if (!std::getline(in, header) || header != header_) return Loaded::kForeign;
  if (!(in >> state.iterations >> state.depth)) return Loaded::kForeign;
  state.path.assign(std::istreambuf_iterator<char>(in), {});
  return Loaded::kState;
}

bool Checkpoint::save(const SearchState& state) const {
  const std::string beside = file_ + ".new";
  {
    std::ofstream out(beside, std::ios::trunc);
    out << header_ << '\n' << state.iterations << ' ' << state.depth << '\n' << state.path;
    out.flush();
    if (!out) return false;
  }
  return std::rename(beside.c_str(), file_.c_str()) == 0;
}

void Checkpoint::remove() const noexcept {
  if (enabled()) std::remove(file_.c_str());
}

}  // namespace weft::loom::checker::internal
