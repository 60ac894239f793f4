// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/widget_theme.h"

#include <QFile>
#include <QGuiApplication>
#include <QHash>
#include <QIconEngine>
#include <QPainter>
#include <QPalette>
#include <QPixmap>
#include <QSvgRenderer>

// outside any namespace, as Qt's macro wants it
static void loadWindowResources() { Q_INIT_RESOURCE(window); }

namespace uc {

namespace {

const Theme& themeOf(const QPalette& palette) {
  return palette.color(QPalette::Window).lightness() < 128 ? Theme::dark() : Theme::light();
}

QByteArray iconSource(const QString& name) {
  static QHash<QString, QByteArray> cache;
  useWindowResources();
  auto found = cache.constFind(name);
  if (found != cache.constEnd()) return *found;
  QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
  QByteArray source;
  if (file.open(QIODevice::ReadOnly)) source = file.readAll();
  cache.insert(name, source);
  return source;
}

class ThemeIconEngine : public QIconEngine {
 public:
  explicit ThemeIconEngine(QString name) : m_name(std::move(name)) {}

  void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State state) override {
    const Theme& theme = themeOf(QGuiApplication::palette());
    QColor color = state == QIcon::On ? theme.selectionText : theme.text;
    if (mode == QIcon::Disabled) color = theme.disabled;
    paintIcon(*painter, rect, m_name, color);
  }
  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
    QPixmap result(size);
    result.fill(Qt::transparent);
    QPainter painter(&result);
    paint(&painter, QRect(QPoint(), size), mode, state);
    return result;
  }
  QIconEngine* clone() const override { return new ThemeIconEngine(m_name); }

 private:
  QString m_name;
};

}  // namespace

void useWindowResources() { loadWindowResources(); }

const Theme& themeOf(const QWidget& widget) { return themeOf(widget.palette()); }

QIcon themeIcon(const QString& name) { return QIcon(new ThemeIconEngine(name)); }

void paintIcon(QPainter& painter, const QRectF& area, const QString& name, const QColor& color) {
  QByteArray source = iconSource(name);
  source.replace("#000", color.name().toLatin1());
  QSvgRenderer renderer(source);
  renderer.render(&painter, area);
}

}  // namespace uc
