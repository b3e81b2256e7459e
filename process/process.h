// All of weft::process.

#ifndef WEFT_PROCESS_PROCESS_H_
#define WEFT_PROCESS_PROCESS_H_

#include <weft/process/child.h>
#include <weft/process/child_pipes.h>
#include <weft/process/command.h>
#include <weft/process/exit_status.h>
#include <weft/process/output.h>
#include <weft/process/raw_child.h>
#include <weft/process/stdio.h>

#endif  // WEFT_PROCESS_PROCESS_H_
