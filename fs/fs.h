// All of weft::fs.

#ifndef WEFT_FS_FS_H_
#define WEFT_FS_FS_H_

#include <weft/fs/back_end.h>
#include <weft/fs/dir_builder.h>
#include <weft/fs/file.h>
#include <weft/fs/lost_write_errors.h>
#include <weft/fs/metadata.h>
#include <weft/fs/open_options.h>
#include <weft/fs/ops.h>
#include <weft/fs/read_dir.h>

#endif  // WEFT_FS_FS_H_
