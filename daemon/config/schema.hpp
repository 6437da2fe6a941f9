// The JSON Schema (draft 2020-12) of the configuration, made from the tables that the loader checks by.
#pragma once

#include <string>

namespace b2m {

/// Pretty printed, ended by a newline, the same for the same set of drivers. Pure.
[[nodiscard]] std::string config_schema();

}  // namespace b2m
