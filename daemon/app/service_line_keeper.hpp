// Output lines kept while the configuration changes, and by the service manager while the daemon is restarted, upgraded
// or killed.
#pragma once

#include <memory>

#include "daemon/io/line_keeper.hpp"

namespace b2m {

/// Over systemd's file descriptor store (sd_notify(3), FDSTORE; the unit's FileDescriptorStoreMax=), with what it
/// passed to this process; within this process alone when there is no service manager. To be called once, before any
/// thread exists.
[[nodiscard]] std::unique_ptr<LineKeeper> service_line_keeper();

}  // namespace b2m
