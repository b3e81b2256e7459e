// collect_output. Interface: collect_output.h.

#include <weft/process/internal/collect_output.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <weft/process/child.h>
#include <weft/runtime/try_join.h>

namespace weft::process::internal {

namespace {

constexpr std::size_t kChunk = 64 * 1024;  // what a pipe holds

struct Captured {
  std::vector<std::byte> bytes;
  bool is_truncated = false;
};

// Keeps what fits of a chunk. False: that was not all of it, and it should have been.
bool keep(Captured& captured, std::span<const std::byte> chunk, OutputLimit limit) {
  const std::size_t fits = std::min(chunk.size(), limit.bytes - captured.bytes.size());
  const auto kept = chunk.first(fits);
  captured.bytes.insert(captured.bytes.end(), kept.begin(), kept.end());
  if (fits == chunk.size()) return true;
  captured.is_truncated = true;
  return limit.overflow == OutputOverflow::kTruncate;
}

Task<Result<Captured>> capture(const PipeReader* pipe, OutputLimit limit) {
  Captured captured;
  if (pipe == nullptr) co_return captured;
  std::vector<std::byte> chunk(kChunk);
  for (;;) {
    const Result<std::size_t> n = co_await pipe->read(chunk);
    if (!n) co_return Err(n.error());
    if (*n == 0) co_return captured;
    if (!keep(captured, std::span(chunk).first(*n), limit)) co_return Err(Errc::no_capacity);
  }
}

template <class Pipe>
const PipeReader* pointer_to(const std::optional<Pipe>& pipe) noexcept {
  return pipe ? &*pipe : nullptr;
}

}  // namespace

Task<Result<Output>> collect_output(Child child, OutputLimit limit) {
  auto all = co_await try_join(child.wait(), capture(pointer_to(child.stdout_), limit),
                               capture(pointer_to(child.stderr_), limit));
  if (!all) co_return Err(all.error());
  auto& [status, out, err] = *all;
  Output output{status, std::move(out.bytes), std::move(err.bytes),
                out.is_truncated || err.is_truncated};
  co_return output;
}

}  // namespace weft::process::internal
