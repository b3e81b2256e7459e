// JoinMap<K, V>: tasks with one result type that are known by keys.
//
// Spec: T-38.
//
//   Task<std::string> fastest(std::vector<std::string> hosts) {
//     JoinMap<std::string, int> checks;
//     for (const std::string& host : hosts) checks.spawn(host, ping, host);
//     checks.abort("slow.example");
//     for (;;) {
//       auto next = co_await checks.join_next();
//       if (!next) co_return "none";
//       if (next->second) co_return next->first;  // the others are aborted with the map
//     }
//   }
//
// A JoinSet, a map from keys to the tasks' abort handles, and one from task ids back to the keys. A
// key names one task at a time: spawning with a key that is taken aborts the task that had it and
// takes that task's id out of the second map. It stays in the set until it has ended, where it is
// recognised by that, and its result is dropped.

#ifndef WEFT_TASK_JOIN_MAP_H_
#define WEFT_TASK_JOIN_MAP_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <source_location>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include <weft/runtime/context.h>
#include <weft/runtime/handle.h>
#include <weft/runtime/join_error.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/spawn_local.h>
#include <weft/runtime/task.h>
#include <weft/runtime/task_id.h>
#include <weft/runtime/wait_report.h>
#include <weft/task/internal/join_entries.h>
#include <weft/task/internal/join_values.h>
#include <weft/task/local_set.h>

namespace weft {

// Movable, though not while it is waited on; one thread at a time. The tasks may run anywhere. Its
// destructor aborts them. K is movable, and hashed and compared as in std::unordered_map.
template <class K, class V, class Hash = std::hash<K>, class Equal = std::equal_to<K>>
class JoinMap {
  using Location = std::source_location;
  using Handle = runtime::Handle;
  class NextNode;
  class Next;

 public:
  using key_type = K;
  using value_type = V;

  JoinMap() = default;
  JoinMap(JoinMap&&) = default;
  // Aborts the tasks that this map has.
  JoinMap& operator=(JoinMap&&) = default;
  ~JoinMap() = default;

  // As weft::spawn(). If `key` is taken, the task that has it is aborted and forgotten: its result
  // is never returned, even if it has ended already. If it throws std::bad_alloc, or what hashing,
  // comparing or moving keys throws, no task is left.
  AbortHandle spawn(K key, Task<V> task, Location where = Location::current()) {
    return insert(std::move(key), [&] { return weft::spawn(std::move(task), where); });
  }
  template <class F>
    requires internal::Spawnable<F>
  AbortHandle spawn(K key, F&& callable, Location where = Location::current()) {
    return spawn(std::move(key), internal::make_task(std::forward<F>(callable)), where);
  }
  template <class F, class A>
    requires internal::Spawnable<F, A>
  AbortHandle spawn(K key, F&& callable, A&& a, Location where = Location::current()) {
    return spawn(std::move(key), internal::make_task(std::forward<F>(callable), std::forward<A>(a)),
                 where);
  }
  template <class F, class A, class B, class... More>
    requires internal::Spawnable<F, A, B, More...>
  AbortHandle spawn(K key, F&& callable, A&& a, B&& b, More&&... more) {
    return spawn(std::move(key),
                 internal::make_task(std::forward<F>(callable), std::forward<A>(a),
                                     std::forward<B>(b), std::forward<More>(more)...));
  }

  // The same as Handle::spawn().
  AbortHandle spawn_on(K key, const Handle& rt, Task<V> task,
                       Location where = Location::current()) {
    return insert(std::move(key), [&] { return rt.spawn(std::move(task), where); });
  }
  template <class F, class... Args>
    requires internal::Spawnable<F, Args...>
  AbortHandle spawn_on(K key, const Handle& rt, F&& callable, Args&&... args) {
    return spawn_on(std::move(key), rt,
                    internal::make_task(std::forward<F>(callable), std::forward<Args>(args)...));
  }

  // The same as weft::spawn_local() and LocalSet::spawn_local().
  template <class... Given>
  AbortHandle spawn_local(K key, Given&&... task_or_callable) {
    return insert(std::move(key),
                  [&] { return weft::spawn_local(std::forward<Given>(task_or_callable)...); });
  }
  template <class... Given>
  AbortHandle spawn_local_on(K key, LocalSet& set, Given&&... task_or_callable) {
    return insert(std::move(key),
                  [&] { return set.spawn_local(std::forward<Given>(task_or_callable)...); });
  }

  // The same as weft::spawn_blocking() and Handle::spawn_blocking().
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  AbortHandle spawn_blocking(K key, F&& callable, Args&&... args) {
    return insert(std::move(key), [&] {
      return weft::spawn_blocking(std::forward<F>(callable), std::forward<Args>(args)...);
    });
  }
  template <class F, class... Args>
    requires std::invocable<std::decay_t<F>&, std::decay_t<Args>...>
  AbortHandle spawn_blocking_on(K key, const Handle& rt, F&& callable, Args&&... args) {
    return insert(std::move(key), [&] {
      return rt.spawn_blocking(std::forward<F>(callable), std::forward<Args>(args)...);
    });
  }

  // Yields key and result of a task that has ended, in the order in which they end:
  // std::optional<std::pair<K, JoinResult<V>>>. Empty when no task is left, replaced ones included.
  // Cancel safe: a result that was not read stays. Takes one unit of budget for each task.
  [[nodiscard]] Next join_next() noexcept { return Next(*this); }
  // The same now: empty if no task has ended. Takes no budget; whoever waits in join_next() goes on
  // waiting.
  std::optional<std::pair<K, JoinResult<V>>> try_join_next();

  // Aborts the task of that key; its result is still to be read. False if there is none.
  bool abort(const K& key) {
    const auto found = tasks_by_key_.find(key);
    if (found == tasks_by_key_.end()) return false;
    found->second.abort();
    return true;
  }
  // The same for all whose key `matches(const K&)`.
  template <class Predicate>
  void abort_matching(Predicate&& matches) {
    for (const auto& [key, task] : tasks_by_key_) {
      if (matches(key)) task.abort();
    }
  }
  void abort_all() noexcept { entries_.abort_all(); }
  // Aborts every task and waits until all have ended; what they threw is ignored. If it is
  // destroyed before that, what has not ended stays in the map.
  [[nodiscard]] Task<> shutdown() { return internal::abort_and_join(*this); }
  // Lets all tasks go on by themselves and forgets them, with the results not read yet.
  void detach_all() noexcept {
    const auto keys = std::exchange(keys_by_task_, KeysByTask());
    const auto tasks = std::exchange(tasks_by_key_, TasksByKey());
    entries_.forget();
  }

  // Tasks that have not been joined, ended or not; replaced ones are not among them.
  bool contains_key(const K& key) const { return tasks_by_key_.contains(key); }
  bool contains_task(TaskId id) const noexcept { return keys_by_task_.contains(id); }
  // Copies of their keys, in no order.
  std::vector<K> keys() const
    requires std::copy_constructible<K>
  {
    std::vector<K> copies;
    copies.reserve(size());
    for (const auto& [key, task] : tasks_by_key_) copies.push_back(key);
    return copies;
  }
  std::size_t size() const noexcept { return tasks_by_key_.size(); }
  bool empty() const noexcept { return tasks_by_key_.empty(); }

  // For how many tasks there is room before the maps are rebuilt.
  std::size_t capacity() const noexcept {
    return static_cast<std::size_t>(static_cast<float>(tasks_by_key_.bucket_count()) *
                                    tasks_by_key_.max_load_factor());
  }
  // Makes room for so many more.
  void reserve(std::size_t additional) {
    tasks_by_key_.reserve(size() + additional);
    keys_by_task_.reserve(size() + additional);
  }
  // Gives up room that is not needed, but for `min_capacity` tasks.
  void shrink_to(std::size_t min_capacity) {
    tasks_by_key_.rehash(0);
    keys_by_task_.rehash(0);
    if (min_capacity > capacity()) reserve(min_capacity - size());
  }
  void shrink_to_fit() { shrink_to(0); }

 private:
  using TasksByKey = std::unordered_map<K, AbortHandle, Hash, Equal>;
  // Points to the keys of the first, which stay where they are.
  using KeysByTask = std::unordered_map<TaskId, const K*>;
  using Entries = internal::JoinEntries<V>;
  using Entry = typename Entries::Entry;

  template <class Make>
  AbortHandle insert(K key, Make&& make);
  void replace(typename TasksByKey::iterator place, K key, const AbortHandle& task);
  bool is_known(Entry& entry) noexcept { return keys_by_task_.contains(entry.value().id()); }
  std::pair<K, JoinResult<V>> take(Entry& entry);

  TasksByKey tasks_by_key_;
  KeysByTask keys_by_task_;
  Entries entries_;
};

template <class K, class V, class Hash, class Equal>
template <class Make>
AbortHandle JoinMap<K, V, Hash, Equal>::insert(K key, Make&& make) {
  AbortHandle task = entries_.insert(std::forward<Make>(make));
  try {
    const auto place = tasks_by_key_.find(key);
    if (place != tasks_by_key_.end()) {
      replace(place, std::move(key), task);
    } else {
      const auto added = tasks_by_key_.emplace(std::move(key), task).first;
      try {
        keys_by_task_.emplace(task.id(), &added->first);
      } catch (...) {
        tasks_by_key_.erase(added);
        throw;
      }
    }
  } catch (...) {
    task.abort();  // nobody knows its id: its result will be dropped
    throw;
  }
  return task;
}

// Gives the place of a key to another task. The old key is destroyed last.
template <class K, class V, class Hash, class Equal>
void JoinMap<K, V, Hash, Equal>::replace(typename TasksByKey::iterator place, K key,
                                         const AbortHandle& task) {
  const AbortHandle old = place->second;
  const auto added = keys_by_task_.emplace(task.id(), &place->first).first;
  keys_by_task_.erase(old.id());
  auto node = tasks_by_key_.extract(place);
  std::swap(node.key(), key);
  node.mapped() = task;
  added->second = &node.key();
  tasks_by_key_.insert(std::move(node));
  old.abort();
}

template <class K, class V, class Hash, class Equal>
std::pair<K, JoinResult<V>> JoinMap<K, V, Hash, Equal>::take(Entry& entry) {
  const auto known = keys_by_task_.find(entry.value().id());
  auto node = tasks_by_key_.extract(*known->second);
  keys_by_task_.erase(known);
  return {std::move(node.key()), std::move(entries_.take(entry).second)};
}

template <class K, class V, class Hash, class Equal>
std::optional<std::pair<K, JoinResult<V>>> JoinMap<K, V, Hash, Equal>::try_join_next() {
  while (Entry* const entry = entries_.try_finished()) {
    if (is_known(*entry)) return take(*entry);
    static_cast<void>(entries_.take(*entry));
  }
  return std::nullopt;
}

template <class K, class V, class Hash, class Equal>
class JoinMap<K, V, Hash, Equal>::NextNode : public Leaf {
 public:
  static constexpr const char* kWaitingOn = "join map";
  void describe(WaitReport& report) noexcept {
    report.object(&map_);
    map_.entries_.describe(report);
  }
  explicit NextNode(JoinMap& map) noexcept : map_(map) {}
  ~NextNode() {
    if (finished_ != nullptr) map_.entries_.put_back(*finished_);
  }

  bool poll(Context& cx) noexcept {
    while (!map_.entries_.empty()) {
      finished_ = map_.entries_.poll_finished(cx);
      if (finished_ == nullptr) return false;
      if (map_.is_known(*finished_)) return true;
      static_cast<void>(map_.entries_.take(*std::exchange(finished_, nullptr)));
    }
    return true;
  }
  std::optional<std::pair<K, JoinResult<V>>> take() {
    if (finished_ == nullptr) return std::nullopt;
    return map_.take(*std::exchange(finished_, nullptr));
  }

 private:
  JoinMap& map_;
  Entry* finished_ = nullptr;
};

// Borrows the map; holds nothing itself.
template <class K, class V, class Hash, class Equal>
class [[nodiscard]] JoinMap<K, V, Hash, Equal>::Next {
 public:
  explicit Next(JoinMap& map) noexcept : map_(&map) {}
  LeafAwaiter<NextNode> operator co_await() const noexcept { return LeafAwaiter<NextNode>(*map_); }

 private:
  JoinMap* map_;
};

}  // namespace weft

#endif  // WEFT_TASK_JOIN_MAP_H_
