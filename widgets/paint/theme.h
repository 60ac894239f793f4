// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QColor>
#include <QFont>
#include <QList>
#include <QString>

namespace uc {

/// The colors of one theme, read once from resources/theme.json (look.md §3). Painters take it as a value;
/// figures get the light one unless asked.
struct Theme {
  bool isDark = false;
  QColor window, panel, base, canvas, raised, hover, pressed, line, border, text, text2, disabled;
  QColor accent, onAccent, selection, selectionText, focusRing;
  QColor warn, warnGround, error, errorGround;
  QColor hatchLine, hatchGround, nanGround, nanCross, crosshair, casing;
  QList<QColor> curves;  // in order of use; the last is `text`

  static const Theme& light();
  static const Theme& dark();
};

/// Black or white, whichever contrasts more with `ground` (never under 4.58 : 1).
QColor textOn(const QColor& ground);

/// Contrast ratio of WCAG 2, 1 … 21.
double contrast(const QColor& a, const QColor& b);

/// Makes the compiled-in files under ":/undercurrent/" available; everything here does so by itself. Quick
/// when done.
void loadResources();

/// The shipped fonts, loaded on first use: Roboto for words and numbers, JetBrains Mono for tokens.
/// Whole pixels only. Token text has no ligatures ("->" stays two signs).
QFont textFont(double pixels, bool isStrong = false);
QFont tokenFont(double pixels);

/// "+0.2618", "−0.4000": `digits` significant digits, U+2212 minus, explicit plus for signed values, 2.4e−7
/// for small and large ones. NaN and Inf as "NaN", "∞", "−∞".
QString numberText(double value, int digits = 4, bool isSigned = false);
/// "65,536"
QString countText(qint64 count);

}  // namespace uc
