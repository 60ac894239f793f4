// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/graph_controls.h"

#include "widgets/rich_line.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>

#include <algorithm>
#include <cmath>

namespace uc {

namespace {

using Keep = GraphChoice::Keep;

constexpr int kSliderSteps = 1000;
constexpr double kMostTop = 1000.0;
constexpr double kDecades = 5.0;  // of |α| that the slider covers below the largest

/// What the number may be, what it starts with, and how it is written.
struct Amount {
  double low, high, start, step;
  int decimals;
  bool isLogarithmic;
};

Amount amountOf(Keep keep, double largest) {
  switch (keep) {
    case Keep::Mass:
      return {1.0, 100.0, 90.0, 1.0, 0, false};
    case Keep::Top:
      return {1.0, kMostTop, 5.0, 1.0, 0, true};
    case Keep::Above:
      break;
  }
  const double low = largest * std::pow(10.0, -kDecades);
  const int decimals = std::clamp(static_cast<int>(std::ceil(3.0 - std::log10(largest))), 2, 12);
  return {low, largest, 0.1 * largest, 0.01 * largest, decimals, true};
}

double placeOf(const Amount& amount, double value) {
  value = std::clamp(value, amount.low, amount.high);
  return amount.isLogarithmic ? std::log(value / amount.low) / std::log(amount.high / amount.low)
                              : (value - amount.low) / (amount.high - amount.low);
}

double valueAt(const Amount& amount, double place) {
  const double value = amount.isLogarithmic ? amount.low * std::pow(amount.high / amount.low, place)
                                            : amount.low + place * (amount.high - amount.low);
  const double unit = std::pow(10.0, amount.decimals);
  return std::round(value * unit) / unit;
}

}  // namespace

GraphControls::GraphControls(QWidget* parent)
    : QWidget(parent),
      m_slider(new QSlider(Qt::Horizontal, this)),
      m_amount(new QDoubleSpinBox(this)),
      m_keep(new QComboBox(this)),
      m_entries(new RichLine(12, this)) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(14, 6, 14, 6);
  row->setSpacing(10);
  auto* word = new QLabel(tr("Keep"), this);
  word->setBuddy(m_amount);
  m_slider->setRange(0, kSliderSteps);
  m_slider->setMinimumWidth(60);
  m_slider->setMaximumWidth(210);
  m_slider->setAccessibleName(tr("How much of the map becomes arcs"));
  m_amount->setAlignment(Qt::AlignRight);
  m_amount->setKeyboardTracking(false);
  m_amount->setMinimumWidth(78);
  m_keep->addItem(tr("of each token\u2019s mass"));
  m_keep->addItem(tr("strongest of each token"));
  m_keep->addItem(tr("and above in |\u03B1|"));
  m_keep->setAccessibleName(tr("What the number means"));
  row->addWidget(word);
  row->addWidget(m_slider, 1);
  row->addWidget(m_amount);
  row->addWidget(m_keep);
  row->addStretch(1);
  row->addWidget(m_entries);
  connect(m_slider, &QSlider::valueChanged, this, [this](int step) {
    edit(valueAt(amountOf(m_choice.keep, m_largest), static_cast<double>(step) / kSliderSteps));
  });
  connect(m_amount, &QDoubleSpinBox::valueChanged, this, &GraphControls::edit);
  connect(m_keep, &QComboBox::activated, this, [this](int index) { editKeep(static_cast<Keep>(index)); });
  showChoice();
}

void GraphControls::setChoice(const GraphChoice& choice, double largest) {
  m_choice = choice;
  m_largest = std::isfinite(largest) && largest > 0.0 ? largest : 1.0;
  showChoice();
}

void GraphControls::setEntries(const QString& text) {
  m_entries->setRuns({{text, TextRun::Kind::Secondary}});
}

void GraphControls::showChoice() {
  const QSignalBlocker noSlider(m_slider), noAmount(m_amount), noKeep(m_keep);
  const Amount amount = amountOf(m_choice.keep, m_largest);
  m_keep->setCurrentIndex(static_cast<int>(m_choice.keep));
  m_amount->setDecimals(amount.decimals);
  // A choice from a session or a command may lie beyond what the slider reaches.
  m_amount->setRange(std::min(amount.low, m_choice.amount), std::max(amount.high, m_choice.amount));
  m_amount->setSingleStep(amount.step);
  m_amount->setSuffix(m_choice.keep == Keep::Mass ? QStringLiteral(" %") : QString());
  m_amount->setValue(m_choice.amount);
  m_amount->setAccessibleName(m_keep->currentText());
  m_slider->setValue(static_cast<int>(std::lround(kSliderSteps * placeOf(amount, m_choice.amount))));
}

void GraphControls::edit(double amount) {
  if (amount == m_choice.amount) return;
  m_choice.amount = amount;
  showChoice();
  Q_EMIT choiceEdited(m_choice);
}

void GraphControls::editKeep(Keep keep) {
  if (keep == m_choice.keep) return;
  m_choice.keep = keep;
  m_choice.amount = amountOf(keep, m_largest).start;
  showChoice();
  Q_EMIT choiceEdited(m_choice);
}

}  // namespace uc
