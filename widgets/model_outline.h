// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/paint/atlas_summary.h"

#include <QAbstractTableModel>
#include <QTreeView>

#include <optional>
#include <vector>

namespace uc {

/// The layers of a model as rows: number, kind of mixer, fingerprint, and the relative error of the layer's
/// check; both where they are known.
class LayerModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { Layer, Kind, Fingerprint, Check, ColumnCount };
  using QAbstractTableModel::QAbstractTableModel;
  void setKinds(std::vector<QString> kinds);
  void setCheck(int layer, double relative);
  void clearChecks();
  /// Bars that the outline's delegate paints; their words are the tool tip.
  void setFingerprint(int layer, const LayerFingerprint& fingerprint);
  void clearFingerprints();
  const std::optional<LayerFingerprint>& fingerprint(int layer) const {
    return m_fingerprints[static_cast<size_t>(layer)];
  }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  std::vector<QString> m_kinds;
  std::vector<std::optional<double>> m_checks;
  std::vector<std::optional<LayerFingerprint>> m_fingerprints;
};

/// The model outline: choosing a row asks for its layer. The column of fingerprints is there once one is
/// known; where the outline is then too narrow for all, checks are tool tips only.
class ModelOutline : public QTreeView {
  Q_OBJECT

 public:
  explicit ModelOutline(QWidget* parent = nullptr);
  LayerModel& layers() { return m_layers; }
  void setCurrentLayer(int layer);

 Q_SIGNALS:
  void layerChosen(int layer);

 protected:
  void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
  void resizeEvent(QResizeEvent* event) override;
  void drawRow(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;

 private:
  void showColumns();

  LayerModel m_layers;
  bool m_isSetting = false;
};

}  // namespace uc
