// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/image_overlay_controls.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <QVBoxLayout>

#include <cmath>

namespace uc {
namespace {

constexpr int kSteps = 100;  // of the opacity

/// Names of the command line are what such choices are called everywhere.
template <typename Value>
void addChoice(QComboBox* box, Value value) {
  const std::string_view text = name(value);
  box->addItem(QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())), static_cast<int>(value));
}

}  // namespace

ImageOverlayControls::ImageOverlayControls(QWidget* parent)
    : QWidget(parent),
      m_opacity(new QSlider(Qt::Horizontal)),
      m_percent(new QLabel),
      m_blend(new QComboBox),
      m_interpolation(new QComboBox),
      m_scanPath(new QCheckBox(tr("Scan path"))),
      m_classToken(new QCheckBox(tr("Class token"))),
      m_grid(new QCheckBox(tr("Grid"))) {
  m_opacity->setRange(0, kSteps);
  m_opacity->setPageStep(10);
  m_opacity->setAccessibleName(tr("Opacity"));
  m_percent->setMinimumWidth(m_percent->fontMetrics().horizontalAdvance(QStringLiteral("0.00")));
  for (Blend blend : {Blend::Alpha, Blend::Multiply, Blend::Mask}) addChoice(m_blend, blend);
  m_blend->setAccessibleName(tr("Blend"));
  m_blend->setToolTip(
      tr("alpha: mixed by opacity; multiply: times the picture; mask: the picture where the map is strong"));
  for (Interpolation each : {Interpolation::Nearest, Interpolation::Bilinear})
    addChoice(m_interpolation, each);
  m_interpolation->setAccessibleName(tr("Interpolation"));
  m_interpolation->setToolTip(
      tr("nearest: one color a patch; bilinear: between the patches’ centers, as published"));

  auto* label = new QLabel(tr("Opacity"));
  label->setBuddy(m_opacity);
  auto* first = new QHBoxLayout;
  first->setSpacing(8);
  for (QWidget* each : std::initializer_list<QWidget*>{label, m_opacity, m_percent, m_blend, m_interpolation})
    first->addWidget(each, each == m_opacity ? 1 : 0);
  auto* second = new QHBoxLayout;
  second->setSpacing(24);
  for (QCheckBox* each : {m_scanPath, m_classToken, m_grid}) second->addWidget(each);
  second->addStretch(1);
  auto* rows = new QVBoxLayout(this);
  rows->setContentsMargins(12, 4, 12, 8);
  rows->setSpacing(8);
  rows->addLayout(first);
  rows->addLayout(second);

  connect(m_opacity, &QSlider::valueChanged, this, &ImageOverlayControls::edit);
  connect(m_blend, &QComboBox::currentIndexChanged, this, &ImageOverlayControls::edit);
  connect(m_interpolation, &QComboBox::currentIndexChanged, this, &ImageOverlayControls::edit);
  connect(m_scanPath, &QCheckBox::toggled, this, &ImageOverlayControls::edit);
  connect(m_classToken, &QCheckBox::toggled, this, &ImageOverlayControls::edit);
  connect(m_grid, &QCheckBox::toggled, this, &ImageOverlayControls::gridEdited);
  setChoice({}, false, true);
}

void ImageOverlayControls::setChoice(const OverlayChoice& choice, bool showGrid, bool hasClassToken) {
  m_choice = choice;
  const QSignalBlocker blockers[] = {QSignalBlocker(m_opacity),       QSignalBlocker(m_blend),
                                     QSignalBlocker(m_interpolation), QSignalBlocker(m_scanPath),
                                     QSignalBlocker(m_classToken),    QSignalBlocker(m_grid)};
  m_opacity->setValue(static_cast<int>(std::lround(choice.opacity * kSteps)));
  m_percent->setText(QString::number(choice.opacity, 'f', 2));
  m_blend->setCurrentIndex(m_blend->findData(static_cast<int>(choice.blend)));
  m_interpolation->setCurrentIndex(m_interpolation->findData(static_cast<int>(choice.interpolation)));
  m_scanPath->setChecked(choice.showScanPath);
  m_classToken->setChecked(choice.showClassToken);
  m_classToken->setEnabled(hasClassToken);
  m_classToken->setToolTip(hasClassToken ? QString() : tr("This model has no class token."));
  m_grid->setChecked(showGrid);
}

void ImageOverlayControls::edit() {
  OverlayChoice choice = m_choice;
  choice.opacity = static_cast<double>(m_opacity->value()) / kSteps;
  choice.blend = static_cast<Blend>(m_blend->currentData().toInt());
  choice.interpolation = static_cast<Interpolation>(m_interpolation->currentData().toInt());
  choice.showScanPath = m_scanPath->isChecked();
  choice.showClassToken = m_classToken->isChecked();
  m_percent->setText(QString::number(choice.opacity, 'f', 2));
  m_choice = choice;
  Q_EMIT choiceEdited(choice);
}

}  // namespace uc
