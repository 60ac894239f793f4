// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/export_dialog.h"

#include "core/io/save.h"
#include "core/io/session.h"
#include "widgets/focus_ring.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QLocale>
#include <QRegularExpression>

#include <algorithm>
#include <ostream>

namespace uc {

namespace {

const QStringList kFormats = {QStringLiteral("png"), QStringLiteral("tiff"), QStringLiteral("svg"),
                              QStringLiteral("pdf")};
constexpr double kColumns[] = {85.0, 178.0};
constexpr qint64 kMostVectorCells = 200;
constexpr double kMostPixels = 20000.0;
constexpr double kEstimatedPixels = 6e6;  // larger files take too long to be written for their size alone
constexpr int kPreviewDelayMs = 30;
constexpr int kEstimateDelayMs = 400;

/// The content as the view shows it: figures have no viewport of their own.
std::shared_ptr<const HeatmapContent> framed(const HeatmapContent& content, const ViewState& view) {
  auto result = std::make_shared<HeatmapContent>(content);
  result->viewport = view.viewport;
  result->locked = view.locked;
  return result;
}

bool isVector(const QString& format) {
  return format == QLatin1String("svg") || format == QLatin1String("pdf");
}

/// The format that an ending stands for, or an empty string.
QString formatOf(const QString& path) {
  const QString ending = QFileInfo(path).suffix().toLower();
  if (ending == QLatin1String("tif")) return QStringLiteral("tiff");
  return kFormats.contains(ending) ? ending : QString();
}

QString askForFile(QWidget* parent, const QString& suggested) {
  QFileDialog dialog(parent, ExportDialog::tr("Export figure"), QString(),
                     ExportDialog::tr("Figures (*.png *.tiff *.tif *.svg *.pdf)"));
  dialog.setAcceptMode(QFileDialog::AcceptSave);
  // So that the dialog asks about the file that will be replaced, and not about one without the ending.
  dialog.setDefaultSuffix(QFileInfo(suggested).suffix());
  dialog.selectFile(suggested);
  return dialog.exec() == QDialog::Accepted ? dialog.selectedFiles().value(0) : QString();
}

/// "layer-3-lane-345-unified" from the view's words.
QString nameOf(const ViewState& view) {
  QString name = QStringLiteral("layer-%1-%2-%3")
                     .arg(view.map.layer)
                     .arg(QString::fromStdString(title(view.map.lanes)),
                          QString::fromStdString(title(view.map.factors)));
  static const QRegularExpression other(QStringLiteral("[^a-z0-9]+"));
  return name.toLower().replace(other, QStringLiteral("-"));
}

QString millimeters(double value) { return QLocale::c().toString(value, 'f', 1); }

}  // namespace

ExportDialog::ExportDialog(std::shared_ptr<const HeatmapContent> content, const ViewOrigin& origin,
                           const ViewState& view, const QString& format, QWidget* parent)
    : ExportDialog(framed(*content, view), nullptr, origin, view, format, parent) {}

ExportDialog::ExportDialog(std::shared_ptr<const Figure> figure, const ViewOrigin& origin,
                           const ViewState& view, const QString& format, QWidget* parent)
    : ExportDialog(nullptr, std::move(figure), origin, view, format, parent) {}

ExportDialog::ExportDialog(std::shared_ptr<const HeatmapContent> content,
                           std::shared_ptr<const Figure> figure, const ViewOrigin& origin,
                           const ViewState& view, const QString& format, QWidget* parent)
    : QDialog(parent),
      m_content(std::move(content)),
      m_figure(m_content ? std::make_shared<HeatmapFigure>(m_content) : std::move(figure)),
      m_view(figureSession(origin, view)),
      m_name(nameOf(view)),
      m_chooseFile(&askForFile) {
  setWindowTitle(tr("Export figure"));
  buildControls();
  m_format->setCurrent(static_cast<int>(std::max<qsizetype>(0, kFormats.indexOf(format))));
  m_grid->setChecked(m_content && m_content->showGrid);
  m_grid->setEnabled(m_content != nullptr);
  m_crosshair->setEnabled(m_content && m_content->locked.has_value());
  m_previewTimer.setSingleShot(true);
  m_previewTimer.setInterval(kPreviewDelayMs);
  m_estimateTimer.setSingleShot(true);
  m_estimateTimer.setInterval(kEstimateDelayMs);
  connectControls();
  fitChosen(0);
  changed();
  m_fits->setFocus();
  new FocusRing(this);
  resize(1000, 660);
}

void ExportDialog::connectControls() {
  connect(&m_previewTimer, &QTimer::timeout, this, &ExportDialog::showPreview);
  connect(&m_estimateTimer, &QTimer::timeout, this, &ExportDialog::estimate);
  connect(m_preview, &FigurePreview::scaleChanged, &m_previewTimer, QOverload<>::of(&QTimer::start));
  for (SegmentedControl* control : {m_format, m_theme, m_ground, m_matrix})
    connect(control, &SegmentedControl::chosen, this, &ExportDialog::changed);
  for (QDoubleSpinBox* box : {m_width, m_dpi, m_text})
    connect(box, &QDoubleSpinBox::valueChanged, this, &ExportDialog::changed);
  for (QCheckBox* box : {m_title, m_colorbar, m_tokens, m_caption, m_grid, m_crosshair, m_keepView})
    connect(box, &QCheckBox::toggled, this, &ExportDialog::changed);
  connect(m_fits, &QComboBox::activated, this, &ExportDialog::fitChosen);
  connect(m_cancel, &QPushButton::clicked, this, &QDialog::reject);
  connect(m_export, &QPushButton::clicked, this, &ExportDialog::exportFile);
}

QString ExportDialog::format() const { return kFormats[std::max(0, m_format->current())]; }

FigureOptions ExportDialog::options() const {
  FigureOptions options;
  options.widthMm = m_width->value();
  options.dpi = m_dpi->value();
  options.textPt = m_text->value();
  options.isDark = m_theme->current() == 1;
  options.isTransparent = m_ground->current() == 1;
  options.showTitle = m_title->isChecked();
  options.showColorbar = m_colorbar->isChecked();
  options.showTokens = m_tokens->isChecked();
  options.showCaption = m_caption->isChecked();
  options.showGrid = m_grid->isChecked();
  options.showCrosshair = m_crosshair->isEnabled() && m_crosshair->isChecked();
  options.vectorCells = m_matrix->current() == 1;
  options.keepView = m_keepView->isChecked();
  return options;
}

void ExportDialog::fitChosen(int index) {
  if (index < 2)
    m_width->setValue(kColumns[index]);
  else
    m_width->setFocus();
}

void ExportDialog::changed() {
  const auto column = std::find(std::begin(kColumns), std::end(kColumns), m_width->value());
  m_fits->setCurrentIndex(static_cast<int>(column - std::begin(kColumns)));
  m_dpi->setEnabled(!isVector(format()));
  m_dpi->setToolTip(m_dpi->isEnabled() ? QString() : tr("SVG and PDF have no pixels of their own."));
  m_ground->button(0)->setText(m_theme->current() == 1 ? tr("Dark") : tr("White"));
  m_export->setText(tr("Export %1…").arg(format().toUpper()));
  m_error->hide();
  showMatrixChoice();
  showSize();
  m_previewTimer.start();
  m_estimateTimer.start();
}

void ExportDialog::showMatrixChoice() {
  if (!m_content) return m_matrix->setEnabled(false);
  const MapGrid& grid = m_content->grid;
  const Viewport& part = m_content->viewport;
  const auto cells = [&](double length, qint64 all) {
    return part.isWhole() ? all : static_cast<qint64>(length / static_cast<double>(grid.pool)) + 1;
  };
  const bool isSmall = std::max(cells(part.height, m_content->map.rows),
                                cells(part.width, m_content->map.cols)) < kMostVectorCells;
  const bool isPossible = isSmall && isVector(format());
  m_matrix->setChoiceEnabled(1, isPossible, tr("Vector cells: SVG and PDF, under 200 × 200"));
  if (!isPossible) m_matrix->setCurrent(0);
}

void ExportDialog::showSize() {
  const FigureOptions now = options();
  const QSizeF paper = figureSizeMm(*m_figure, now);
  const QString size = tr("%1 × %2 mm").arg(millimeters(paper.width()), millimeters(paper.height()));
  m_height->setText(tr("%1 mm").arg(millimeters(paper.height())));
  m_preview->setPaper(paper, now.isTransparent);
  bool isTooLarge = false;
  if (isVector(format())) {
    m_size->setText(size);
  } else {
    const QSizeF pixels = paper * now.dpi / 25.4;
    isTooLarge = std::max(pixels.width(), pixels.height()) > kMostPixels;
    const QString count = tr("%1 at %2 dpi = %3 × %4 pixels")
                              .arg(size, QString::number(now.dpi), countText(qRound64(pixels.width())),
                                   countText(qRound64(pixels.height())));
    m_size->setText(isTooLarge ? tr("%1: more than 20,000").arg(count) : count);
  }
  m_size->setProperty("role", isTooLarge ? QStringLiteral("errorTitle") : QString());
  m_size->setStyle(m_size->style());  // reads the role anew
  m_export->setEnabled(!isTooLarge);
}

void ExportDialog::showPreview() {
  FigureOptions preview = options();
  const double ratio = devicePixelRatioF();
  preview.dpi = m_preview->pixelsPerMm() * 25.4 * ratio;
  preview.vectorCells = false;
  QImage image = renderFigure(*m_figure, preview);
  m_preview->setImage(image);
}

void ExportDialog::estimate() {
  m_bytes->clear();
  const FigureOptions now = options();
  const QSizeF pixels = figureSizeMm(*m_figure, now) * now.dpi / 25.4;
  if (!m_export->isEnabled() || (!isVector(format()) && pixels.width() * pixels.height() > kEstimatedPixels))
    return;
  const QByteArray bytes = encodeFigure(*m_figure, now, format().toStdString(), m_view);
  m_bytes->setText(tr("About %1 KB").arg(countText(std::max<qint64>(1, (bytes.size() + 500) / 1000))));
}

QString ExportDialog::suggestedName() const { return m_name + QLatin1Char('.') + format(); }

void ExportDialog::exportFile() {
  const auto withEnding = [this](const QString& path) {
    return formatOf(path).isEmpty() ? path + QLatin1Char('.') + format() : path;
  };
  QString answer = m_chooseFile(this, suggestedName());
  if (answer.isEmpty()) return;
  QString path = withEnding(answer);
  // The file dialog has asked about the file without the ending: ask again before another one is replaced.
  if (path != answer && QFileInfo::exists(path)) {
    answer = m_chooseFile(this, path);
    if (answer.isEmpty()) return;
    path = withEnding(answer);
  }
  save(path, formatOf(path));
}

void ExportDialog::save(const QString& path, const QString& format) {
  try {
    const QByteArray bytes = encodeFigure(*m_figure, options(), format.toStdString(), m_view);
    saveAtomically(path.toStdString(),
                   [&bytes](std::ostream& out) { out.write(bytes.constData(), bytes.size()); });
    m_savedPath = path;
    accept();
  } catch (const Failure& failure) {
    showError(failure.error());
  }
}

void ExportDialog::showError(const Error& error) {
  QStringList lines;
  for (const std::string& line : {error.what, error.where, error.todo})
    if (!line.empty()) lines << QString::fromStdString(line);
  m_error->setText(lines.join(QLatin1Char(' ')));
  m_error->show();
}

}  // namespace uc
