// back_end: who carries out the operations on files.
//
// Spec: FS-42.
//
// The first operation of a runtime decides. It is io_uring if the runtime has I/O enabled, the
// kernel offers it and the environment does not say WEFT_IO_URING=0; else the blocking pool. What
// the operations do is the same, but that one needs threads.
//
//   Task<std::string_view> describe_files() {
//     const bool by_ring = fs::back_end() == fs::BackEnd::kIoUring;
//     co_return by_ring ? "files: io_uring" : "files: blocking pool";
//   }

#ifndef WEFT_FS_BACK_END_H_
#define WEFT_FS_BACK_END_H_

#include <cstdint>
#include <source_location>

namespace weft::fs {

enum class BackEnd : std::uint8_t { kBlockingPool, kIoUring };

// That of the current runtime, decided now if it was not before. Fatal without a runtime.
BackEnd back_end(std::source_location where = std::source_location::current());

}  // namespace weft::fs

#endif  // WEFT_FS_BACK_END_H_
