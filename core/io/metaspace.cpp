// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/metaspace.h"

#include "core/io/tokenizer_json.h"

namespace uc {

Metaspace metaspaceFromJson(const Json& json, const std::string& where) {
  Metaspace result;
  result.replacement = scalarField(json, "replacement", where);
  result.splits = boolField(json, "split", true, where);
  // Older files have only add_prefix_space.
  const bool addsSpace = boolField(json, "add_prefix_space", true, where);
  const bool hasScheme = member(json, "prepend_scheme") != nullptr;
  const std::string scheme =
      hasScheme ? stringField(json, "prepend_scheme", where) : std::string(addsSpace ? "always" : "never");
  if (scheme == "always") {
    result.prepend = Metaspace::Prepend::Always;
  } else if (scheme == "first") {
    result.prepend = Metaspace::Prepend::First;
  } else if (scheme == "never") {
    result.prepend = Metaspace::Prepend::Never;
  } else {
    failUnknown("prepend_scheme", scheme, where);
  }
  if (!addsSpace && result.prepend != Metaspace::Prepend::Never) {
    failTokenizer("The fields add_prefix_space and prepend_scheme contradict each other.", where);
  }
  return result;
}

}  // namespace uc
