// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QAccessibleWidget>

namespace uc {

/// Screen readers meet widgets of class `View` as charts from its first call on: name and description of the
/// widget are enough, only the role is not a widget's own. GUI thread.
template <typename View>
void giveChartRole() {
  static const bool isInstalled = [] {
    QAccessible::installFactory([](const QString& name, QObject* object) -> QAccessibleInterface* {
      if (name != QLatin1String(View::staticMetaObject.className())) return nullptr;
      auto* view = qobject_cast<View*>(object);
      return view == nullptr ? nullptr : new QAccessibleWidget(view, QAccessible::Chart);
    });
    return true;
  }();
  Q_UNUSED(isInstalled)
}

}  // namespace uc
