// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/badge.h"

#include <QString>

namespace uc {

/// "Exact · 2.4e−7", "Part · 94.1 % of output", "Not exact · 3.1e−2".
QString badgeText(const BadgeResult& badge);

/// The line below a figure: "This map gives 94.1 % of the layer’s output; layer check 2.4e−7."
QString badgeCaption(const BadgeResult& badge);

}  // namespace uc
