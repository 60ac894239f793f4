// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/badge_text.h"

#include "widgets/paint/theme.h"

#include <QCoreApplication>

namespace uc {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("Badge", text); }

QString percent(double share) { return QString::number(100.0 * share, 'f', 1); }

QString subject(const BadgeResult& badge) {
  return badge.lanes == 1 ? tr("the lane’s output") : tr("the layer’s output");
}

}  // namespace

QString badgeText(const BadgeResult& badge) {
  switch (badge.state) {
    case BadgeResult::State::Exact:
      return tr("Exact · %1").arg(numberText(badge.relative, 2));
    case BadgeResult::State::Part:
      return tr("Part · %1 % of output").arg(percent(badge.share));
    case BadgeResult::State::NotExact:
      break;
  }
  return tr("Not exact · %1").arg(numberText(badge.relative, 2));
}

QString badgeCaption(const BadgeResult& badge) {
  const QString check = numberText(badge.relative, 2);
  switch (badge.state) {
    case BadgeResult::State::Exact:
      return tr("This map rebuilds %1: relative error %2.").arg(subject(badge), check);
    case BadgeResult::State::Part:
      return tr("This map gives %1 % of %2; layer check %3.")
          .arg(percent(badge.share), subject(badge), check);
    case BadgeResult::State::NotExact:
      break;
  }
  return tr("The factors do not rebuild %1: relative error %2.").arg(subject(badge), check);
}

}  // namespace uc
