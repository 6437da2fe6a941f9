// One verdict for each case of a file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/vectors/judge.hpp"

namespace b2m::vectors {

struct Verdict {
  enum class Kind : std::uint8_t {
    passed,
    failed,
    differs,
    skipped
  };  ///< differs: an advisory case that would have failed
  Kind kind;
  std::vector<std::string> reasons = {};
};

/// The driver that would run the case, or why none does. Also finds what is wrong with the case's devices.
[[nodiscard]] Result<DriverRef> prepare(const VectorChip& chip, const VectorCase& one, CaseBoard& board,
                                        FindDriver find);

[[nodiscard]] Verdict check_case(const VectorChip& chip, const VectorCase& one, FindDriver find);

}  // namespace b2m::vectors
