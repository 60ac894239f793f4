// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/json.h"
#include "core/io/json_members.h"
#include "core/io/view_json.h"

namespace uc {

/// Views and inputs as JSON objects, for the files that hold them: view_json.h says what is in them.
Json viewObject(const ViewOrigin& origin, const ViewState& view);
Json inputJson(const ViewOrigin& origin);
/// Missing members keep their defaults; throws Failure where one cannot be read.
ParsedView readView(const Members& members);
/// `origin` with the input that is in `input`.
ViewOrigin readInput(const Members& input, ViewOrigin origin);
/// On one line; bytes that are no UTF-8 replaced.
std::string compactJson(const Json& json);

}  // namespace uc
