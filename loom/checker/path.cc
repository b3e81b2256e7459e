// Decisions, backtracking, replay strings. Interface and design: path.h.

#include <weft/loom/checker/path.h>

#include <algorithm>
#include <bit>
#include <sstream>
#include <utility>

#include <weft/base/check.h>

namespace weft::loom::checker::internal {
namespace {

constexpr Bits bit(ThreadId thread) noexcept { return static_cast<Bits>(1u << thread); }
constexpr bool has(Bits set, ThreadId thread) noexcept { return (set & bit(thread)) != 0; }
ThreadId lowest(Bits set) noexcept { return static_cast<ThreadId>(std::countr_zero(set)); }

constexpr std::uint32_t kLetters = 26;

}  // namespace

Path::Path(const Options& options) : options_(options) {
  if (options.randomized) random_.emplace(options.seed);
}

void Path::begin_execution() {
  if (random_) {
    random_->begin_execution(branches_.size());
    branches_.clear();
  }
  position_ = 0;
  any_schedule_ = false;
  redundant_ = false;
}

bool Path::preempts(const Branch& branch, ThreadId thread) noexcept {
  return branch.current != kNoThread && branch.current != thread &&
         has(branch.enabled, branch.current);
}

bool Path::allowed_by_bound(const Branch& branch, ThreadId thread) const noexcept {
  return !options_.preemption_bound || !preempts(branch, thread) ||
         branch.preemptions < *options_.preemption_bound;
}

ThreadId Path::pick_new(const Situation& now, Branch& branch) {
  if (now.fixed) return now.preferred;
  if (random_) {
    if (now.gives_way) random_->give_way(now.current);
    return random_->pick(now.enabled, now.current);
  }
  ThreadId chosen = now.preferred;
  if (has(now.asleep, chosen)) chosen = lowest(static_cast<Bits>(now.enabled & ~now.asleep));
  if (!allowed_by_bound(branch, chosen)) chosen = branch.current;
  if (replaying_) return chosen;
  if (!options_.reduce) {
    for (ThreadId i = 0; i < kMaxThreads; ++i) {
      if (has(now.enabled, i) && allowed_by_bound(branch, i)) branch.todo |= bit(i);
    }
  }
  return chosen;
}

ThreadId Path::schedule(const Situation& now) {
  // It is run to its end, so that what its threads own is given back.
  redundant_ = redundant_ || (now.enabled & ~now.asleep) == 0;
  if (redundant_) {
    ++position_;
    return now.preferred;
  }
  if (position_ == branches_.size()) {
    Branch branch{.kind = ChoiceKind::kSchedule, .chosen = 0, .count = 0};
    branch.enabled = now.enabled;
    branch.current = now.gives_way ? kNoThread : now.current;
    branch.fixed = now.fixed;
    branch.asleep = now.asleep;
    if (any_schedule_) {
      const Branch& before = branches_[last_schedule_];
      branch.preemptions =
          before.preemptions + (preempts(before, static_cast<ThreadId>(before.chosen)) ? 1 : 0);
    }
    const ThreadId chosen = pick_new(now, branch);
    branch.chosen = chosen;
    branch.todo |= bit(chosen);
    branches_.push_back(branch);
  }
  Branch& branch = branches_[position_];
  const auto chosen = static_cast<ThreadId>(branch.chosen);
  if (branch.kind != ChoiceKind::kSchedule || !has(now.enabled, chosen)) return kNoThread;
  if (replaying_) {
    branch.enabled = now.enabled;
    branch.current = now.gives_way ? kNoThread : now.current;
  } else if (branch.enabled != now.enabled) {
    return kNoThread;
  }
  last_schedule_ = position_++;
  any_schedule_ = true;
  return chosen;
}

std::optional<std::uint32_t> Path::choose(ChoiceKind kind, std::uint32_t count, bool fixed) {
  if (count == 1 || fixed || redundant_) return 0;
  if (position_ == branches_.size()) {
    const std::uint32_t chosen = random_ ? random_->below(count) : 0;
    branches_.push_back({.kind = kind, .chosen = chosen, .count = count});
    ++position_;
    return chosen;
  }
  Branch& branch = branches_[position_];
  if (replaying_ && branch.kind != ChoiceKind::kSchedule) {
    branch.kind = kind;
    branch.count = count;
  }
  if (branch.kind != kind || branch.count != count || branch.chosen >= count) return std::nullopt;
  ++position_;
  return branch.chosen;
}

void Path::add_to(Branch& branch, ThreadId thread) {
  Bits wanted = has(branch.enabled, thread) ? bit(thread) : branch.enabled;
  for (ThreadId i = 0; i < kMaxThreads; ++i) {
    if (has(wanted, i) && !allowed_by_bound(branch, i)) wanted &= static_cast<Bits>(~bit(i));
  }
  branch.todo |= wanted;
}

void Path::add_backtrack(std::size_t step, ThreadId thread) {
  if (random_ || replaying_ || redundant_ || !options_.reduce) return;
  const auto is_open = [this](std::size_t i) {
    return branches_[i].kind == ChoiceKind::kSchedule && !branches_[i].fixed;
  };
  while (!is_open(step)) {
    if (step-- == 0) return;
  }
  add_to(branches_[step], thread);
  if (!options_.preemption_bound) return;
  // The nearest place at or before it where the running thread changed.
  for (std::size_t i = step + 1; i-- > 0;) {
    Branch& branch = branches_[i];
    if (!is_open(i) || branch.current == branch.chosen) continue;
    add_to(branch, thread);
    return;
  }
}

void Path::add_one_of(std::size_t step, Bits threads) {
  if (replaying_ || redundant_) return;
  Branch* branch = &branches_[step];
  if (branch->fixed) threads = 0;
  while (branch->kind != ChoiceKind::kSchedule || branch->fixed) {
    if (step-- == 0) return;
    branch = &branches_[step];
  }
  threads &= branch->enabled;
  if (threads == 0) {
    branch->todo |= branch->enabled;
  } else if ((threads & (branch->todo | branch->asleep)) == 0) {
    branch->todo |= bit(lowest(threads));
  }
}

bool Path::next() {
  if (random_ || replaying_) return random_.has_value() && !replaying_;
  for (; !branches_.empty(); branches_.pop_back()) {
    Branch& branch = branches_.back();
    if (branch.kind != ChoiceKind::kSchedule) {
      if (branch.chosen + 1 >= branch.count) continue;
      ++branch.chosen;
      return true;
    }
    branch.tried |= bit(static_cast<ThreadId>(branch.chosen));
    const auto left = static_cast<Bits>(branch.todo & ~(branch.tried | branch.asleep));
    if (left == 0) continue;
    branch.chosen = lowest(left);
    return true;
  }
  return false;
}

std::string Path::encode() const {
  std::string text;
  std::string token;
  std::string previous;
  std::size_t repeats = 0;
  const auto flush = [&] {
    if (repeats > 2) text += std::to_string(repeats);
    for (std::size_t i = 0; i < (repeats > 2 ? 1 : repeats); ++i) text += previous;
  };
  for (std::size_t i = 0; i < std::min(position_, branches_.size()); ++i) {
    const Branch& branch = branches_[i];
    const bool thread = branch.kind == ChoiceKind::kSchedule;
    token.assign(branch.chosen / (kLetters - 1) * (thread ? 0 : 1), '+');
    token += static_cast<char>((thread ? 'a' : 'A') + branch.chosen % (kLetters - 1));
    if (token != previous) {
      flush();
      previous = token;
      repeats = 0;
    }
    ++repeats;
  }
  flush();
  return text;
}

std::string Path::save() const {
  std::ostringstream text;
  text << branches_.size() << '\n';
  for (const Branch& branch : branches_) {
    text << unsigned{static_cast<std::uint8_t>(branch.kind)} << ' ' << branch.chosen << ' '
         << branch.count << ' ' << unsigned{branch.enabled} << ' ' << unsigned{branch.todo} << ' '
         << unsigned{branch.tried} << ' ' << unsigned{branch.asleep} << ' ' << branch.fixed << ' '
         << unsigned{branch.current} << ' ' << branch.preemptions << '\n';
  }
  return text.str();
}

bool Path::restore(const std::string& text) {
  std::istringstream in(text);
  std::size_t size = 0;
  if (!(in >> size) || size > options_.max_branches) return false;
  std::vector<Branch> branches(size);
  for (Branch& branch : branches) {
    unsigned kind = 0;
    unsigned enabled = 0;
    unsigned todo = 0;
    unsigned tried = 0;
    unsigned asleep = 0;
    unsigned current = 0;
    in >> kind >> branch.chosen >> branch.count >> enabled >> todo >> tried >> asleep >>
        branch.fixed >> current >> branch.preemptions;
    if (!in || kind > unsigned{static_cast<std::uint8_t>(ChoiceKind::kWaiter)}) return false;
    branch.kind = static_cast<ChoiceKind>(kind);
    branch.enabled = static_cast<Bits>(enabled);
    branch.todo = static_cast<Bits>(todo);
    branch.tried = static_cast<Bits>(tried);
    branch.asleep = static_cast<Bits>(asleep);
    branch.current = static_cast<ThreadId>(current);
  }
  branches_ = std::move(branches);
  return true;
}

bool Path::set_replay(std::string_view text) {
  replaying_ = true;
  random_.reset();
  branches_.clear();
  std::size_t repeats = 0;
  std::uint32_t added = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      repeats = repeats * 10 + static_cast<std::size_t>(c - '0');
      if (repeats > options_.max_branches) return false;
    } else if (c == '+') {
      added += kLetters - 1;
    } else {
      const bool thread = c >= 'a' && c < static_cast<char>('a' + kMaxThreads);
      if (!thread && (c < 'A' || c > 'Z')) return false;
      const auto chosen = static_cast<std::uint32_t>(c - (thread ? 'a' : 'A')) + added;
      const Branch branch{.kind = thread ? ChoiceKind::kSchedule : ChoiceKind::kStoreRead,
                          .chosen = chosen,
                          .count = 0};
      branches_.insert(branches_.end(), std::max<std::size_t>(repeats, 1), branch);
      repeats = 0;
      added = 0;
    }
  }
  return repeats == 0 && added == 0 && !branches_.empty();
}

}  // namespace weft::loom::checker::internal
