#include "daemon/config/diagnostics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace b2m {
namespace {

constexpr std::size_t longest_message = 600;
constexpr std::size_t longest_quote = 60;

/// Control characters as \xNN, so that a file cannot speak to the terminal, and at most `limit` bytes, cut between
/// characters.
std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool continuation = (byte & 0xc0) == 0x80;
    if (out.size() >= limit && !continuation) return out + "...";
    if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

std::string_view word(Severity severity) { return severity == Severity::error ? "error" : "warning"; }

bool same(const Diagnostic& a, const Diagnostic& b) {
  return a.place.line == b.place.line && a.place.column == b.place.column && a.place.file == b.place.file &&
         a.pointer == b.pointer && a.message == b.message;
}

}  // namespace

std::string to_string(const Diagnostic& diagnostic) {
  std::string text;
  if (diagnostic.place.file) text += *diagnostic.place.file + ":";
  if (diagnostic.place.line != 0) text += fmt::format("{}:{}:", diagnostic.place.line, diagnostic.place.column);
  if (!text.empty()) text += ' ';
  text += fmt::format("{}: ", word(diagnostic.severity));
  if (!diagnostic.pointer.empty()) text += diagnostic.pointer + ": ";
  text += diagnostic.message;
  if (!diagnostic.hint.empty()) text += "; " + diagnostic.hint;
  return text;
}

void Diagnostics::add(Diagnostic diagnostic) {
  diagnostic.pointer = printable(diagnostic.pointer, longest_message);
  diagnostic.message = printable(diagnostic.message, longest_message);
  diagnostic.hint = printable(diagnostic.hint, longest_message);
  if (std::any_of(items_.begin(), items_.end(), [&](const auto& known) { return same(known, diagnostic); })) return;
  ++(diagnostic.severity == Severity::error ? errors_ : warnings_);
  if (items_.size() < limit) items_.push_back(std::move(diagnostic));
}

void Diagnostics::error(const Place& place, std::string pointer, std::string message, std::string hint) {
  add({Severity::error, place, std::move(pointer), std::move(message), std::move(hint)});
}

void Diagnostics::warning(const Place& place, std::string pointer, std::string message, std::string hint) {
  add({Severity::warning, place, std::move(pointer), std::move(message), std::move(hint)});
}

void Diagnostics::sort() {
  std::vector<std::shared_ptr<const std::string>> files;
  for (const auto& item : items_)
    if (std::find(files.begin(), files.end(), item.place.file) == files.end()) files.push_back(item.place.file);
  const auto key = [&](const Diagnostic& item) {
    return std::tuple(std::find(files.begin(), files.end(), item.place.file) - files.begin(), item.place.line,
                      item.place.column);
  };
  std::stable_sort(items_.begin(), items_.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
}

std::string to_text(const Diagnostics& diagnostics) {
  std::string text;
  for (const auto& item : diagnostics.all()) text += to_string(item) + "\n";
  if (diagnostics.unlisted() != 0) text += fmt::format("... and {} more\n", diagnostics.unlisted());
  return text;
}

std::string to_json(const Diagnostics& diagnostics) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& item : diagnostics.all()) {
    nlohmann::ordered_json entry;
    entry["severity"] = word(item.severity);
    entry["file"] = item.place.file ? *item.place.file : "";
    if (item.place.line != 0) {
      entry["line"] = item.place.line;
      entry["column"] = item.place.column;
    }
    entry["pointer"] = item.pointer;
    entry["message"] = item.message;
    if (!item.hint.empty()) entry["hint"] = item.hint;
    list.push_back(std::move(entry));
  }
  return list.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string child_pointer(std::string_view pointer, std::string_view key) {
  std::string out(pointer);
  out += '/';
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

std::string in_quotes(std::string_view text) { return "\"" + printable(text, longest_quote) + "\""; }

}  // namespace b2m
