// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QFont>
#include <QString>
#include <QStringList>

namespace uc {

/// `token` as it is, or with its middle replaced by "…" so that tokenWidth() stays within `width`.
QString elideToken(const QString& token, const QFont& font, double width);

/// Breaks `text` into lines of at most `width` at its spaces; what does not fit `maxLines` ends in "…". Words
/// that are wider than a line are cut.
QStringList wrapText(const QString& text, const QFont& font, double width, int maxLines);

/// From one baseline to the next for type of this size.
inline double lineHeight(double size) { return size * 1.27; }

}  // namespace uc
