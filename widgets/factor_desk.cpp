// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/factor_desk.h"

#include "widgets/widget_theme.h"

#include <QGridLayout>
#include <QLabel>
#include <QPainter>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <optional>

namespace uc {

/// A bar and a per cent number; nothing while the share is not known.
class FactorDesk::Meter : public QWidget {
 public:
  explicit Meter(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  }
  /// `full` is the share of a full bar.
  void setShare(std::optional<double> share, double full) {
    m_share = share;
    m_full = full;
    setAccessibleDescription(share ? QObject::tr("moves the map by %1").arg(text()) : QString());
    update();
  }
  QSize sizeHint() const override { return {130, 22}; }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme& theme = themeOf(*this);
    QRectF bar(0, height() / 2.0 - 3, width() - 62, 6);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.hover);
    painter.drawRoundedRect(bar, 1, 1);
    if (!m_share) return;
    bar.setWidth(std::max(1.0, bar.width() * std::clamp(*m_share / m_full, 0.0, 1.0)));
    painter.setBrush(theme.text2);
    painter.drawRoundedRect(bar, 1, 1);
    painter.setFont(textFont(13));
    painter.setPen(theme.text);
    painter.drawText(rect(), Qt::AlignRight | Qt::AlignVCenter, text());
  }

 private:
  QString text() const {
    if (*m_share > 9.995) return QStringLiteral("> 999 %");
    return QStringLiteral("%1 %").arg(std::lround(*m_share * 100.0));
  }
  std::optional<double> m_share;
  double m_full = 1.0;
};

FactorDesk::FactorDesk(QWidget* parent) : QWidget(parent) {
  QStringList names;
  for (Convention convention : allConventions()) {
    const std::string_view text = name(convention);
    names << QString::fromUtf8(text.data(), static_cast<int>(text.size()));
  }
  m_conventions = new SegmentedControl(names, this);
  m_conventions->setAccessibleName(tr("Convention"));
  for (int i = 0; i < names.size(); ++i)
    m_conventions->button(i)->setAccessibleName(tr("Convention %1").arg(names[i]));
  auto* caption = new QLabel(tr("moves the map by"), this);
  caption->setProperty("role", QStringLiteral("small"));
  caption->setAlignment(Qt::AlignRight);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 2, 0, 0);
  column->setSpacing(2);
  column->addWidget(m_conventions);
  column->addWidget(caption);
  auto* grid = new QGridLayout;
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setVerticalSpacing(1);
  grid->setHorizontalSpacing(12);
  grid->setColumnMinimumWidth(0, 122);
  grid->setColumnStretch(1, 1);
  const std::pair<Factor, QString> entries[] = {{Factor::Gate, tr("Gate")},
                                                {Factor::Scan, tr("Scan")},
                                                {Factor::Activation, tr("Activation")},
                                                {Factor::Convolution, tr("Convolution")},
                                                {Factor::Skip, tr("Skip")}};
  for (const auto& [factor, words] : entries) {
    Row row{factor, new SwitchButton(words, this), new Meter(this)};
    row.toggle->setAccessibleName(tr("Factor %1").arg(words));
    const int line = static_cast<int>(m_rows.size());
    grid->addWidget(row.toggle, line, 0);
    grid->addWidget(row.meter, line, 1);
    connect(row.toggle, &QCheckBox::toggled, this,
            [this, which = factor](bool isOn) { Q_EMIT factorToggled(which, isOn); });
    m_rows.push_back(row);
  }
  column->addLayout(grid);
  connect(m_conventions, &SegmentedControl::chosen, this,
          [this](int index) { Q_EMIT conventionChosen(allConventions()[static_cast<size_t>(index)]); });
}

void FactorDesk::setFactors(const MapFactors& factors, Factors available) {
  const auto& conventions = allConventions();
  const auto found = std::find(conventions.begin(), conventions.end(), factors.convention);
  m_conventions->setCurrent(found == conventions.end() ? -1 : static_cast<int>(found - conventions.begin()));
  for (const Row& row : m_rows) {
    const QSignalBlocker quiet(row.toggle);
    const bool isThere = available.has(row.factor);
    row.toggle->setEnabled(isThere);
    row.toggle->setChecked(isThere && factors.factors.has(row.factor));
    row.toggle->setToolTip(isThere ? QString() : tr("This layer has no such factor."));
  }
}

void FactorDesk::setMoves(const std::vector<std::pair<Factor, double>>& moves) {
  // Bars compare the factors that are in the map: the largest fills its own.
  double full = 1.0;
  for (const Row& row : m_rows)
    for (const auto& [factor, value] : moves)
      if (factor == row.factor && row.toggle->isChecked() && std::isfinite(value))
        full = std::max(full, value);
  for (const Row& row : m_rows) {
    std::optional<double> share;
    for (const auto& [factor, value] : moves)
      if (factor == row.factor) share = value;
    row.meter->setShare(share, full);
  }
}

}  // namespace uc
