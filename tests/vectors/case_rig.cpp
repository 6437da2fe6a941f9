#include "tests/vectors/case_rig.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "tests/vectors/check.hpp"

namespace b2m::vectors {
namespace {

std::vector<VectorChip> load_all() {
  std::vector<VectorChip> all;
  for (const auto* path : {"/vectors.json", "/chips"}) {
    auto chips = load_vectors(std::string(B2M_VECTORS) + path);
    if (!chips) throw std::runtime_error(chips.error().detail);
    std::move(chips->begin(), chips->end(), std::back_inserter(all));
  }
  return all;
}

bool gives_values(const VectorChip& chip, const VectorCase& one) {
  return !one.expect.values.empty() && check_case(chip, one, find_driver).kind == Verdict::Kind::passed;
}

}  // namespace

Result<std::unique_ptr<CaseRig>> CaseRig::make(const VectorChip& chip, const VectorCase& one) {
  std::unique_ptr<CaseRig> rig(new CaseRig);
  B2M_ASSIGN(rig->driver_, prepare(chip, one, rig->board_, find_driver));
  if (!rig->driver_.driver->make_sensor) return fail(Errc::unsupported, "not a sensor that is polled");
  B2M_ASSIGN(rig->options_, options_for(rig->driver_, one, rig->board_));
  rig->ports_ = std::make_unique<WatchedPorts>(context_for(rig->driver_, rig->options_, rig->board_), rig->wire_);
  rig->sensor_ = rig->driver_.driver->make_sensor(rig->ports_->context());
  return rig;
}

const std::vector<VectorChip>& all_vectors() {
  static const auto all = load_all();
  return all;
}

const std::vector<GoodCase>& good_cases() {
  static const auto good = [] {
    std::vector<GoodCase> found;
    for (const auto& chip : all_vectors())
      for (const auto& one : chip.cases)
        if (const auto rig = CaseRig::make(chip, one); rig && gives_values(chip, one))
          found.push_back({&chip, &one, (*rig)->driver().driver});
    return found;
  }();
  return good;
}

}  // namespace b2m::vectors
