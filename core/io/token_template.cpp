// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/token_template.h"

#include "core/io/tokenizer_json.h"
#include "core/values/error.h"

#include <fmt/format.h>

namespace uc {

namespace {

std::vector<int64_t> specialIds(const Json& json, const std::string& name, const std::string& where) {
  const Json* all = member(json, "special_tokens");
  const Json* special = all ? member(*all, name.c_str()) : nullptr;
  const Json* ids = special ? member(*special, "ids") : nullptr;
  if (!ids || !ids->is_array()) {
    failTokenizer(fmt::format("The template's token {} has no ids.", printable(name, 80)), where);
  }
  std::vector<int64_t> result;
  for (const Json& id : *ids) {
    if (!id.is_number_integer()) failTokenizer("An id of the template is not a whole number.", where);
    result.push_back(id.get<int64_t>());
  }
  return result;
}

TokenTemplate singleTemplate(const Json& json, const std::string& where) {
  TokenTemplate result;
  bool hasText = false;
  for (const Json& part : componentList(json, "single", where)) {
    if (const Json* special = member(part, "SpecialToken")) {
      const auto ids = specialIds(json, stringField(*special, "id", where), where);
      auto& side = hasText ? result.after : result.before;
      side.insert(side.end(), ids.begin(), ids.end());
    } else if (const Json* sequence = member(part, "Sequence")) {
      if (stringField(*sequence, "id", where) != "A" || hasText) {
        failTokenizer("The template does not hold the text exactly once.", where);
      }
      hasText = true;
    } else {
      failTokenizer("A part of the template is neither a token nor the text.", where);
    }
  }
  if (!hasText) failTokenizer("The template does not hold the text exactly once.", where);
  return result;
}

}  // namespace

TokenTemplate tokenTemplateFromJson(const Json& json, const std::string& where) {
  if (json.is_null()) return {};
  const std::string type = componentType(json, "post-processor", where);
  if (type == "ByteLevel") return {};  // it only trims offsets, and our spans tile the text
  if (type == "TemplateProcessing") return singleTemplate(json, where);
  if (type != "Sequence") failUnknown("post-processor", type, where);
  TokenTemplate result;
  for (const Json& part : componentList(json, "processors", where)) {
    const TokenTemplate around = tokenTemplateFromJson(part, where);
    result.before.insert(result.before.begin(), around.before.begin(), around.before.end());
    result.after.insert(result.after.end(), around.after.begin(), around.after.end());
  }
  return result;
}

}  // namespace uc
