// What do copying, slicing and giving away bytes cost?
//
// Peers, in this file: a std::shared_ptr with a span, and a handle with a table of functions, as
// the crate `bytes` has (docs/decisions/0013-bytes-without-a-vtable.md). `per_op` is one operation.

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <benches/support/bench.h>

namespace {

constexpr int kOperations = 1000;

// Four words and a table, reduced to copying and dropping.
class TableBytes {
 public:
  struct Shared {
    std::atomic<std::size_t> references{1};
    std::vector<std::byte> bytes;
  };
  struct Table {
    TableBytes (*clone)(void* data, const std::byte* first, std::size_t size);
    void (*drop)(void* data, const std::byte* first, std::size_t size);
  };

  explicit TableBytes(std::vector<std::byte> bytes) : data_(new Shared{1, std::move(bytes)}) {
    first_ = shared(data_)->bytes.data();
    size_ = shared(data_)->bytes.size();
  }
  TableBytes(const TableBytes& other)
      : TableBytes(other.table_->clone(other.data_, other.first_, other.size_)) {}
  TableBytes(TableBytes&& other) noexcept
      : first_(other.first_),
        size_(other.size_),
        data_(std::exchange(other.data_, nullptr)),
        table_(other.table_) {}
  TableBytes& operator=(const TableBytes&) = delete;
  ~TableBytes() { table_->drop(data_, first_, size_); }

 private:
  TableBytes(void* data, const std::byte* first, std::size_t size)
      : first_(first), size_(size), data_(data) {}
  static Shared* shared(void* data) { return static_cast<Shared*>(data); }
  [[gnu::noinline]] static TableBytes clone(void* data, const std::byte* first, std::size_t size) {
    shared(data)->references.fetch_add(1, std::memory_order_relaxed);
    return {data, first, size};
  }
  [[gnu::noinline]] static void drop(void* data, const std::byte*, std::size_t) {
    if (data == nullptr) return;
    if (shared(data)->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete shared(data);
  }
  static const Table kTable;

  const std::byte* first_;
  std::size_t size_;
  void* data_;
  const Table* table_ = &kTable;
};
const TableBytes::Table TableBytes::kTable = {&clone, &drop};

template <class T>
void copy_and_drop(benchmark::State& state, const T& bytes) {
  for (auto _ : state) {
    for (int i = 0; i < kOperations; ++i) {
      T copy = bytes;
      benchmark::DoNotOptimize(copy);
    }
  }
  bench::report_per_operation(state, kOperations);
}

void BM_copy_bytes(benchmark::State& state) {
  copy_and_drop(state, weft::io::Bytes(std::vector<std::byte>(64)));
}
BENCHMARK(BM_copy_bytes);

void BM_copy_static_bytes(benchmark::State& state) {
  copy_and_drop(state, weft::io::Bytes::from_static("static"));
}
BENCHMARK(BM_copy_static_bytes);

void BM_copy_with_table(benchmark::State& state) {
  copy_and_drop(state, TableBytes(std::vector<std::byte>(64)));
}
BENCHMARK(BM_copy_with_table);

void BM_copy_shared_ptr(benchmark::State& state) {
  using Pair = std::pair<std::shared_ptr<std::vector<std::byte>>, std::span<const std::byte>>;
  copy_and_drop(state, Pair(std::make_shared<std::vector<std::byte>>(64), {}));
}
BENCHMARK(BM_copy_shared_ptr);

// A vector of so many bytes is moved in, and dropped without a copy.
void BM_move_vector_in(benchmark::State& state) {
  for (auto _ : state) {
    for (int i = 0; i < kOperations; ++i) {
      weft::io::Bytes bytes(std::vector<std::byte>(static_cast<std::size_t>(state.range(0))));
      benchmark::DoNotOptimize(bytes);
    }
  }
  bench::report_per_operation(state, kOperations);
}
BENCHMARK(BM_move_vector_in)->ArgName("bytes")->Arg(64)->Arg(4096);

// What a reader does for each frame: room, bytes, and the frame given away and dropped.
void BM_reserve_split_freeze(benchmark::State& state) {
  const std::vector<std::byte> payload(static_cast<std::size_t>(state.range(0)));
  weft::io::BytesMut buffer = weft::io::BytesMut::with_capacity(8192);
  for (auto _ : state) {
    for (int i = 0; i < kOperations; ++i) {
      buffer.extend(std::span<const std::byte>(payload));
      weft::io::Bytes frame = buffer.split().freeze();
      benchmark::DoNotOptimize(frame);
    }
  }
  bench::report_per_operation(state, kOperations);
}
BENCHMARK(BM_reserve_split_freeze)->ArgName("bytes")->Arg(64)->Arg(1024);

}  // namespace
