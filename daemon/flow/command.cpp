#include "daemon/flow/command.hpp"

#include <fmt/format.h>

namespace b2m {

Refusal stopping(std::string_view actuator) {
  return {"stopping", fmt::format("{} is left as it is: the gateway stops", actuator)};
}

Refusal reloading(std::string_view actuator) {
  return {"reloading", fmt::format("a new configuration has changed {}; the command may not have been carried out: "
                                   "give it again",
                                   actuator)};
}

std::string_view name(Source source) noexcept {
  switch (source) {
    case Source::command: return "a command";
    case Source::rule: return "a rule";
    case Source::start: return "initial";
    case Source::revert: return "the end of \"for\"";
    case Source::max_on: return "max_on";
    case Source::broker_lost: return "on_broker_lost";
    case Source::interlock: return "interlock";
    case Source::exit: return "on_exit";
  }
  return "";
}

}  // namespace b2m
