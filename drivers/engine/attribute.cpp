#include "drivers/engine/attribute.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <vector>

namespace b2m {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

Result<double> parse_attribute(std::string_view text) {
  const auto number = trimmed(text);
  if (number.empty()) return fail(Errc::not_ready, "the file is empty");
  double value = 0;
  const auto [end, ec] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (ec != std::errc{} || end != number.data() + number.size() || !std::isfinite(value))
    return fail(Errc::io, fmt::format("\"{}\" is not a number", number.substr(0, 40)));
  return value;
}

Result<double> read_attribute(AttributeFiles& files, const std::string& path) {
  B2M_ASSIGN(const std::string text, files.read(path));
  auto value = parse_attribute(text);
  if (!value) return fail(value.error().code, fmt::format("{}: {}", path, value.error().detail));
  return value;
}

Result<std::string> find_device(AttributeFiles& files, const DeviceClass& device_class, std::string_view wanted) {
  const auto entries = files.list(std::string(device_class.root));
  if (!entries) {
    if (entries.error().code != Errc::gone) return tl::unexpected(entries.error());
    return fail(Errc::gone, fmt::format("{} is not there: {}", device_class.root, device_class.missing));
  }
  std::vector<std::string> there;
  for (const auto& entry : *entries) {
    if (!entry.starts_with(device_class.prefix)) continue;
    auto directory = fmt::format("{}/{}", device_class.root, entry);
    if (entry == wanted) return directory;
    // A device may have no name, or vanish meanwhile: then it is not the one.
    const auto name = files.read(fmt::format("{}/{}", directory, device_class.attribute));
    if (name && trimmed(*name) == wanted) return directory;
    there.push_back(name ? fmt::format("{} ({})", trimmed(*name), entry) : entry);
  }
  return fail(Errc::gone, fmt::format("no {} is called \"{}\"; there {}", device_class.what, wanted,
                                      there.empty() ? "is none" : fmt::format("are: {}", fmt::join(there, ", "))));
}

}  // namespace b2m
