// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/theme.h"

#include <QIcon>
#include <QString>
#include <QWidget>

namespace uc {

/// The theme that a widget is shown in, told from its palette: widgets hold no theme of their own and follow
/// a change of the application's palette by themselves.
const Theme& themeOf(const QWidget& widget);

/// An icon of resources/icons by its file's name, in the text color of the application's palette, gray when
/// disabled, in the selection's text color when checked. Follows the palette.
QIcon themeIcon(const QString& name);

/// Makes resources/window.qrc (icons, style sheet) known to Qt; themeIcon does so by itself.
void useWindowResources();

/// Paints such an icon once, in any color.
void paintIcon(QPainter& painter, const QRectF& area, const QString& name, const QColor& color);

}  // namespace uc
