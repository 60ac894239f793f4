// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/json.h"

#include <cstdint>
#include <string>
#include <vector>

namespace uc {

/// What a tokenizer.json's `post_processor` puts around the tokens of one text.
struct TokenTemplate {
  std::vector<int64_t> before;
  std::vector<int64_t> after;
};

/// Throws Failure naming a processor that it does not know. `where` names the file; null gives an empty
/// template.
TokenTemplate tokenTemplateFromJson(const Json& json, const std::string& where);

}  // namespace uc
