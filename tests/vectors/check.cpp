#include "tests/vectors/check.hpp"

#include <fmt/format.h>

namespace b2m::vectors {
namespace {

/// What this build lacks is no failure of a driver; a case that cannot be read is one of the file.
Verdict not_run(const Error& error) {
  if (error.code == Errc::unsupported) return {Verdict::Kind::skipped, {error.detail}};
  return {Verdict::Kind::failed, {"the case is wrong: " + error.detail}};
}

}  // namespace

Result<DriverRef> prepare(const VectorChip& chip, const VectorCase& one, CaseBoard& board, FindDriver find) {
  B2M_TRY(build_given(chip, one, board));
  const auto driver = match_driver(chip, board, find);
  if (!driver) return fail(Errc::unsupported, fmt::format("no driver for {}", chip.name));
  return *driver;
}

Verdict check_case(const VectorChip& chip, const VectorCase& one, FindDriver find) {
  CaseBoard board;
  const auto driver = prepare(chip, one, board, find);
  if (!driver) return not_run(driver.error());
  const auto outcome = run_case(*driver, one, board);
  if (!outcome) return not_run(outcome.error());
  auto differences = judge(one.expect, *outcome);
  if (differences.empty()) return {Verdict::Kind::passed};
  return {one.advisory ? Verdict::Kind::differs : Verdict::Kind::failed, std::move(differences)};
}

}  // namespace b2m::vectors
