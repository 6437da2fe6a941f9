// Several actuators as one. It has no hardware: the daemon gives each of its commands to the members.
#include "drivers/api/driver.hpp"

namespace b2m {
namespace {

constexpr std::string_view states[] = {"any", "all"};

constexpr OptionSpec options[] = {
    {.key = "members",
     .type = OptionType::text_list,
     .summary = "ids of the actuators, which are no displays and no groups",
     .required = true},
    {.key = "state",
     .type = OptionType::choice,
     .summary = "on when any of them is, or when all are; of numbers, the one farthest from off, or the nearest",
     .fallback = "any",
     .choices = states},
};

}  // namespace

B2M_DRIVER(group) = {
    .name = "group",
    .summary = "several actuators as one: each command goes to all of them",
    .datasheet = "none: it has no hardware of its own",
    .options = options,
    .group = true,
    .example = R"({"driver": "group", "members": ["lamp", "fan"]})",
};

}  // namespace b2m
