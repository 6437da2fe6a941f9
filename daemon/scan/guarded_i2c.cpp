#include "daemon/scan/guarded_i2c.hpp"

#include <algorithm>

namespace b2m {

Result<> GuardedI2c::transfer(std::uint8_t address, std::span<const I2cOp> ops) {
  const std::size_t most = allowed_ == Allowed::registers ? 1 : 2;
  if (std::any_of(ops.begin(), ops.end(), [&](const I2cOp& op) { return op.write.size() > most; })) {
    refused_ = true;
    return fail(Errc::unsupported, "more bytes than a probe may write now");
  }
  return bus_.transfer(address, ops);
}

}  // namespace b2m
