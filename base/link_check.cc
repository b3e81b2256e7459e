#include <weft/base/link_check.h>

WEFT_LINK_CHECK_DEFINE_EXPANDED(WEFT_VERSION_SYMBOL);
