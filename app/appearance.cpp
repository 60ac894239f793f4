// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/appearance.h"

#include "widgets/flat_style.h"
#include "widgets/widget_theme.h"

#include <QApplication>
#include <QFile>
#include <QPalette>

#include <algorithm>
#include <utility>
#include <vector>

namespace uc {

namespace {

QPalette paletteOf(const Theme& theme) {
  QPalette palette;
  const std::pair<QPalette::ColorRole, QColor> roles[] = {{QPalette::Window, theme.window},
                                                          {QPalette::WindowText, theme.text},
                                                          {QPalette::Base, theme.base},
                                                          {QPalette::AlternateBase, theme.panel},
                                                          {QPalette::Text, theme.text},
                                                          {QPalette::PlaceholderText, theme.text2},
                                                          {QPalette::Button, theme.base},
                                                          {QPalette::ButtonText, theme.text},
                                                          {QPalette::BrightText, theme.onAccent},
                                                          {QPalette::Highlight, theme.accent},
                                                          {QPalette::HighlightedText, theme.onAccent},
                                                          {QPalette::ToolTipBase, theme.raised},
                                                          {QPalette::ToolTipText, theme.text},
                                                          {QPalette::Link, theme.accent},
                                                          {QPalette::LinkVisited, theme.accent},
                                                          {QPalette::Light, theme.raised},
                                                          {QPalette::Midlight, theme.hover},
                                                          {QPalette::Mid, theme.line},
                                                          {QPalette::Dark, theme.border},
                                                          {QPalette::Shadow, theme.border}};
  for (const auto& [role, color] : roles) palette.setColor(role, color);
  for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
    palette.setColor(QPalette::Disabled, role, theme.disabled);
  palette.setColor(QPalette::Disabled, QPalette::Highlight, theme.line);
  return palette;
}

}  // namespace

QString themedSheet(QString sheet, const Theme& theme) {
  std::vector<std::pair<QString, QColor>> tokens = {{QStringLiteral("@window"), theme.window},
                                                    {QStringLiteral("@panel"), theme.panel},
                                                    {QStringLiteral("@base"), theme.base},
                                                    {QStringLiteral("@canvas"), theme.canvas},
                                                    {QStringLiteral("@raised"), theme.raised},
                                                    {QStringLiteral("@hover"), theme.hover},
                                                    {QStringLiteral("@pressed"), theme.pressed},
                                                    {QStringLiteral("@line"), theme.line},
                                                    {QStringLiteral("@border"), theme.border},
                                                    {QStringLiteral("@text"), theme.text},
                                                    {QStringLiteral("@text2"), theme.text2},
                                                    {QStringLiteral("@disabled"), theme.disabled},
                                                    {QStringLiteral("@accent"), theme.accent},
                                                    {QStringLiteral("@onAccent"), theme.onAccent},
                                                    {QStringLiteral("@selection"), theme.selection},
                                                    {QStringLiteral("@selectionText"), theme.selectionText},
                                                    {QStringLiteral("@warn"), theme.warn},
                                                    {QStringLiteral("@error"), theme.error}};
  // longer names first: "@text2" before "@text"
  std::sort(tokens.begin(), tokens.end(),
            [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
  for (const auto& [token, color] : tokens) sheet.replace(token, color.name());
  return sheet;
}

Appearance::Appearance(QObject* parent)
    : QObject(parent), m_isPlatformDark(QApplication::palette().color(QPalette::Window).lightness() < 128) {
  QApplication::setStyle(new FlatStyle);
  QApplication::setFont(textFont(13));
}

const Theme& Appearance::theme() const {
  const bool isDark = m_choice == Choice::Dark || (m_choice == Choice::System && m_isPlatformDark);
  return isDark ? Theme::dark() : Theme::light();
}

void Appearance::choose(Choice choice) {
  m_choice = choice;
  QApplication::setPalette(paletteOf(theme()));
  useWindowResources();
  QFile file(QStringLiteral(":/undercurrent.qss"));
  if (file.open(QIODevice::ReadOnly))
    qApp->setStyleSheet(themedSheet(QString::fromUtf8(file.readAll()), theme()));
  Q_EMIT themeChanged();
}

}  // namespace uc
