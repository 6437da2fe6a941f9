// How simulated chips follow a driver that configures them otherwise than the case was recorded: the member `model` of
// a case.
#pragma once

#include "daemon/sim/register_models.hpp"
#include "tests/vectors/vector_file.hpp"

namespace b2m::vectors {

/// Called after register `reg` was written and the case's own rules were applied. `settings` are those of the case.
using Follower = void (*)(WordRegisterModel::Registers& registers, std::uint8_t reg, const Json& settings);

/// For a chip as the file names it; none for a chip whose registers do not depend on its configuration. Pure.
[[nodiscard]] Follower find_follower(std::string_view chip) noexcept;

}  // namespace b2m::vectors
