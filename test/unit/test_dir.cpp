#include "test_dir.h"

namespace opentaos::test {
const char *const kTestDir = OTS_TEST_DIR;
}
