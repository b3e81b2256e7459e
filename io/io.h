// All of weft::io.

#ifndef WEFT_IO_IO_H_
#define WEFT_IO_IO_H_

#include <weft/io/any_stream.h>
#include <weft/io/async_fd.h>
#include <weft/io/buf.h>
#include <weft/io/buf_adapters.h>
#include <weft/io/buf_read.h>
#include <weft/io/buf_reader.h>
#include <weft/io/buf_stream.h>
#include <weft/io/buf_writer.h>
#include <weft/io/bytes.h>
#include <weft/io/bytes_mut.h>
#include <weft/io/chain.h>
#include <weft/io/codec/codec.h>
#include <weft/io/concepts.h>
#include <weft/io/copy.h>
#include <weft/io/copy_bidirectional.h>
#include <weft/io/duplex.h>
#include <weft/io/empty.h>
#include <weft/io/inspect.h>
#include <weft/io/io_slice.h>
#include <weft/io/join.h>
#include <weft/io/line_writer.h>
#include <weft/io/lines.h>
#include <weft/io/members.h>
#include <weft/io/numbers.h>
#include <weft/io/read.h>
#include <weft/io/read_buf.h>
#include <weft/io/read_to_end.h>
#include <weft/io/reader_stream.h>
#include <weft/io/ready.h>
#include <weft/io/repeat.h>
#include <weft/io/seek.h>
#include <weft/io/seek_from.h>
#include <weft/io/simplex.h>
#include <weft/io/sink.h>
#include <weft/io/sink_writer.h>
#include <weft/io/split.h>
#include <weft/io/stdio.h>
#include <weft/io/stream_reader.h>
#include <weft/io/sync_io_bridge.h>
#include <weft/io/take.h>
#include <weft/io/write.h>

#endif  // WEFT_IO_IO_H_
