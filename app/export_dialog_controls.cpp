// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/export_dialog.h"

#include <QFrame>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QVBoxLayout>

namespace uc {

namespace {

constexpr int kLabelWidth = 92;
constexpr int kFormWidth = 392;

/// Rows of a label at the left and its control, on the columns that all groups share.
QGridLayout* groupOf(QWidget* group) {
  auto* grid = new QGridLayout(group);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setHorizontalSpacing(8);
  grid->setVerticalSpacing(8);
  grid->setColumnMinimumWidth(0, kLabelWidth);
  grid->setColumnStretch(1, 1);
  return grid;
}

/// A label whose control the screen reader names by it.
QLabel* labelFor(const QString& text, QWidget* control, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  label->setBuddy(control);
  control->setAccessibleName(text);
  return label;
}

QLabel* smallLabel(const QString& text, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  label->setProperty("role", QStringLiteral("small"));
  return label;
}

QFrame* hairline(QWidget* parent) {
  auto* line = new QFrame(parent);
  line->setFrameShape(QFrame::HLine);
  line->setFrameShadow(QFrame::Plain);
  line->setForegroundRole(QPalette::Mid);
  line->setFixedHeight(1);
  return line;
}

QCheckBox* checkBox(const QString& text, bool isChecked, QWidget* parent) {
  auto* box = new QCheckBox(text, parent);
  box->setChecked(isChecked);
  return box;
}

QDoubleSpinBox* numberBox(double low, double high, double value, int decimals, double step, QWidget* parent) {
  auto* box = new QDoubleSpinBox(parent);
  box->setDecimals(decimals);
  box->setRange(low, high);
  box->setSingleStep(step);
  box->setValue(value);
  box->setAlignment(Qt::AlignRight);
  box->setLocale(QLocale::c());
  box->setFixedWidth(82);
  return box;
}

QHBoxLayout* rowOf(std::initializer_list<QWidget*> parts) {
  auto* row = new QHBoxLayout;
  row->setSpacing(8);
  for (QWidget* part : parts) row->addWidget(part);
  row->addStretch(1);
  return row;
}

}  // namespace

void ExportDialog::buildControls() {
  m_preview = new FigurePreview(this);
  m_format = new SegmentedControl({tr("PNG"), tr("TIFF"), tr("SVG"), tr("PDF")}, this);
  m_size = new QLabel(this);
  m_size->setContentsMargins(14, 10, 14, 10);

  auto* left = new QVBoxLayout;
  left->setSpacing(0);
  left->addWidget(m_preview, 1);
  left->addWidget(hairline(this));
  left->addWidget(m_size);

  auto* type = new QWidget(this);
  QGridLayout* grid = groupOf(type);
  grid->addWidget(labelFor(tr("File type"), m_format, type), 0, 0);
  grid->addWidget(m_format, 0, 1);

  m_keepView = checkBox(tr("Keep the view in the file"), true, this);
  QLabel* hint = smallLabel(tr("Drop the figure on the window to restore it."), this);
  hint->setContentsMargins(24, 0, 0, 0);

  auto* form = new QVBoxLayout;
  form->setContentsMargins(20, 18, 20, 14);
  form->setSpacing(12);
  for (QWidget* group :
       {type, static_cast<QWidget*>(hairline(this)), sizeControls(), static_cast<QWidget*>(hairline(this)),
        showControls(), inkControls(), static_cast<QWidget*>(hairline(this))}) {
    form->addWidget(group);
  }
  auto* keep = new QVBoxLayout;
  keep->setSpacing(4);
  keep->addWidget(m_keepView);
  keep->addWidget(hint);
  form->addLayout(keep);
  form->addStretch(1);
  auto* right = new QWidget(this);
  right->setFixedWidth(kFormWidth);
  right->setLayout(form);

  auto* upper = new QHBoxLayout;
  upper->setSpacing(0);
  upper->addLayout(left, 1);
  upper->addWidget(right);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(0, 0, 0, 0);
  all->setSpacing(0);
  all->addLayout(upper, 1);
  all->addWidget(hairline(this));
  all->addWidget(footer());
}

QWidget* ExportDialog::sizeControls() {
  auto* group = new QWidget(this);
  QGridLayout* grid = groupOf(group);
  m_fits = new QComboBox(group);
  m_fits->addItems({tr("One column, 85 mm"), tr("Two columns, 178 mm"), tr("Own width")});
  m_width = numberBox(30.0, 500.0, 85.0, 1, 1.0, group);
  m_dpi = numberBox(72.0, 1200.0, 300.0, 0, 50.0, group);
  m_text = numberBox(6.0, 14.0, 7.0, 1, 0.5, group);
  m_height = new QLabel(group);
  grid->addWidget(labelFor(tr("Fits"), m_fits, group), 0, 0);
  grid->addWidget(m_fits, 0, 1);
  grid->addWidget(labelFor(tr("Width"), m_width, group), 1, 0);
  QHBoxLayout* width = rowOf({m_width, smallLabel(tr("mm"), group), smallLabel(tr("   Height"), group)});
  width->addWidget(m_height);
  grid->addLayout(width, 1, 1);
  grid->addWidget(labelFor(tr("Resolution"), m_dpi, group), 2, 0);
  grid->addLayout(rowOf({m_dpi, smallLabel(tr("dpi"), group)}), 2, 1);
  grid->addWidget(labelFor(tr("Text"), m_text, group), 3, 0);
  grid->addLayout(rowOf({m_text, smallLabel(tr("pt, smallest 6 pt"), group)}), 3, 1);
  return group;
}

QWidget* ExportDialog::showControls() {
  auto* group = new QWidget(this);
  QGridLayout* grid = groupOf(group);
  m_title = checkBox(tr("Title"), true, group);
  m_colorbar = checkBox(tr("Colorbar"), true, group);
  m_tokens = checkBox(tr("Token labels"), true, group);
  m_caption = checkBox(tr("Caption"), true, group);
  m_grid = checkBox(tr("Grid"), false, group);
  m_crosshair = checkBox(tr("Crosshair"), false, group);
  m_crosshair->setToolTip(tr("Of the locked cell."));
  grid->addWidget(new QLabel(tr("Show"), group), 0, 0);
  grid->setColumnStretch(2, 1);
  int place = 0;
  for (QCheckBox* box : {m_title, m_colorbar, m_tokens, m_caption, m_grid, m_crosshair}) {
    grid->addWidget(box, place / 2, 1 + place % 2);
    ++place;
  }
  return group;
}

QWidget* ExportDialog::inkControls() {
  auto* group = new QWidget(this);
  QGridLayout* grid = groupOf(group);
  m_theme = new SegmentedControl({tr("Light"), tr("Dark")}, group);
  m_ground = new SegmentedControl({tr("White"), tr("Transparent")}, group);
  m_matrix = new SegmentedControl({tr("Image"), tr("Vector cells")}, group);
  int row = 0;
  for (const auto& [text, control] :
       {std::pair(tr("Theme"), m_theme), {tr("Ground"), m_ground}, {tr("Matrix"), m_matrix}}) {
    control->setCurrent(0);
    grid->addWidget(labelFor(text, control, group), row, 0);
    grid->addWidget(control, row++, 1);
  }
  grid->addWidget(smallLabel(tr("Vector cells: SVG and PDF, under 200 × 200"), group), row, 1);
  return group;
}

QWidget* ExportDialog::footer() {
  auto* group = new QWidget(this);
  m_bytes = smallLabel(QString(), group);
  m_bytes->setMinimumWidth(120);
  m_error = new QLabel(group);
  m_error->setProperty("role", QStringLiteral("errorTitle"));
  m_error->setWordWrap(true);
  m_error->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_error->hide();
  m_cancel = new QPushButton(tr("Cancel"), group);
  m_export = new QPushButton(group);
  m_export->setDefault(true);
  auto* row = new QHBoxLayout(group);
  row->setContentsMargins(18, 12, 20, 14);
  row->setSpacing(10);
  row->addWidget(m_bytes);
  row->addWidget(m_error, 1);
  row->addStretch(1);
  row->addWidget(m_cancel);
  row->addWidget(m_export);
  return group;
}

}  // namespace uc
