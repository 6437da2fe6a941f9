#include "daemon/app/version.hpp"

namespace b2m {

std::string_view version() noexcept { return B2M_VERSION; }

}  // namespace b2m
