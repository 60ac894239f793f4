// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/map_chooser.h"

#include "app/view_steps.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>

namespace uc {

namespace {
// what the entries of the chooser stand for; merges follow by their place in allMerges()
constexpr int kOneLane = -1, kOneHead = -2;
}  // namespace

MapChooser::MapChooser(Workspace& workspace, QWidget* parent)
    : QWidget(parent),
      m_workspace(workspace),
      m_layer(new QSpinBox(this)),
      m_lanes(new QComboBox(this)),
      m_index(new QSpinBox(this)) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(4, 0, 4, 0);
  row->setSpacing(8);
  const auto label = [&](const QString& text, QWidget* buddy) {
    auto* words = new QLabel(text, this);
    words->setProperty("role", QStringLiteral("secondary"));
    words->setBuddy(buddy);
    row->addWidget(words);
  };
  label(tr("Layer"), m_layer);
  row->addWidget(m_layer);
  row->addSpacing(6);
  label(tr("Lanes"), m_lanes);
  row->addWidget(m_lanes);
  row->addWidget(m_index);
  for (QSpinBox* spin : {m_layer, m_index}) {
    spin->setAlignment(Qt::AlignRight);
    spin->setKeyboardTracking(false);
    spin->setFixedWidth(spin == m_layer ? 62 : 78);
  }
  m_lanes->setFixedWidth(124);
  m_layer->setAccessibleName(tr("Layer"));
  m_lanes->setAccessibleName(tr("Lanes: one, or a merge"));
  connect(m_layer, &QSpinBox::valueChanged, this, [this](int layer) {
    ViewState next = document().view();
    next.map.layer = layer;
    document().change(tr("layer"), next);
  });
  connect(m_index, &QSpinBox::valueChanged, this, [this](int index) {
    LaneChoice lanes = document().view().map.lanes;
    lanes.index = index;
    choose(lanes);
  });
  connect(m_lanes, &QComboBox::activated, this, [this](int at) {
    LaneChoice lanes = document().view().map.lanes;
    const int entry = m_lanes->itemData(at).toInt();
    if (entry >= 0)
      lanes = {LaneChoice::Kind::All, 0, allMerges()[static_cast<size_t>(entry)]};
    else
      lanes.kind = entry == kOneHead ? LaneChoice::Kind::Head : LaneChoice::Kind::Lane;
    if (entry == kOneHead) lanes.merge = Merge::Mean;
    choose(lanes);
  });
  workspace.follow(this, &Document::modelChanged, &MapChooser::fill);
  workspace.follow(this, &Document::viewChanged, &MapChooser::showView);
  fill();
}

void MapChooser::choose(const LaneChoice& lanes) {
  document().change(tr("lanes"), fitted(withLanes(document().view(), lanes), document().info(), INT64_MAX));
}

void MapChooser::fill() {
  const bool hasModel = document().hasModel();
  const ModelInfo& info = document().info();
  setEnabled(hasModel);
  m_lanes->clear();
  m_lanes->addItem(tr("One lane"), kOneLane);
  if (hasModel && info.heads) m_lanes->addItem(tr("One head"), kOneHead);
  for (size_t i = 0; i < allMerges().size(); ++i)
    m_lanes->addItem(toQString(name(allMerges()[i])), static_cast<int>(i));
  showView();
}

void MapChooser::showView() {
  const QSignalBlocker quietLayer(m_layer), quietIndex(m_index);
  const ModelInfo& info = document().info();
  const MapId& map = document().view().map;
  m_layer->setRange(0, static_cast<int>(std::max<int64_t>(0, info.layers - 1)));
  m_layer->setValue(static_cast<int>(map.layer));
  m_layer->setToolTip(tr("Layer, 0 … %1  (arrow up and down in the heatmap)").arg(m_layer->maximum()));
  const bool isHead = map.lanes.kind == LaneChoice::Kind::Head;
  const bool isMerge = map.lanes.kind == LaneChoice::Kind::All;
  const bool hasLayer = map.layer < static_cast<int64_t>(info.kinds.size());
  const int64_t lanes = hasLayer ? info.lanesOf(map.layer) : info.lanes;
  const int64_t count = isHead ? info.heads.value_or(1) : lanes;
  m_index->setRange(0, static_cast<int>(std::max<int64_t>(0, count - 1)));
  m_index->setValue(static_cast<int>(map.lanes.index));
  m_index->setEnabled(!isMerge);
  m_index->setAccessibleName(isHead ? tr("Head") : tr("Lane"));
  m_index->setToolTip(isMerge ? tr("A merge covers all lanes of the layer.")
                              : tr("%1, 0 … %2  (arrow left and right in the heatmap)")
                                    .arg(isHead ? tr("Head") : tr("Lane"))
                                    .arg(m_index->maximum()));
  int entry = isHead ? kOneHead : kOneLane;
  if (isMerge)
    entry = static_cast<int>(std::find(allMerges().begin(), allMerges().end(), map.lanes.merge) -
                             allMerges().begin());
  m_lanes->setCurrentIndex(m_lanes->findData(entry));
}

}  // namespace uc
