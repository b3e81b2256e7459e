// collect_output: everything a child writes, and its end.
//
// Spec: P-15, P-16.
//
// Both pipes are read at the same time, so a child that fills one while we read the other cannot
// block for ever; and they stay open until it has ended, since a child that writes to a pipe which
// nobody has open is killed by SIGPIPE.

#ifndef WEFT_PROCESS_INTERNAL_COLLECT_OUTPUT_H_
#define WEFT_PROCESS_INTERNAL_COLLECT_OUTPUT_H_

#include <weft/base/result.h>
#include <weft/process/internal/command_config.h>
#include <weft/process/output.h>
#include <weft/runtime/task.h>

namespace weft::process {
class Child;
}

namespace weft::process::internal {

// Fails with the first error of the three.
Task<Result<Output>> collect_output(Child child, OutputLimit limit);

}  // namespace weft::process::internal

#endif  // WEFT_PROCESS_INTERNAL_COLLECT_OUTPUT_H_
