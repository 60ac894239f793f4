// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "widgets/channel_atlas_controls.h"
#include "widgets/channel_atlas_plot.h"
#include "widgets/channel_atlas_thumbnails.h"

#include <QWidget>

#include <memory>
#include <optional>
#include <vector>

namespace uc {

/// The channel atlas: controls, the points of all lanes, and the lanes in the brush with their pictures. It
/// shows an AtlasContent, computes nothing of a model and says what the user wants by signals; only hover and
/// the brush under the pointer take effect at once. GUI thread.
class ChannelAtlasView : public QWidget {
  Q_OBJECT

 public:
  explicit ChannelAtlasView(QWidget* parent = nullptr);

  /// Nothing: no statistics yet.
  void setContent(std::shared_ptr<const AtlasContent> content);
  std::shared_ptr<const AtlasContent> content() const { return m_content; }
  void setLocked(std::optional<LaneRef> lane);
  /// A lane hovered elsewhere.
  void setHovered(std::optional<LaneRef> lane);
  void setPanes(std::vector<AtlasMarks::Pane> panes);
  void setThumbnail(const LaneRef& lane, const QImage& image) { m_thumbnails->setThumbnail(lane, image); }
  void clearThumbnails() { m_thumbnails->clearThumbnails(); }
  /// For Esc: asks for the choice without its brush. False where there is none.
  bool clearBrush();

  ChannelAtlasControls& controls() { return *m_controls; }
  ChannelAtlasPlot& plot() { return *m_plot; }
  ChannelAtlasThumbnails& thumbnails() { return *m_thumbnails; }

 Q_SIGNALS:
  void laneHovered(std::optional<uc::LaneRef> lane);
  void laneClicked(std::optional<uc::LaneRef> lane);  // wanted lock; nothing: unlock
  void laneOpened(uc::LaneRef lane);
  void choiceEdited(const uc::AtlasChoice& choice);  // of a brush: at the end of its drag
  /// While a brush is dragged: what is in it now, for summary and status bar; also when the drag is taken
  /// back.
  void selectionPreviewed(std::shared_ptr<const uc::AtlasContent> content);
  void thumbnailsWanted(const std::vector<uc::LaneRef>& lanes);
  void contextMenuWanted(const QPoint& globalPos, std::optional<uc::LaneRef> lane);

 private:
  void display(std::shared_ptr<const AtlasContent> content);
  void preview(const AtlasChoice::Brush& brush);
  void setMarks(const AtlasMarks& marks);
  void tellHover(std::optional<LaneRef> lane);

  std::shared_ptr<const AtlasContent> m_content;  // the owner's
  std::shared_ptr<const AtlasContent> m_shown;    // the same, or with the brush that is being dragged
  AtlasMarks m_marks;
  ChannelAtlasControls* m_controls;
  ChannelAtlasPlot* m_plot;
  ChannelAtlasThumbnails* m_thumbnails;
};

}  // namespace uc
