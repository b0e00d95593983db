// Prints docs/options.md. From the top of the source tree:
//
//   g++ -std=c++20 -I lib tools/gen_options_doc.cpp lib/base/{option_table,options,addresses,encoding}.cpp -lcrypto -o
//   gen_options_doc
//   ./gen_options_doc > docs/options.md
//
// A unit test (options_doc) fails when the file and the table disagree.
#include <cstdio>

#include "options_doc.h"

int main() {
  std::string text = opentaos::tools::options_document();
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}
