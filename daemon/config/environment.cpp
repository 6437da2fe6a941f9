#include "daemon/config/environment.hpp"

#include <systemd/sd-id128.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>

namespace b2m {
namespace {

constexpr std::size_t machine_id_digits = 12;

// Identifies this program; machine-id(5) asks that the id itself never leaves the machine.
constexpr sd_id128_t application = SD_ID128_MAKE(3b, 1f, 7c, 52, 9e, 04, 4d, 6a, a8, 71, c0, 5e, 24, d3, 96, 1b);

std::string read_hostname() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

/// Derived from the machine id; empty where the machine has none.
std::string read_machine_id() {
  sd_id128_t id{};
  if (sd_id128_get_machine_app_specific(application, &id) < 0) return {};
  std::array<char, SD_ID128_STRING_MAX> text{};
  return std::string(sd_id128_to_string(id, text.data())).substr(0, machine_id_digits);
}

std::string read_model() {
  std::ifstream stream("/proc/device-tree/model", std::ios::binary);
  std::string model;
  std::getline(stream, model, '\0');  // the kernel's text ends with a zero byte
  return model;
}

}  // namespace

Environment this_machine() {
  Environment machine;
  machine.hostname = read_hostname();
  machine.machine_id = read_machine_id();
  if (machine.machine_id.empty()) machine.machine_id = machine.hostname;
  machine.device_tree_model = read_model();
  if (const char* credentials = std::getenv("CREDENTIALS_DIRECTORY")) machine.credentials = credentials;
  return machine;
}

}  // namespace b2m
