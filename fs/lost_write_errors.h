// lost_write_errors: how many failed writes nobody was told of.
//
// Spec: FS-56.
//
// A File reports the error of an accepted write at the next write, flush or close. If it is
// destroyed before that, the error has no one to go to; it is counted here, and handed to a hook if
// there is one. A program that cares flushes or closes its files, and watches this number.
//
//   void report_lost_writes() {
//     fs::on_lost_write_error([](Error error) noexcept {
//       std::fprintf(stderr, "a write was lost: %s\n", error.to_string().c_str());
//     });
//   }

#ifndef WEFT_FS_LOST_WRITE_ERRORS_H_
#define WEFT_FS_LOST_WRITE_ERRORS_H_

#include <cstdint>

#include <weft/base/error.h>

namespace weft::fs {

// Of the whole process, since it began. Thread-safe.
std::uint64_t lost_write_errors() noexcept;

// Calls `hook` for each from now on, in place of the hook before; null for none. It is called on
// any thread, a worker or one that blocks, and must not use weft::fs. Thread-safe.
using LostWriteErrorHook = void (*)(Error error) noexcept;
void on_lost_write_error(LostWriteErrorHook hook) noexcept;

namespace internal {
void count_lost_write_error(Error error) noexcept;
}  // namespace internal

}  // namespace weft::fs

#endif  // WEFT_FS_LOST_WRITE_ERRORS_H_
