// Feeds a fuzz target without libFuzzer: pieces of likely input put together, cut and damaged at random.
//   --rounds N or --seconds N, --seed N (1); what brought a failure is written to standard error as hexadecimal bytes.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
std::vector<std::string_view> fuzz_words();

namespace {

std::string current;

void tell_current() {
  std::fputs("input: ", stderr);
  for (const char c : current) std::fprintf(stderr, "%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
  std::fputs("\n", stderr);
}

class Inputs {
 public:
  explicit Inputs(unsigned seed) : random_(seed) {}

  std::string next() {
    static const auto words = fuzz_words();
    std::string input;
    for (auto pieces = 1 + random_() % 24; pieces != 0; --pieces) {
      if (random_() % 4 == 0) {
        input += static_cast<char>(random_());
      } else {
        input += words[random_() % words.size()];
      }
    }
    for (auto damages = random_() % 4; damages != 0 && !input.empty(); --damages) damage(input);
    return input;
  }

 private:
  void damage(std::string& input) {
    const auto at = random_() % input.size();
    switch (random_() % 4) {
      case 0: input[at] = static_cast<char>(random_()); break;
      case 1: input.erase(at, 1 + random_() % 8); break;
      case 2: input.insert(at, input.substr(random_() % input.size(), random_() % 32)); break;
      default: input.resize(at); break;
    }
  }
  std::mt19937 random_;
};

}  // namespace

int main(int argc, char** argv) {
  unsigned long rounds = 0;
  long seconds = 0;
  unsigned seed = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--rounds") == 0) rounds = std::strtoul(argv[i + 1], nullptr, 10);
    if (std::strcmp(argv[i], "--seconds") == 0) seconds = std::strtol(argv[i + 1], nullptr, 10);
    if (std::strcmp(argv[i], "--seed") == 0) seed = static_cast<unsigned>(std::strtoul(argv[i + 1], nullptr, 10));
  }
  std::set_terminate([] {
    tell_current();
    std::abort();
  });
  Inputs inputs(seed);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  unsigned long done = 0;
  for (; seconds != 0 ? std::chrono::steady_clock::now() < end : done < rounds; ++done) {
    current = inputs.next();
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(current.data()), current.size());
  }
  std::printf("%lu inputs\n", done);
  return done == 0 ? 1 : 0;
}
