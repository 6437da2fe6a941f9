// Lines that outlive the process: an output stays requested, and so keeps its level, from one process to the next.
#pragma once

#include <string>
#include <vector>

#include "daemon/io/file_descriptor.hpp"

namespace b2m {

/// Holds descriptors of requested lines by the line's place, "300b000.pinctrl 73". Any thread.
class LineKeeper {
 public:
  virtual ~LineKeeper() = default;
  /// A descriptor of this line, as an earlier process or an earlier device of this one left it; none when there is
  /// none.
  [[nodiscard]] virtual FileDescriptor take(const std::string& place) = 0;
  /// Keeps a duplicate of `fd` for who comes next, in place of what was kept of this line.
  virtual void keep(const std::string& place, int fd) = 0;
  /// Lets go of what is kept of this line; what this process holds of it stays.
  virtual void forget(const std::string& place) = 0;
  /// Lets go of every line but these.
  virtual void forget_but(const std::vector<std::string>& places) = 0;
};

/// Where nobody keeps anything: lines are used for a moment. Any thread.
class NoLineKeeper final : public LineKeeper {
 public:
  FileDescriptor take(const std::string& /*place*/) override { return {}; }
  void keep(const std::string& /*place*/, int /*fd*/) override {}
  void forget(const std::string& /*place*/) override {}
  void forget_but(const std::vector<std::string>& /*places*/) override {}
};

}  // namespace b2m
