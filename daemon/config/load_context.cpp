#include "daemon/config/load_context.hpp"

namespace b2m {

std::string fill_text(const ObjectReader& reader, std::string_view key, const Placeholders& placeholders,
                      Checked<> (*check)(std::string_view), std::string_view kept) {
  // A value of the wrong type was reported; its fallback would only bring up the same place again.
  if ((reader.given(key) && !reader.valid(key)) || !reader.options().has(key)) return {};
  auto filled = fill_placeholders(reader.options().text(key), placeholders, kept);
  if (!filled) {
    reader.error(key, filled.error().message, filled.error().hint);
    return {};
  }
  if (check == nullptr) return std::move(*filled);
  if (const auto checked = check(*filled); !checked) {
    reader.error(key, checked.error().message, checked.error().hint);
    return {};
  }
  return std::move(*filled);
}

const Node& object_or_empty(const ObjectReader& reader, std::string_view key) {
  static const Node empty = [] {
    Node node;
    node.kind = NodeKind::object;
    return node;
  }();
  const auto* node = reader.nested(key);
  return node != nullptr ? *node : empty;
}

}  // namespace b2m
