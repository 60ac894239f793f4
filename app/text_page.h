// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/pane_page.h"
#include "widgets/token_strip.h"

#include <QScrollArea>

namespace uc {

/// The input as running text on the colors of a row or column of the map.
class TextPage : public PanePage {
  Q_OBJECT

 public:
  TextPage(Document& document, QWidget* parent);

  QWidget& canvas() override { return *m_strip; }
  QString obstacle() const override;
  void setTheme(const Theme&) override { m_strip->update(); }
  void setStale(bool isStale) override { m_strip->setEnabled(!isStale); }
  std::shared_ptr<const Figure> figure() const override;

 private:
  void connectStrip();
  void showTokens();
  void showValues();

  QScrollArea* m_area;
  TokenStrip* m_strip;
};

}  // namespace uc
