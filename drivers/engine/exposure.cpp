#include "drivers/engine/exposure.hpp"

#include <algorithm>

namespace b2m {
namespace {

constexpr unsigned most_attempts = 3;  // clipped, least sensitive, the right one

std::vector<Exposure> allowed(std::span<const Gain> gains, std::span<const IntegrationTime> times,
                              std::string_view gain, std::string_view time) {
  std::vector<Exposure> found;
  for (const auto& g : gains)
    for (const auto& t : times)
      if ((gain == automatic || gain == g.name) && (time == automatic || time == t.name)) found.push_back({g, t});
  return found;
}

}  // namespace

std::vector<Exposure> make_ladder(std::span<const Gain> gains, std::span<const IntegrationTime> times,
                                  std::string_view gain, std::string_view time) {
  constexpr double smallest_step = 1.9;
  auto all = allowed(gains, times, gain, time);
  std::sort(all.begin(), all.end(), [](const Exposure& a, const Exposure& b) {
    return a.sensitivity() != b.sensitivity() ? a.sensitivity() < b.sensitivity() : a.time.time < b.time.time;
  });
  std::vector<Exposure> ladder;
  for (const auto& one : all)
    if (ladder.empty() || one.sensitivity() >= smallest_step * ladder.back().sensitivity()) ladder.push_back(one);
  return ladder;
}

std::vector<Exposure> make_ladder(std::span<const Gain> gains, std::span<const IntegrationTime> times,
                                  const Options& options) {
  return make_ladder(gains, times, options.text("gain"), options.text("integration_time"));
}

std::size_t better_rung(std::span<const Exposure> ladder, std::size_t rung, std::uint32_t counts) {
  const Exposure& now = ladder[rung];
  if (counts >= now.time.full_scale) return 0;
  if (counts > now.time.full_scale / 30) return rung;
  std::size_t best = rung;
  for (std::size_t i = rung + 1; i < ladder.size(); ++i) {
    const double expected = counts * ladder[i].sensitivity() / now.sensitivity();
    if (expected <= ladder[i].time.full_scale / 2.0) best = i;
  }
  return best;
}

Result<Progress> ExposureSensor::init() {
  measuring_ = false;
  measured_ = false;
  return prepare();
}

Result<Progress> ExposureSensor::trigger() {
  if (!measuring_) attempts_ = 0;
  auto progress = measuring_ ? look() : begin();
  measuring_ = progress && progress->again();
  return progress;
}

Result<Progress> ExposureSensor::begin() {
  measured_ = false;
  ++attempts_;
  wait_.restart();
  B2M_ASSIGN(const Progress::Duration longest, start(exposure()));
  return Progress::again_after(longest);
}

Result<Progress> ExposureSensor::look() {
  B2M_ASSIGN(const bool ready, finished());
  if (!ready) return wait_.again();
  B2M_ASSIGN(const std::uint32_t counts, fetch());
  const std::size_t better = better_rung(ladder_, rung_, counts);
  if (better != rung_ && attempts_ < most_attempts) {
    rung_ = better;
    return begin();
  }
  clipped_ = counts >= exposure().time.full_scale;
  measured_ = true;
  return Progress::done();
}

Result<> ExposureSensor::usable() const {
  if (!measured_) return fail(Errc::not_ready, "nothing was measured");
  if (clipped_) return fail(Errc::out_of_range, "too much light for this gain and integration time");
  return {};
}

}  // namespace b2m
