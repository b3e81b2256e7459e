// Codecs: a stream of bytes as a stream of frames.

#ifndef WEFT_IO_CODEC_CODEC_H_
#define WEFT_IO_CODEC_CODEC_H_

#include <weft/io/codec/any_delimiter_codec.h>
#include <weft/io/codec/bytes_codec.h>
#include <weft/io/codec/concepts.h>
#include <weft/io/codec/framed.h>
#include <weft/io/codec/framed_read.h>
#include <weft/io/codec/framed_write.h>
#include <weft/io/codec/length_delimited_codec.h>
#include <weft/io/codec/lines_codec.h>

#endif  // WEFT_IO_CODEC_CODEC_H_
