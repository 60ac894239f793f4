// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/pane_page.h"
#include "widgets/image_overlay_controls.h"
#include "widgets/image_overlay_view.h"

namespace uc {

/// A row of the map on the picture.
class OverlayPage : public PanePage {
  Q_OBJECT

 public:
  OverlayPage(Document& document, QWidget* parent);

  QWidget& canvas() override { return *m_view; }
  QWidget* controls() override { return m_controls; }
  QString obstacle() const override;
  void setTheme(const Theme&) override { m_view->update(); }
  void setStale(bool isStale) override { m_view->setEnabled(!isStale); }
  std::shared_ptr<const Figure> figure() const override;

 private:
  void connectView();
  void showContent();
  void showChoice();
  std::shared_ptr<const OverlayContent> contentFor(std::optional<int64_t> query) const;
  bool isShowable() const;

  ImageOverlayView* m_view;
  ImageOverlayControls* m_controls;
};

}  // namespace uc
