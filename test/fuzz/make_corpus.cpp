// Writes the inputs found in the recorded messages as files of their own, for libFuzzer.
//   fuzz_corpus FROM TO
#include <cstdio>

#include "vector_inputs.h"

int main(int argc, char **argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s FROM TO\n", argv[0]);
    return 2;
  }
  std::filesystem::create_directories(argv[2]);
  size_t written = 0;
  for (const auto &[name, bytes] : opentaos::fuzz::all_inputs(argv[1])) {
    std::ofstream out(std::filesystem::path(argv[2]) / name, std::ios::binary);
    out.write(reinterpret_cast<const char *>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!out) {
      std::fprintf(stderr, "cannot write %s\n", name.c_str());
      return 1;
    }
    ++written;
  }
  std::printf("%zu files\n", written);
  return written ? 0 : 1;
}
