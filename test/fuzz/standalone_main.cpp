// Runs a fuzz target without libFuzzer: over the files and folders named, and over copies of them damaged in ways that
// are the same on every run.
//   fuzz_target [--mutations N] PATH...
// N damaged copies of each input; 0 if not given, so that a file that made trouble can be run alone.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "vector_inputs.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

namespace {

using opentaos::fuzz::Input;

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 2654435769u + 88172645463325252ull) {}
  uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  size_t below(size_t n) { return static_cast<size_t>(next() % n); }

 private:
  uint64_t state_;
};

// From memory of exactly this size, for the sanitizers.
void run(const Input &input) {
  std::unique_ptr<uint8_t[]> exact(new uint8_t[input.size()]);
  if (!input.empty()) std::memcpy(exact.get(), input.data(), input.size());
  (void)LLVMFuzzerTestOneInput(exact.get(), input.size());
}

void damage(Input &input, const Input &other, Random &random) {
  if (input.empty()) {
    input.push_back(static_cast<uint8_t>(random.next()));
    return;
  }
  const size_t at = random.below(input.size());
  switch (random.below(8)) {
    case 0: input[at] = static_cast<uint8_t>(random.next()); break;
    case 1: input[at] ^= static_cast<uint8_t>(1u << random.below(8)); break;
    case 2: input.resize(at); break;
    case 3: {  // a length field
      constexpr uint32_t kLengths[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe, 0x100, 0xffff};
      const uint32_t v = kLengths[random.below(8)];
      std::memcpy(input.data() + at, &v, std::min<size_t>(4, input.size() - at));
      break;
    }
    case 4: input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), 1 + random.below(16), input[at]); break;
    case 5:
      input.erase(input.begin() + static_cast<std::ptrdiff_t>(at),
                  input.begin() + static_cast<std::ptrdiff_t>(at + std::min(random.below(16), input.size() - at)));
      break;
    case 6: {  // the end of another input
      if (other.empty()) break;
      const size_t from = random.below(other.size());
      input.resize(at);
      input.insert(input.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
      break;
    }
    default: input[at] = static_cast<uint8_t>("\"\\{}[],:0-9etnu."[random.below(16)]);
  }
}

}  // namespace

int main(int argc, char **argv) {
  size_t mutations = 0;
  std::vector<Input> inputs;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--mutations") == 0 && i + 1 < argc) {
      mutations = std::strtoul(argv[++i], nullptr, 10);
      continue;
    }
    if (!std::filesystem::exists(argv[i])) {
      std::fprintf(stderr, "no such file: %s\n", argv[i]);
      return 2;
    }
    for (auto &input : opentaos::fuzz::all_inputs(argv[i])) inputs.push_back(std::move(input.second));
  }
  if (inputs.empty()) {
    std::fprintf(stderr, "usage: %s [--mutations N] PATH...\n", argv[0]);
    return 2;
  }
  Random random(1);
  size_t runs = 0;
  run({});
  for (const Input &input : inputs) {
    run(input);
    ++runs;
    for (size_t k = 0; k < mutations; ++k, ++runs) {
      Input copy = input;
      for (size_t n = 1 + random.below(4); n; --n) damage(copy, inputs[random.below(inputs.size())], random);
      run(copy);
    }
  }
  std::printf("%zu inputs, %zu runs\n", inputs.size(), runs);
  return 0;
}
