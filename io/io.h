// All of weft::io.

#ifndef WEFT_IO_IO_H_
#define WEFT_IO_IO_H_

#include <weft/io/concepts.h>
#include <weft/io/io_slice.h>
#include <weft/io/read_buf.h>
#include <weft/io/ready.h>

#endif  // WEFT_IO_IO_H_
