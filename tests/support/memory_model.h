// Litmus programs, and what C++ allows them to do, by the axioms.
//
// An independent second opinion on the checker: it enumerates, for a program of a few accesses,
// every reads-from relation and every modification order, keeps those that the axioms of C++ allow,
// and returns the outcomes. It shares no code and no idea with the checker, which executes.
//
// The axioms are those of C++20 with two corners cut, both as the checker cuts them (docs/design/
// loom.md): sequenced-before and reads-from together have no cycle (no load buffering), and the
// single order S agrees with both.

#ifndef TESTS_SUPPORT_MEMORY_MODEL_H_
#define TESTS_SUPPORT_MEMORY_MODEL_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace weft::test_support {

enum class Kind { kLoad, kStore, kExchange, kFence, kCompareExchange };

struct Instruction {
  Kind kind;
  int location = 0;
  int value = 0;  // what it stores
  std::memory_order order;
  int expected = 0;                                       // kCompareExchange
  std::memory_order failure = std::memory_order_relaxed;  // kCompareExchange

  // What a compare-exchange whose outcome is decided has to read.
  enum class Reads { kAnything, kExpected, kSomethingElse };
  Reads reads = Reads::kAnything;
};

struct Program {
  int locations = 1;  // all zero in the beginning
  std::vector<std::vector<Instruction>> threads;
};

// What the loads, exchanges and compare-exchanges read, thread by thread, and then the last value
// of each location.
using LitmusOutcome = std::vector<int>;

namespace litmus {

// A relation over at most 32 events: bit j of row i says i -> j.
class Relation {
 public:
  explicit Relation(std::size_t size) : rows_(size) {}
  void add(std::size_t from, std::size_t to) { rows_[from] |= 1u << to; }
  bool has(std::size_t from, std::size_t to) const { return (rows_[from] >> to & 1) != 0; }
  void add(const Relation& other) {
    for (std::size_t i = 0; i < rows_.size(); ++i) rows_[i] |= other.rows_[i];
  }
  void close() {
    for (std::size_t k = 0; k < rows_.size(); ++k) {
      for (std::size_t i = 0; i < rows_.size(); ++i) {
        if (has(i, k)) rows_[i] |= rows_[k];
      }
    }
  }
  // Of a closed relation.
  bool has_cycle() const {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (has(i, i)) return true;
    }
    return false;
  }

 private:
  std::vector<std::uint32_t> rows_;
};

struct EventOf {
  Instruction what;
  int thread;  // -1: initial value
  bool reads() const { return what.kind == Kind::kLoad || what.kind == Kind::kExchange; }
  bool writes() const { return what.kind == Kind::kStore || what.kind == Kind::kExchange; }
  bool fence() const { return what.kind == Kind::kFence; }
  bool sc() const { return thread >= 0 && what.order == std::memory_order_seq_cst; }
  bool releases() const {
    return what.order == std::memory_order_release || what.order == std::memory_order_acq_rel ||
           what.order == std::memory_order_seq_cst;
  }
  bool acquires() const {
    return what.order == std::memory_order_acquire || what.order == std::memory_order_acq_rel ||
           what.order == std::memory_order_seq_cst;
  }
};

class Enumeration {
 public:
  explicit Enumeration(const Program& program) : program_(program), sequenced_(0) {
    for (int i = 0; i < program.locations; ++i) {
      events_.push_back({{Kind::kStore, i, 0, std::memory_order_relaxed}, -1});
    }
    for (std::size_t t = 0; t < program.threads.size(); ++t) {
      for (const Instruction& what : program.threads[t]) {
        events_.push_back({what, static_cast<int>(t)});
      }
    }
    sequenced_ = Relation(events_.size());
    for (std::size_t i = 0; i < events_.size(); ++i) {
      for (std::size_t j = i + 1; j < events_.size(); ++j) {
        const bool initial = events_[i].thread == -1 && events_[j].thread != -1;
        if (initial || (events_[i].thread != -1 && events_[i].thread == events_[j].thread)) {
          sequenced_.add(i, j);
        }
      }
    }
    source_.assign(events_.size(), 0);
    orders_.resize(static_cast<std::size_t>(program.locations));
  }

  std::set<LitmusOutcome> run() {
    choose_order(0);
    return outcomes_;
  }

 private:
  std::size_t size() const { return events_.size(); }
  bool same_place(std::size_t i, std::size_t j) const {
    return !events_[i].fence() && !events_[j].fence() &&
           events_[i].what.location == events_[j].what.location;
  }

  void choose_order(std::size_t location) {
    if (location == orders_.size()) {
      choose_source(0);
      return;
    }
    std::vector<std::size_t> writes;
    for (std::size_t i = orders_.size(); i < size(); ++i) {
      if (events_[i].writes() && events_[i].what.location == static_cast<int>(location)) {
        writes.push_back(i);
      }
    }
    do {
      orders_[location] = {location};
      orders_[location].insert(orders_[location].end(), writes.begin(), writes.end());
      choose_order(location + 1);
    } while (std::next_permutation(writes.begin(), writes.end()));
  }

  void choose_source(std::size_t event) {
    if (event == size()) {
      if (consistent()) note_outcome();
      return;
    }
    if (!events_[event].reads()) return choose_source(event + 1);
    for (const std::size_t write :
         orders_[static_cast<std::size_t>(events_[event].what.location)]) {
      if (write == event) continue;
      // An update reads its predecessor; anything else updates_are_atomic() would drop.
      if (events_[event].writes() && place(event) != place(write) + 1) continue;
      if (!may_read(events_[event].what, events_[write].what.value)) continue;
      source_[event] = write;
      choose_source(event + 1);
    }
  }

  static bool may_read(const Instruction& what, int value) {
    return what.reads == Instruction::Reads::kAnything ||
           (what.reads == Instruction::Reads::kExpected) == (value == what.expected);
  }

  std::size_t place(std::size_t write) const {
    const auto& order = orders_[static_cast<std::size_t>(events_[write].what.location)];
    return static_cast<std::size_t>(std::find(order.begin(), order.end(), write) - order.begin());
  }

  bool updates_are_atomic() const {
    for (std::size_t i = 0; i < size(); ++i) {
      if (events_[i].reads() && events_[i].writes() && place(i) != place(source_[i]) + 1) {
        return false;
      }
    }
    return true;
  }

  // Modification order, reads-from, reads-before, and what follows from them.
  Relation coherence_order() const {
    Relation result(size());
    for (std::size_t i = 0; i < size(); ++i) {
      if (events_[i].reads()) result.add(source_[i], i);
      for (std::size_t j = 0; j < size(); ++j) {
        if (i == j || !same_place(i, j) || !events_[j].writes()) continue;
        if (events_[i].writes() && place(i) < place(j)) result.add(i, j);
        if (events_[i].reads() && place(source_[i]) < place(j)) result.add(i, j);
      }
    }
    result.close();
    return result;
  }

  // Whether what `write` carries was released by `release`: the store itself, its release sequence,
  // or, for a fence, a store after it.
  bool carries(std::size_t release, std::size_t write) const {
    for (std::size_t head = write;; head = source_[head]) {
      const bool by_itself = head == release && events_[head].releases();
      const bool by_fence = events_[release].fence() && events_[release].releases() &&
                            sequenced_.has(release, head) && events_[head].thread != -1;
      if (by_itself || by_fence) return true;
      if (!(events_[head].reads() && events_[head].writes())) return false;
    }
  }

  Relation happens_before() const {
    Relation result = sequenced_;
    for (std::size_t read = 0; read < size(); ++read) {
      if (!events_[read].reads()) continue;
      for (std::size_t release = 0; release < size(); ++release) {
        if (!carries(release, source_[read])) continue;
        if (events_[read].acquires()) result.add(release, read);
        for (std::size_t fence = 0; fence < size(); ++fence) {
          if (events_[fence].fence() && events_[fence].acquires() && sequenced_.has(read, fence)) {
            result.add(release, fence);
          }
        }
      }
    }
    result.close();
    return result;
  }

  bool consistent() const {
    if (!updates_are_atomic()) return false;
    const Relation coherence = coherence_order();
    const Relation happened = happens_before();
    if (coherence.has_cycle() || happened.has_cycle()) return false;
    Relation single = sequenced_;
    for (std::size_t i = 0; i < size(); ++i) {
      if (events_[i].reads()) single.add(source_[i], i);
      for (std::size_t j = 0; j < size(); ++j) {
        if (happened.has(i, j) && coherence.has(j, i)) return false;
        if (coherence.has(i, j)) add_single_order(single, happened, i, j);
      }
    }
    single.close();
    return !single.has_cycle();
  }

  // `first` is coherence-ordered before `second`: which seq_cst events that puts in order.
  void add_single_order(Relation& single, const Relation& happened, std::size_t first,
                        std::size_t second) const {
    std::vector<std::size_t> before;
    std::vector<std::size_t> after;
    if (events_[first].sc()) before.push_back(first);
    if (events_[second].sc()) after.push_back(second);
    for (std::size_t i = 0; i < size(); ++i) {
      if (!events_[i].fence() || !events_[i].sc()) continue;
      if (happened.has(i, first)) before.push_back(i);
      if (happened.has(second, i)) after.push_back(i);
    }
    for (const std::size_t i : before) {
      for (const std::size_t j : after) single.add(i, j);
    }
  }

  void note_outcome() {
    LitmusOutcome outcome;
    for (std::size_t i = 0; i < size(); ++i) {
      if (events_[i].reads()) outcome.push_back(events_[source_[i]].what.value);
    }
    for (const auto& order : orders_) outcome.push_back(events_[order.back()].what.value);
    outcomes_.insert(outcome);
  }

  const Program& program_;
  std::vector<EventOf> events_;
  Relation sequenced_;
  std::vector<std::size_t> source_;               // of each reading event
  std::vector<std::vector<std::size_t>> orders_;  // of each location
  std::set<LitmusOutcome> outcomes_;
};

inline const char* name_of(std::memory_order order) {
  switch (order) {
    case std::memory_order_relaxed:
      return "rlx";
    case std::memory_order_acquire:
      return "acq";
    case std::memory_order_release:
      return "rel";
    case std::memory_order_acq_rel:
      return "acq_rel";
    case std::memory_order_seq_cst:
      return "sc";
    default:
      return "?";
  }
}

}  // namespace litmus

// A compare-exchange is an exchange that reads what it expects, or a load that reads something
// else.
inline std::set<LitmusOutcome> allowed_outcomes(const Program& program) {
  for (std::size_t t = 0; t < program.threads.size(); ++t) {
    for (std::size_t i = 0; i < program.threads[t].size(); ++i) {
      if (program.threads[t][i].kind != Kind::kCompareExchange) continue;
      Program exchanges = program;
      exchanges.threads[t][i].kind = Kind::kExchange;
      exchanges.threads[t][i].reads = Instruction::Reads::kExpected;
      Program fails = program;
      fails.threads[t][i].kind = Kind::kLoad;
      fails.threads[t][i].order = program.threads[t][i].failure;
      fails.threads[t][i].reads = Instruction::Reads::kSomethingElse;
      std::set<LitmusOutcome> outcomes = allowed_outcomes(exchanges);
      outcomes.merge(allowed_outcomes(fails));
      return outcomes;
    }
  }
  return litmus::Enumeration(program).run();
}

inline std::string to_string(const Program& program) {
  std::string text;
  for (const auto& thread : program.threads) {
    text += "{ ";
    for (const Instruction& what : thread) {
      const std::string place = "x" + std::to_string(what.location);
      switch (what.kind) {
        case Kind::kLoad:
          text += "read " + place;
          break;
        case Kind::kStore:
          text += place + " = " + std::to_string(what.value);
          break;
        case Kind::kExchange:
          text += "exchange " + place + ", " + std::to_string(what.value);
          break;
        case Kind::kFence:
          text += "fence";
          break;
        case Kind::kCompareExchange:
          text += "if " + place + " == " + std::to_string(what.expected) + " = " +
                  std::to_string(what.value) + " else " + litmus::name_of(what.failure) + ",";
          break;
      }
      text += std::string(" ") + litmus::name_of(what.order) + "; ";
    }
    text += "} ";
  }
  return text;
}

inline std::string to_string(const std::set<LitmusOutcome>& outcomes) {
  std::string text;
  for (const LitmusOutcome& outcome : outcomes) {
    text += "(";
    for (const int value : outcome) text += std::to_string(value) + " ";
    text.back() = ')';
    text += " ";
  }
  return text;
}

}  // namespace weft::test_support

#endif  // TESTS_SUPPORT_MEMORY_MODEL_H_
