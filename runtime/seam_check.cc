#include <weft/runtime/seam_check.h>

WEFT_LINK_CHECK_DEFINE_EXPANDED(WEFT_SEAM_SYMBOL);
