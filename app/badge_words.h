// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/document.h"
#include "widgets/badge.h"

#include <QString>

namespace uc {

/// What the badge of the shown map says (look.md §7), in full, in brief and behind it.
struct BadgeWords {
  Badge::State state = Badge::State::Empty;
  QString words, brief, tip;
};
BadgeWords badgeWords(const Document& document);

}  // namespace uc
