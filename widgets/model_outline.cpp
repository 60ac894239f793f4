// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/model_outline.h"

#include "widgets/widget_theme.h"

#include <QHeaderView>
#include <QPainter>

namespace uc {

void LayerModel::setKinds(std::vector<QString> kinds) {
  beginResetModel();
  m_kinds = std::move(kinds);
  m_checks.assign(m_kinds.size(), std::nullopt);
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

int LayerModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_kinds.size());
}
int LayerModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant LayerModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const size_t row = static_cast<size_t>(index.row());
  const std::optional<double>& check = m_checks[row];
  switch (role) {
    case Qt::DisplayRole:
      if (index.column() == Layer) return index.row();
      if (index.column() == Kind) return m_kinds[row];
      return check ? numberText(*check, 2) : QString();
    case Qt::TextAlignmentRole:
      return QVariant::fromValue(Qt::AlignVCenter |
                                 (index.column() == Kind ? Qt::AlignLeft : Qt::AlignRight));
    case Qt::ToolTipRole:
      if (index.column() == Check && check)
        return tr("Relative error with which the layer's maps rebuild its output: %1")
            .arg(numberText(*check, 2));
      return {};
    case Qt::AccessibleTextRole:
      if (index.column() == Layer) return tr("Layer %1, %2").arg(index.row()).arg(m_kinds[row]);
      return {};
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
  return section == Kind ? tr("Kind") : tr("Check");
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
  header()->resizeSection(LayerModel::Layer, 48);
  header()->setSectionResizeMode(LayerModel::Kind, QHeaderView::Stretch);
  header()->setSectionResizeMode(LayerModel::Check, QHeaderView::Fixed);
  header()->resizeSection(LayerModel::Check, 72);
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
