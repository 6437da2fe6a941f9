#include "daemon/config/filter_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "daemon/config/suggest.hpp"
#include "drivers/api/options.hpp"

namespace b2m {
namespace {

using P = FilterParameter;

constexpr double longest_window = 1000;  // readings

std::optional<double> number_of(const Node& node) {
  if (node.kind == NodeKind::integer) return static_cast<double>(std::get<std::int64_t>(node.scalar));
  if (node.kind == NodeKind::number) return std::get<double>(node.scalar);
  return std::nullopt;
}

std::optional<std::vector<double>> numbers_of(const Node& node) {
  if (node.kind != NodeKind::array) return std::nullopt;
  std::vector<double> numbers;
  for (const auto& item : node.items) {
    const auto number = number_of(item);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

bool is_whole(double value, double low, double high) {
  return value >= low && value <= high && std::trunc(value) == value;
}

Checked<> read_whole(const Node& node, double low, double high, std::string_view what, FilterSpec& spec) {
  const auto value = number_of(node);
  if (!value || !is_whole(*value, low, high))
    return refuse(fmt::format("{} from {} to {} is expected", what, low, high));
  spec.numbers = {*value};
  return {};
}

Checked<> read_interval(const Node& node, FilterSpec& spec) {
  const auto numbers = numbers_of(node);
  if (!numbers || numbers->size() != 2) return refuse("two numbers are expected: [low, high]");
  if ((*numbers)[0] > (*numbers)[1]) return refuse("the first number is larger than the second", "it is [low, high]");
  spec.numbers = *numbers;
  return {};
}

Checked<> read_points(const Node& node, FilterSpec& spec) {
  if (node.kind != NodeKind::array || node.items.size() < 2)
    return refuse("at least two points are expected: [[measured, true], [measured, true]]");
  for (const auto& item : node.items) {
    const auto point = numbers_of(item);
    if (!point || point->size() != 2) return refuse("a point is two numbers: [measured, true]");
    if (!spec.numbers.empty() && (*point)[0] <= spec.numbers[spec.numbers.size() - 2])
      return refuse("the measured values of the points have to ascend");
    spec.numbers.insert(spec.numbers.end(), point->begin(), point->end());
  }
  return {};
}

Checked<> read_quantile(const Node& node, FilterSpec& spec) {
  const auto* window = node.find("window");
  const auto* q = node.find("q");
  const auto window_value = window != nullptr ? number_of(window->value) : std::nullopt;
  const auto q_value = q != nullptr ? number_of(q->value) : std::nullopt;
  if (node.members.size() != 2 || !window_value || !q_value)
    return refuse("{\"window\": readings, \"q\": 0 to 1} is expected");
  if (!is_whole(*window_value, 1, longest_window))
    return refuse(fmt::format("\"window\" is a whole number from 1 to {}", longest_window));
  if (*q_value < 0 || *q_value > 1) return refuse("\"q\" is from 0 to 1");
  spec.numbers = {*window_value, *q_value};
  return {};
}

Checked<> read_number_or_share(const Node& node, FilterSpec& spec) {
  std::optional<double> value = number_of(node);
  if (node.kind == NodeKind::text && node.text().ends_with('%')) {
    const OptionSpec row{.key = "share", .type = OptionType::number, .summary = ""};
    const auto percent = parse_option(row, std::string_view(node.text()).substr(0, node.text().size() - 1));
    if (percent) value = std::get<double>(*percent) / 100;
    spec.share = true;
  }
  if (!value || *value < 0) return refuse("a number that is not negative, or a share such as \"2%\", is expected");
  spec.numbers = {*value};
  return {};
}

Checked<> read_duration(const Node& node, FilterSpec& spec) {
  if (node.kind != NodeKind::text) return refuse("a duration such as \"10s\" is expected, not " + describe(node));
  const auto duration = parse_duration(node.text());
  if (!duration) return refuse(duration.error().detail);
  if (duration->count() == 0) return refuse("the duration is zero");
  spec.duration = *duration;
  return {};
}

Checked<> read_parameter(P parameter, const Node& node, FilterSpec& spec) {
  switch (parameter) {
    case P::number: {
      const auto value = number_of(node);
      if (!value) return refuse("a number is expected, not " + describe(node));
      spec.numbers = {*value};
      return {};
    }
    case P::interval: return read_interval(node, spec);
    case P::points: return read_points(node, spec);
    case P::coefficients: {
      const auto numbers = numbers_of(node);
      if (!numbers || numbers->empty()) return refuse("a list of numbers is expected: [c0, c1, c2]");
      spec.numbers = *numbers;
      return {};
    }
    case P::window: return read_whole(node, 1, longest_window, "a whole number of readings", spec);
    case P::quantile: return read_quantile(node, spec);
    case P::number_or_share: return read_number_or_share(node, spec);
    case P::duration: return read_duration(node, spec);
    case P::digits: return read_whole(node, 0, 9, "a whole number of digits", spec);
  }
  return refuse("unknown kind of parameter");
}

std::optional<FilterSpec> read_filter(const Node& node, const std::string& pointer, Diagnostics& diagnostics) {
  if (!node.is_object() || node.members.size() != 1) {
    diagnostics.error(node.place, pointer, "a filter is an object with one key, such as {\"median\": 5}");
    return std::nullopt;
  }
  const auto& member = node.members.front();
  const auto filters = all_filters();
  const auto info =
      std::find_if(filters.begin(), filters.end(), [&](const FilterInfo& f) { return f.name == member.key; });
  if (info == filters.end()) {
    std::vector<std::string_view> names;
    for (const auto& filter : filters) names.push_back(filter.name);
    diagnostics.error(member.place, child_pointer(pointer, member.key), "unknown filter",
                      did_you_mean(member.key, names));
    return std::nullopt;
  }
  FilterSpec spec{.kind = info->kind};
  if (const auto read = read_parameter(info->parameter, member.value, spec); !read) {
    diagnostics.error(member.value.place, child_pointer(pointer, member.key), read.error().message, read.error().hint);
    return std::nullopt;
  }
  return spec;
}

}  // namespace

std::vector<FilterSpec> read_filters(const Node& list, const std::string& pointer, Diagnostics& diagnostics) {
  std::vector<FilterSpec> filters;
  for (std::size_t i = 0; i < list.items.size(); ++i)
    if (auto filter = read_filter(list.items[i], fmt::format("{}/{}", pointer, i), diagnostics))
      filters.push_back(std::move(*filter));
  return filters;
}

}  // namespace b2m
