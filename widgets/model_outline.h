// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <QAbstractTableModel>
#include <QTreeView>

#include <optional>
#include <vector>

namespace uc {

/// The layers of a model as rows: number, kind of mixer, and the relative error of the layer's check where it
/// is known.
class LayerModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { Layer, Kind, Check, ColumnCount };
  using QAbstractTableModel::QAbstractTableModel;
  void setKinds(std::vector<QString> kinds);
  void setCheck(int layer, double relative);
  void clearChecks();

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  std::vector<QString> m_kinds;
  std::vector<std::optional<double>> m_checks;
};

/// The model outline: choosing a row asks for its layer.
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
  void drawRow(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;

 private:
  LayerModel m_layers;
  bool m_isSetting = false;
};

}  // namespace uc
