// What a configuration needs to know of the machine it is read on; handed in, so that reading is a function of its
// arguments.
#pragma once

#include <filesystem>
#include <string>

namespace b2m {

struct Environment {
  std::string hostname;
  std::string machine_id;  ///< what {machine_id} stands for; 12 hexadecimal digits, derived, never the machine's secret
                           ///< id itself
  std::string device_tree_model = {};      ///< "WalnutPi 1B"; decides `"board": "auto"`; empty where there is none
  std::filesystem::path credentials = {};  ///< $CREDENTIALS_DIRECTORY: where relative secret files are looked for first
};

/// The machine this runs on. Reads the host name, the machine id and the environment variables. Any thread.
[[nodiscard]] Environment this_machine();

}  // namespace b2m
