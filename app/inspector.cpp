// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/inspector.h"

#include "app/view_steps.h"
#include "widgets/widget_theme.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <cmath>

namespace uc {

namespace {

constexpr int kHistogramBins = 64;
constexpr int64_t kImmediateCells = 1 << 16;  // whose histogram is counted within a frame
constexpr int kStillMs = 100;
constexpr double kGammaSteps = 50.0;  // the slider is logarithmic: 2^(−2 … 2)

/// A hairline between sections.
class Line : public QWidget {
 public:
  explicit Line(QWidget* parent) : QWidget(parent) { setFixedHeight(1); }

 protected:
  void paintEvent(QPaintEvent*) override { QPainter(this).fillRect(rect(), themeOf(*this).line); }
};

QIcon colorMapIcon(ColorMap map) {
  QImage strip(256, 1, QImage::Format_RGB32);
  const auto& table = colorTable(map);
  for (int i = 0; i < 256; ++i) strip.setPixel(i, 0, table[static_cast<size_t>(i)]);
  QImage icon(56, 12, QImage::Format_ARGB32_Premultiplied);  // the rest keeps the words at a distance
  icon.fill(Qt::transparent);
  QPainter(&icon).drawImage(QRect(0, 0, 48, 12), strip);
  return QIcon(QPixmap::fromImage(icon));
}

double gammaOf(int slider) { return std::exp2(slider / kGammaSteps); }
int sliderOf(double gamma) { return static_cast<int>(std::lround(std::log2(gamma) * kGammaSteps)); }

}  // namespace

template <typename Edit>
void Inspector::edit(const QString& words, Edit edit, bool joins) {
  ViewState next = document().view();
  edit(next);
  document().change(words, next, joins);
}

Inspector::Inspector(Workspace& workspace, QWidget* parent)
    : QScrollArea(parent),
      m_workspace(workspace),
      m_desk(new FactorDesk),
      m_direction(new SegmentedControl({tr("Forward"), tr("Backward"), tr("Both")})),
      m_pooling(new SegmentedControl({tr("mean"), tr("largest |α|")})) {
  setWidgetResizable(true);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setFocusPolicy(Qt::NoFocus);
  auto* content = new QWidget;
  content->setProperty("role", QStringLiteral("panel"));
  content->setAttribute(Qt::WA_StyledBackground);
  viewport()->setProperty("role", QStringLiteral("panel"));
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  m_readOut = new FoldSection(tr("Read-out"), buildReadOut());
  column->addWidget(m_readOut);
  const std::pair<QString, QWidget*> sections[] = {{tr("Direction"), m_direction},
                                                   {tr("Zoomed out, a cell is the"), m_pooling},
                                                   {tr("Factors"), m_desk},
                                                   {tr("Normalization"), buildNormalization()},
                                                   {tr("Color"), buildColor()}};
  for (const auto& [title, body] : sections) {
    auto* line = new Line(content);
    auto* section = new FoldSection(title, body);
    column->addWidget(line);
    column->addWidget(section);
    if (body == m_direction) m_directionParts = {line, section};
    if (body == m_pooling) m_poolingParts = {line, section};
  }
  column->addStretch(1);
  setWidget(content);
  connectChoices();
  workspace.follow(this, &Document::readOutChanged, &Inspector::showReadOut);
  workspace.follow(this, &Document::viewChanged, &Inspector::showView);
  workspace.follow(this, &Document::modelChanged, &Inspector::showView);
  workspace.follow(this, &Document::contentChanged, &Inspector::showContent);
  workspace.follow(this, &Document::movesChanged, &Inspector::showMoves);
  showView();
  showReadOut();
  showContent();
}

void Inspector::connectChoices() {
  m_still.setSingleShot(true);
  m_still.setInterval(kStillMs);
  connect(&m_still, &QTimer::timeout, this, &Inspector::showHistogram);
  m_pooling->setToolTip(
      tr("Where a cell of the picture stands for many entries: their mean, or the one of largest "
         "magnitude, so that single strong entries are seen."));
  connect(m_pooling, &SegmentedControl::chosen, this, [this](int index) {
    edit(tr("pooling"), [&](ViewState& view) { view.part.pooling = static_cast<Pooling>(index); });
  });
  connect(m_direction, &SegmentedControl::chosen, this, [this](int index) {
    edit(tr("direction"), [&](ViewState& view) { view.map.direction = static_cast<Direction>(index); });
  });
  connect(m_desk, &FactorDesk::conventionChosen, this, [this](Convention convention) {
    edit(tr("convention"), [&](ViewState& view) { view.map.factors = named(convention); });
  });
  connect(m_desk, &FactorDesk::factorToggled, this, [this](Factor factor, bool isOn) {
    QString said;
    const ViewState next = withFactor(document().view(), factor, isOn, &said);
    document().change(tr("factors"), next);
    if (said.isEmpty()) return;
    Q_EMIT document().said(said);
    showView();  // the switch goes back
  });
}

QWidget* Inspector::buildReadOut() {
  auto* body = new QWidget;
  auto* column = new QVBoxLayout(body);
  column->setContentsMargins(0, 0, 0, 0);
  m_table = new ValueTable(body);
  m_table->setAccessibleName(tr("Read-out"));
  m_readOutHint = new QLabel(tr("Point at a cell to read it, click to lock it."), body);
  m_readOutHint->setWordWrap(true);
  m_readOutHint->setProperty("role", QStringLiteral("small"));
  column->addWidget(m_table);
  column->addWidget(m_readOutHint);
  return body;
}

QWidget* Inspector::buildNormalization() {
  auto* body = new QWidget;
  m_normalization = new QComboBox(body);
  m_normalization->setAccessibleName(tr("Normalization"));
  for (Normalization normalization : allNormalizations())
    m_normalization->addItem(toQString(title(normalization)));
  m_range = new QComboBox(body);
  m_range->setAccessibleName(tr("Color range"));
  m_range->addItems({tr("this map"), tr("locked")});
  m_range->setItemData(0, tr("The range follows the values of the map."), Qt::ToolTipRole);
  m_range->setItemData(1, tr("The range stays as it is on other maps."), Qt::ToolTipRole);
  m_warning = new QLabel(body);
  m_warning->setWordWrap(true);
  m_warning->setProperty("role", QStringLiteral("warn"));
  auto* row = new QHBoxLayout;
  row->setSpacing(6);
  row->addWidget(m_normalization, 3);
  row->addWidget(m_range, 2);
  auto* column = new QVBoxLayout(body);
  column->setContentsMargins(0, 2, 0, 0);
  column->addLayout(row);
  column->addWidget(m_warning);
  connect(m_normalization, &QComboBox::activated, this, [this](int index) {
    document().change(tr("normalization"),
                      withNormalization(document().view(), allNormalizations()[static_cast<size_t>(index)]));
  });
  connect(m_range, &QComboBox::activated, this, [this](int index) {
    edit(tr("color range"), [&](ViewState& view) {
      view.display.range = std::nullopt;
      if (index == 1 && document().content()) view.display.range = document().content()->scale.range();
    });
  });
  return body;
}

QWidget* Inspector::buildColor() {
  auto* body = new QWidget;
  m_colorMap = new QComboBox(body);
  m_colorMap->setAccessibleName(tr("Color map"));
  m_colorMap->setIconSize(QSize(56, 12));
  m_swap = new QToolButton(body);
  m_swap->setIcon(themeIcon(QStringLiteral("swap")));
  m_swap->setCheckable(true);
  m_swap->setAutoRaise(true);
  m_swap->setFixedSize(26, 26);
  m_swap->setToolTip(tr("Swap the ends of the color map"));
  m_swap->setAccessibleName(tr("Swap the ends of the color map"));
  m_histogram = new HistogramView(body);
  m_gamma = new QSlider(Qt::Horizontal, body);
  m_gamma->setRange(-100, 100);
  m_gamma->setAccessibleName(tr("Gamma"));
  m_gammaValue = new QLabel(body);
  m_gammaValue->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  m_gammaValue->setMinimumWidth(36);
  auto* choose = new QHBoxLayout;
  choose->setSpacing(6);
  choose->addWidget(m_colorMap, 1);
  choose->addWidget(m_swap);
  auto* gamma = new QHBoxLayout;
  auto* gammaLabel = new QLabel(tr("Gamma"), body);
  gammaLabel->setProperty("role", QStringLiteral("secondary"));
  gamma->setSpacing(12);
  gamma->addWidget(gammaLabel);
  gamma->addWidget(m_gamma, 1);
  gamma->addWidget(m_gammaValue);
  auto* column = new QVBoxLayout(body);
  column->setContentsMargins(0, 2, 0, 0);
  column->setSpacing(7);
  column->addLayout(choose);
  column->addWidget(m_histogram);
  column->addLayout(gamma);
  connect(m_colorMap, &QComboBox::activated, this, [this](int index) {
    const ColorMap chosen = static_cast<ColorMap>(m_colorMap->itemData(index).toInt());
    edit(tr("color map"), [&](ViewState& view) { view.display.colorMap = chosen; });
  });
  connect(m_swap, &QToolButton::clicked, this, [this](bool isOn) {
    edit(tr("swap of color ends"), [&](ViewState& view) { view.display.isReversed = isOn; });
  });
  connect(m_histogram, &HistogramView::rangeEdited, this, [this](const ValueRange& range) {
    edit(
        tr("color range"), [&](ViewState& view) { view.display.range = range; }, true);
  });
  connect(m_gamma, &QSlider::valueChanged, this, [this](int value) {
    edit(
        tr("gamma"), [&](ViewState& view) { view.display.gamma = gammaOf(value); }, true);
  });
  return body;
}

void Inspector::showReadOut() {
  const auto out = document().currentReadOut();
  m_table->setVisible(out.has_value());
  m_readOutHint->setVisible(!out);
  m_readOut->setNote(!out ? QString() : out->isLocked ? tr("locked") : tr("pointer"));
  if (out) m_table->setRows(readOutRows(*out));
}

void Inspector::showView() {
  const ViewState& view = document().view();
  for (QWidget* part : m_directionParts) part->setVisible(document().info().isBidirectional);
  m_direction->setCurrent(static_cast<int>(view.map.direction));
  m_desk->setEnabled(document().hasModel());
  const ModelInfo& info = document().info();
  const bool hasLayer = document().hasModel() && view.map.layer < info.layers;
  m_pooling->setCurrent(static_cast<int>(view.part.pooling));
  m_desk->setFactors(view.map.factors, hasLayer ? info.factorsOf(view.map.layer) : Factors{});
  const auto& all = allNormalizations();
  const auto found = std::find(all.begin(), all.end(), view.display.normalization);
  m_normalization->setCurrentIndex(static_cast<int>(found - all.begin()));
  m_range->setCurrentIndex(view.display.range ? 1 : 0);
  m_swap->setChecked(view.display.isReversed);
  const QSignalBlocker quiet(m_gamma);
  m_gamma->setValue(sliderOf(view.display.gamma));
  m_gammaValue->setText(QString::number(view.display.gamma, 'f', 2));
}

void Inspector::fillColorMaps(bool isSigned) {
  m_areMapsSigned = isSigned;
  m_colorMap->clear();
  const auto add = [this](ColorMap map) {
    QString kind = isDiverging(map) ? tr("diverging") : tr("sequential");
    if (map == ColorMap::Jet) kind = tr("as published");
    m_colorMap->addItem(colorMapIcon(map), tr("%1, %2").arg(toQString(name(map)), kind),
                        static_cast<int>(map));
  };
  for (const bool isFitting : {true, false})
    for (ColorMap map : allColorMaps())
      if ((isDiverging(map) == isSigned) == isFitting) add(map);
}

void Inspector::showContent() {
  const auto content = document().content();
  for (QWidget* part : m_poolingParts) part->setVisible(content && content->grid.pool > 1);
  for (QWidget* each : {static_cast<QWidget*>(m_normalization), static_cast<QWidget*>(m_range),
                        static_cast<QWidget*>(m_colorMap), static_cast<QWidget*>(m_swap),
                        static_cast<QWidget*>(m_histogram), static_cast<QWidget*>(m_gamma)})
    each->setEnabled(content != nullptr);
  m_histogram->setVisible(content != nullptr);
  m_warning->hide();
  if (!content) return;
  if (m_colorMap->count() == 0 || m_areMapsSigned != content->shown.isSigned)
    fillColorMaps(content->shown.isSigned);
  m_colorMap->setCurrentIndex(m_colorMap->findData(static_cast<int>(content->scale.map())));
  // the grips of a range that is being dragged are not to lag behind
  if (content->map.rows * content->map.cols > kImmediateCells && !document().view().display.range)
    m_still.start();
  else
    showHistogram();
  QStringList warnings;
  for (const QString& warning : {content->shown.warning, content->scale.mismatch()})
    if (!warning.isEmpty()) warnings << warning;
  if (content->shown.nanCount > 0) warnings << tr("%1 NaN").arg(countText(content->shown.nanCount));
  if (content->shown.infCount > 0) warnings << tr("%1 infinite").arg(countText(content->shown.infCount));
  m_warning->setText(warnings.join(QLatin1Char('\n')));
  m_warning->setVisible(!warnings.isEmpty());
}

void Inspector::showHistogram() {
  m_still.stop();
  if (const auto content = document().content())
    m_histogram->setContent(histogramOf(*content, kHistogramBins), content->scale);
}

void Inspector::showMoves() {
  std::vector<std::pair<Factor, double>> moves;
  for (const FactorMove& move : document().moves()) moves.emplace_back(move.factor, move.share);
  m_desk->setMoves(moves);
}

}  // namespace uc
