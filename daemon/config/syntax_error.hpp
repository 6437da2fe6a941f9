// Words for what a JSON parser stumbles over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "daemon/config/diagnostics.hpp"

namespace b2m {

/// What the parser was in the middle of.
struct SyntaxContext {
  enum Inside : std::uint8_t { nothing, object, array };
  Inside inside = nothing;
  std::size_t opened_line = 0;  ///< of the innermost object or list
  bool empty = true;            ///< nothing stands in it yet
  bool after_key = false;       ///< a key was read, its value was not
  bool in_word = false;         ///< behind the accepted beginning of a number or literal, at which the text stands
  bool after_document = false;  ///< the document was complete
  char separator = '\0';        ///< comma or colon since the last token
};

/// `rest` begins with the token that does not fit. Pure.
[[nodiscard]] Problem explain_syntax_error(std::string_view rest, const SyntaxContext& context);

}  // namespace b2m
