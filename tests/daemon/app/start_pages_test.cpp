#include "daemon/app/start_pages.hpp"

#include <gtest/gtest.h>
#include <link.h>

#include <cstdint>
#include <fstream>
#include <span>
#include <string>

namespace b2m {
namespace {

struct Constants {
  std::size_t bytes = 0;
  std::uint64_t sum = 0;
};

/// Also of what lies between objects, where an address sanitizer has put its guards.
__attribute__((no_sanitize("address"))) void read_all(const unsigned char* begin, std::size_t size,
                                                      Constants& constants) {
  for (std::size_t i = 0; i < size; ++i) constants.sum += begin[i];
  constants.bytes += size;
}

/// Reads every constant byte of this program, and so makes its pages resident.
Constants read_own_constants() {
  Constants result;
  const auto add = [](dl_phdr_info* object, std::size_t, void* data) {
    for (const auto& part : std::span(object->dlpi_phdr, object->dlpi_phnum)) {
      if (part.p_type != PT_LOAD || part.p_flags != PF_R) continue;
      const auto* begin = reinterpret_cast<const unsigned char*>(object->dlpi_addr + part.p_vaddr);
      read_all(begin, part.p_memsz, *static_cast<Constants*>(data));
    }
    return 1;  // the first object is the program
  };
  ::dl_iterate_phdr(add, &result);
  return result;
}

/// Of files mapped, in bytes: "RssFile" in proc(5).
std::size_t resident() {
  std::ifstream status("/proc/self/status");
  for (std::string key; status >> key; status.ignore(256, '\n')) {
    std::size_t kilobytes = 0;
    if (key == "RssFile:" && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

TEST(StartPages, leave_the_memory_and_come_back_unchanged_when_they_are_read) {
  const auto first = read_own_constants();
  const auto before = resident();
  ASSERT_GT(before, first.bytes);
  give_back_start_pages();
  EXPECT_LT(resident(), before - first.bytes / 2);
  EXPECT_EQ(read_own_constants().sum, first.sum);
}

}  // namespace
}  // namespace b2m
