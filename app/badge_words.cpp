// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/badge_words.h"

#include "widgets/paint/badge_text.h"

#include <QCoreApplication>

namespace uc {

namespace {
QString words(const char* text) { return QCoreApplication::translate("Badge", text); }
}  // namespace

BadgeWords badgeWords(const Document& document) {
  BadgeWords result;
  if (!document.content() || document.phase() != Document::Phase::Ready) return result;
  const auto& badge = document.badge();
  if (!badge) {
    result.state = document.isChecking() ? Badge::State::Checking : Badge::State::Empty;
    result.words = result.brief = words("Checking");
    return result;
  }
  result.words = badgeText(*badge);
  const QString lanes = badge->lanes == 1
                            ? words("One lane is spoken for.")
                            : words("All %1 lanes are spoken for.").arg(countText(badge->lanes));
  const QString check =
      words("The layer’s own check: relative error %1.").arg(numberText(badge->relative, 2));
  QStringList lines;
  switch (badge->state) {
    case BadgeResult::State::Exact:
      result.state = Badge::State::Exact;
      lines << words("The map and its additive terms rebuild the layer’s output.");
      break;
    case BadgeResult::State::Part:
      result.state = Badge::State::Part;
      lines << words("Terms are left out by choice: the map gives %1 % of the layer’s output.")
                   .arg(badge->share * 100.0, 0, 'f', 1);
      break;
    case BadgeResult::State::NotExact:
      result.state = Badge::State::NotExact;
      lines << words("The factors do not rebuild the layer’s output: a fault. Click to verify all layers.");
      break;
  }
  lines << check << lanes;
  result.tip = lines.join(QLatin1Char('\n'));
  result.brief = result.words.section(QStringLiteral(" · "), 0, 0);
  return result;
}

}  // namespace uc
