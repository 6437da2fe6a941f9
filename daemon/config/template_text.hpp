// Texts with {fields}: topics, client ids, payloads.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/diagnostics.hpp"
#include "daemon/config/model.hpp"

namespace b2m {

/// Literal text and fields in their order. `{{` and `}}` are braces; a field is `{name}`, `{sensor.channel}` or
/// `{name:.2f}`, 0 to 9 digits. Pure.
[[nodiscard]] Checked<std::vector<TemplatePiece>> split_template(std::string_view text);

/// What each placeholder stands for.
using Placeholders = std::map<std::string, std::string, std::less<>>;

/// `text` with its placeholders filled in; a field that is in `kept` stays as it is written. Pure.
[[nodiscard]] Checked<std::string> fill_placeholders(std::string_view text, const Placeholders& placeholders,
                                                     std::string_view kept = {});

/// What a payload template can say of a sensor.
struct TemplateFields {
  std::vector<std::string_view> channels = {};
  bool any_channel = false;  ///< the channels are known only from the device
  Placeholders constants = {};
};

/// `payload` as it is meant: "json", "value", "senml", "influx" or a template. Constants are filled in. Pure.
[[nodiscard]] Checked<PayloadFormat> parse_payload(std::string_view text, const TemplateFields& fields);

/// A template alone, in which "json" is a word like any other. Pure.
[[nodiscard]] Checked<PayloadFormat> parse_payload_template(std::string_view text, const TemplateFields& fields);

}  // namespace b2m
