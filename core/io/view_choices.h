// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/json_members.h"
#include "core/values/view_state.h"

namespace uc {

/// What is chosen about single views and what was intervened, beside the map's own members: written where it
/// is not the default.
void putChoices(Json& json, const ViewState& view);
void readChoices(const Members& members, ViewState& view);

}  // namespace uc
