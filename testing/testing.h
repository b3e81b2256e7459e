// Everything of weft::test: tools for the tests of programs that use weft.

#ifndef WEFT_TESTING_TESTING_H_
#define WEFT_TESTING_TESTING_H_

#include <weft/testing/assertions.h>
#include <weft/testing/block_on.h>
#include <weft/testing/failure.h>
#include <weft/testing/harness.h>
#include <weft/testing/io_mock.h>
#include <weft/testing/mock_task.h>
#include <weft/testing/paused_runtime.h>
#include <weft/testing/stream_mock.h>

#endif  // WEFT_TESTING_TESTING_H_
