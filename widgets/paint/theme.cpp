// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/theme.h"

#include <QFile>
#include <QFontDatabase>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLocale>

#include <cmath>
#include <utility>

// Q_INIT_RESOURCE may not stand in a namespace. Naming the resource here also keeps it from being left out by
// the linker.
static void initResources() { Q_INIT_RESOURCE(resources); }

namespace uc {

void loadResources() { initResources(); }

namespace {

constexpr QChar kMinus(0x2212);

using NamedColor = std::pair<const char*, QColor Theme::*>;
constexpr NamedColor kColors[] = {
    {"window", &Theme::window},
    {"panel", &Theme::panel},
    {"base", &Theme::base},
    {"canvas", &Theme::canvas},
    {"raised", &Theme::raised},
    {"hover", &Theme::hover},
    {"pressed", &Theme::pressed},
    {"line", &Theme::line},
    {"border", &Theme::border},
    {"text", &Theme::text},
    {"text2", &Theme::text2},
    {"disabled", &Theme::disabled},
    {"accent", &Theme::accent},
    {"onAccent", &Theme::onAccent},
    {"selection", &Theme::selection},
    {"selectionText", &Theme::selectionText},
    {"focusRing", &Theme::focusRing},
    {"warn", &Theme::warn},
    {"warnGround", &Theme::warnGround},
    {"error", &Theme::error},
    {"errorGround", &Theme::errorGround},
    {"hatchLine", &Theme::hatchLine},
    {"hatchGround", &Theme::hatchGround},
    {"nanGround", &Theme::nanGround},
    {"nanCross", &Theme::nanCross},
    {"crosshair", &Theme::crosshair},
    {"casing", &Theme::casing},
};

Theme readTheme(const char* name, bool isDark) {
  loadResources();
  QFile file(QStringLiteral(":/undercurrent/theme.json"));
  const bool isOpen = file.open(QIODevice::ReadOnly);
  Q_ASSERT(isOpen);
  const QJsonObject table = QJsonDocument::fromJson(isOpen ? file.readAll() : QByteArray())
                                .object()[QLatin1String(name)]
                                .toObject();
  Theme theme;
  theme.isDark = isDark;
  for (const auto& [key, member] : kColors) theme.*member = QColor(table[QLatin1String(key)].toString());
  for (const QJsonValue& curve : table[QLatin1String("curves")].toArray()) {
    theme.curves.append(QColor(curve.toString()));
  }
  return theme;
}

void loadFonts() {
  static const bool isLoaded = [] {
    loadResources();
    for (const char* name :
         {"Roboto-Regular", "Roboto-Medium", "JetBrainsMono-Regular", "JetBrainsMono-Medium"}) {
      QFontDatabase::addApplicationFont(
          QStringLiteral(":/undercurrent/fonts/%1.ttf").arg(QLatin1String(name)));
    }
    return true;
  }();
  Q_UNUSED(isLoaded);
}

QFont shippedFont(const QString& family, double pixels) {
  loadFonts();
  QFont font(family);
  font.setPixelSize(std::max(1, static_cast<int>(std::lround(pixels))));
  // Hinted advances depend on the size in pixels: a figure would be laid out differently in every resolution.
  font.setHintingPreference(QFont::PreferNoHinting);
  return font;
}

double linearChannel(int value) {
  const double v = value / 255.0;
  return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& color) {
  return 0.2126 * linearChannel(color.red()) + 0.7152 * linearChannel(color.green()) +
         0.0722 * linearChannel(color.blue());
}

}  // namespace

const Theme& Theme::light() {
  static const Theme theme = readTheme("light", false);
  return theme;
}

const Theme& Theme::dark() {
  static const Theme theme = readTheme("dark", true);
  return theme;
}

QColor textOn(const QColor& ground) {
  return contrast(QColor(Qt::black), ground) >= contrast(QColor(Qt::white), ground) ? QColor(Qt::black)
                                                                                    : QColor(Qt::white);
}

double contrast(const QColor& a, const QColor& b) {
  const double first = luminance(a), second = luminance(b);
  return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

QFont textFont(double pixels, bool isStrong) {
  QFont font = shippedFont(QStringLiteral("Roboto"), pixels);
  if (isStrong) font.setWeight(QFont::Medium);
  // Any spacing turns ligatures off, which would come out of a PDF as "uniﬁed"; this is the smallest there
  // is.
  font.setLetterSpacing(QFont::AbsoluteSpacing, 1.0 / 64.0);
  return font;
}

QFont tokenFont(double pixels) {
  QFont font = shippedFont(QStringLiteral("JetBrains Mono"), pixels);
  font.setFixedPitch(true);
  font.setStyleStrategy(QFont::PreferNoShaping);
  return font;
}

QString numberText(double value, int digits, bool isSigned) {
  if (std::isnan(value)) return QStringLiteral("NaN");
  const QString sign = value < 0.0               ? QString(kMinus)
                       : isSigned && value > 0.0 ? QStringLiteral("+")
                                                 : QString();
  const double size = std::abs(value);
  if (std::isinf(size)) return sign + QChar(0x221E);
  if (size == 0.0) return QStringLiteral("0");
  if (size < 1e-4 || size >= 1e6) {
    QString text = QString::number(size, 'e', std::max(0, digits - 1));
    const qsizetype place = text.indexOf(QLatin1Char('e'));
    const int exponent = text.mid(place + 1).toInt();
    text.truncate(place);
    return sign + text + QLatin1Char('e') + (exponent < 0 ? QString(kMinus) : QString()) +
           QString::number(std::abs(exponent));
  }
  // Rounding may carry into the next power of ten: 0.99996 has the digits of 1.000.
  const double rounded = QString::number(size, 'e', std::max(0, digits - 1)).toDouble();
  const int exponent = static_cast<int>(std::floor(std::log10(rounded) + 1e-12));
  return sign + QString::number(rounded, 'f', std::clamp(digits - 1 - exponent, 0, 12));
}

QString countText(qint64 count) {
  const QString digits = QLocale(QLocale::English, QLocale::UnitedStates).toString(std::abs(count));
  return count < 0 ? kMinus + digits : digits;
}

}  // namespace uc
