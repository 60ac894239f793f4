// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/model_outline.h"

#include "widgets/widget_theme.h"

#include <QHeaderView>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>
#include <tuple>

namespace uc {

namespace {

constexpr int kBar = 6, kBarHeight = 14;  // px; a bar of six, with the gap behind it
constexpr int kRoomForAll = 240;          // px of the outline
constexpr int kBars = static_cast<int>(std::tuple_size_v<decltype(LayerFingerprint::bars)>);

/// A layer's fingerprint: six bars, each on a ground of full height.
class FingerprintDelegate : public QStyledItemDelegate {
 public:
  FingerprintDelegate(const LayerModel& layers, QWidget& view)
      : QStyledItemDelegate(&view), m_layers(layers), m_view(view) {}
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    QStyledItemDelegate::paint(painter, option, index);
    const auto& fingerprint = m_layers.fingerprint(index.row());
    if (!fingerprint) return;
    const Theme& theme = themeOf(m_view);
    const bool isSelected = (option.state & QStyle::State_Selected) != 0;
    QColor ground = isSelected ? theme.selectionText : theme.text2;
    ground.setAlphaF(0.22F);
    const int left = option.rect.right() + 1 - kBar * kBars - 5;
    const int bottom = option.rect.center().y() + 1 + kBarHeight / 2;
    for (int i = 0; i < kBars; ++i) {
      const double bar = std::clamp(fingerprint->bars[static_cast<size_t>(i)], 0.0, 1.0);
      const QRectF all(left + i * kBar, bottom - kBarHeight, kBar - 1, kBarHeight);
      const double tall = std::max(1.0, bar * kBarHeight);
      painter->fillRect(all, ground);
      painter->fillRect(QRectF(all.left(), all.bottom() - tall, all.width(), tall),
                        isSelected ? theme.selectionText : theme.text2);
    }
  }

 private:
  const LayerModel& m_layers;
  QWidget& m_view;
};

}  // namespace

void LayerModel::setKinds(std::vector<QString> kinds) {
  beginResetModel();
  m_kinds = std::move(kinds);
  m_checks.assign(m_kinds.size(), std::nullopt);
  m_fingerprints.assign(m_kinds.size(), std::nullopt);
  endResetModel();
}

void LayerModel::setCheck(int layer, double relative) {
  if (layer < 0 || layer >= static_cast<int>(m_checks.size())) return;
  m_checks[static_cast<size_t>(layer)] = relative;
  Q_EMIT dataChanged(index(layer, Check), index(layer, Check));
}

void LayerModel::clearChecks() {
  if (m_checks.empty()) return;
  m_checks.assign(m_kinds.size(), std::nullopt);
  Q_EMIT dataChanged(index(0, Check), index(static_cast<int>(m_kinds.size()) - 1, Check));
}

void LayerModel::setFingerprint(int layer, const LayerFingerprint& fingerprint) {
  if (layer < 0 || layer >= static_cast<int>(m_fingerprints.size())) return;
  m_fingerprints[static_cast<size_t>(layer)] = fingerprint;
  Q_EMIT dataChanged(index(layer, Layer), index(layer, Fingerprint));
}

void LayerModel::clearFingerprints() {
  if (m_fingerprints.empty()) return;
  m_fingerprints.assign(m_kinds.size(), std::nullopt);
  Q_EMIT dataChanged(index(0, Layer), index(static_cast<int>(m_kinds.size()) - 1, Fingerprint));
}

int LayerModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_kinds.size());
}
int LayerModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant LayerModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const size_t row = static_cast<size_t>(index.row());
  const std::optional<double>& check = m_checks[row];
  const std::optional<LayerFingerprint>& print = m_fingerprints[row];
  switch (role) {
    case Qt::DisplayRole:
      if (index.column() == Layer) return index.row();
      if (index.column() == Kind) return m_kinds[row];
      return check && index.column() == Check ? numberText(*check, 2) : QString();
    case Qt::TextAlignmentRole:
      return QVariant::fromValue(Qt::AlignVCenter |
                                 (index.column() == Kind ? Qt::AlignLeft : Qt::AlignRight));
    case Qt::ToolTipRole:
      if (index.column() != Fingerprint && check)
        return tr("Relative error with which the layer's maps rebuild its output: %1")
            .arg(numberText(*check, 2));
      if (index.column() == Fingerprint && print) return tr("The layer’s middle lane: %1").arg(print->words);
      return {};
    case Qt::AccessibleTextRole:
      if (index.column() == Fingerprint && print) return print->words;
      if (index.column() != Layer) return {};
      return tr("Layer %1, %2").arg(index.row()).arg(m_kinds[row]) +
             (print ? QStringLiteral(", ") + print->words : QString());
    default:
      return {};
  }
}

QVariant LayerModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole)
    return QVariant::fromValue(Qt::AlignVCenter | (section == Kind ? Qt::AlignLeft : Qt::AlignRight));
  if (role != Qt::DisplayRole) return {};
  if (section == Layer) return tr("Layer");
  if (section == Kind) return tr("Kind");
  return section == Fingerprint ? tr("Fingerprint") : tr("Check");
}

ModelOutline::ModelOutline(QWidget* parent) : QTreeView(parent) {
  setModel(&m_layers);
  setRootIsDecorated(false);
  setUniformRowHeights(true);
  setItemsExpandable(false);
  setAllColumnsShowFocus(true);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setAccessibleName(tr("Model outline"));
  setProperty("role", QStringLiteral("outline"));
  header()->setStretchLastSection(false);
  header()->setSectionsMovable(false);
  header()->setSectionResizeMode(LayerModel::Layer, QHeaderView::Fixed);
  header()->setMinimumSectionSize(40);
  header()->resizeSection(LayerModel::Layer, 46);
  header()->setSectionResizeMode(LayerModel::Kind, QHeaderView::Stretch);
  header()->setSectionResizeMode(LayerModel::Fingerprint, QHeaderView::Fixed);
  header()->resizeSection(LayerModel::Fingerprint, 70);
  header()->setSectionResizeMode(LayerModel::Check, QHeaderView::Fixed);
  header()->resizeSection(LayerModel::Check, 60);
  setItemDelegateForColumn(LayerModel::Fingerprint, new FingerprintDelegate(m_layers, *this));
  connect(&m_layers, &LayerModel::modelReset, this, &ModelOutline::showColumns);
  connect(&m_layers, &LayerModel::dataChanged, this, &ModelOutline::showColumns);
  showColumns();
}

void ModelOutline::showColumns() {
  const int rows = m_layers.rowCount();
  bool isKnown = false;
  for (int layer = 0; layer < rows && !isKnown; ++layer) isKnown = m_layers.fingerprint(layer).has_value();
  setColumnHidden(LayerModel::Fingerprint, !isKnown);
  setColumnHidden(LayerModel::Check, isKnown && width() < kRoomForAll);
}

void ModelOutline::resizeEvent(QResizeEvent* event) {
  QTreeView::resizeEvent(event);
  showColumns();
}

void ModelOutline::setCurrentLayer(int layer) {
  m_isSetting = true;
  setCurrentIndex(m_layers.index(layer, 0));
  m_isSetting = false;
}

void ModelOutline::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
  QTreeView::currentChanged(current, previous);
  if (!m_isSetting && current.isValid()) Q_EMIT layerChosen(current.row());
}

void ModelOutline::drawRow(QPainter* painter, const QStyleOptionViewItem& option,
                           const QModelIndex& index) const {
  QTreeView::drawRow(painter, option, index);
  if (!selectionModel()->isRowSelected(index.row(), {})) return;
  painter->fillRect(QRect(0, option.rect.top(), 3, option.rect.height()), themeOf(*this).accent);
}

}  // namespace uc
