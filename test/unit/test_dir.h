// Where test/ is. Only test_dir.cpp is compiled with a path, so that the others compile alike in every checkout (a
// compiler cache helps then).
#pragma once

namespace opentaos::test {
extern const char *const kTestDir;
}
