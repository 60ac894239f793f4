// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/workspace.h"
#include "widgets/channel_atlas_view.h"
#include "widgets/state_card.h"

#include <QStackedWidget>

#include <memory>
#include <vector>

namespace uc {

/// The channel atlas of the active pane's source: asks for the statistics of all lanes once it is seen, opens
/// lanes in the pane, and makes the thumbnails of those that are listed. GUI thread.
class AtlasPanel : public QStackedWidget {
  Q_OBJECT

 public:
  AtlasPanel(Workspace& workspace, EngineHost& host, QWidget* parent = nullptr);
  ChannelAtlasView& view() { return *m_view; }
  std::shared_ptr<const AtlasContent> content() const { return m_content; }
  /// For Esc: takes the brush away; false where there is none.
  bool clearBrush() { return isVisible() && m_view->clearBrush(); }

 Q_SIGNALS:
  void lanesKnown(std::shared_ptr<const uc::AtlasLanes> lanes);

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void connectView();
  void showStatistics();
  void showChoice();
  void showMarks();
  void openLane(const LaneRef& lane);
  void startThumbnail();
  Document& document() const { return m_workspace.active(); }

  Workspace& m_workspace;
  EngineHost& m_host;
  LatestJob m_thumbnailJob;
  std::vector<LaneRef> m_wanted;  // thumbnails, the next one last
  std::shared_ptr<const AtlasLanes> m_lanes;
  std::shared_ptr<const AtlasContent> m_content;
  ChannelAtlasView* m_view;
  StateCard* m_card;
};

}  // namespace uc
