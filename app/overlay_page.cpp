// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/overlay_page.h"

#include "widgets/paint/image_overlay.h"

namespace uc {

OverlayPage::OverlayPage(Document& document, QWidget* parent)
    : PanePage(document, parent),
      m_view(new ImageOverlayView(this)),
      m_controls(new ImageOverlayControls(this)) {
  fill(m_view, m_view);
  connectView();
  for (auto signal : {&Document::contentChanged, &Document::pictureChanged, &Document::modelChanged})
    connect(&document, signal, this, &OverlayPage::showContent);
  connect(&document, &Document::viewChanged, this, &OverlayPage::showContent);
  connect(&document, &Document::hoverChanged, this, [this] {
    const auto cell = m_document.hovered();
    m_view->setHovered(cell ? std::optional(cell->col) : std::nullopt);
  });
  showContent();
}

QString OverlayPage::obstacle() const {
  return m_document.hasModel() && !m_document.isVision()
             ? tr("Image overlay needs an image; this input is text.")
             : QString();
}

bool OverlayPage::isShowable() const {
  const auto content = m_document.content();
  return m_document.isVision() && content && content->grid.pool == 1 &&
         !m_document.source().picture().isEmpty() && m_document.source().isCurrent() &&
         content->tokens == m_document.source().tokenTexts();
}

std::shared_ptr<const OverlayContent> OverlayPage::contentFor(std::optional<int64_t> query) const {
  if (!isShowable()) return nullptr;
  ViewState view = m_document.shownView();
  view.overlay = m_document.view().overlay;
  view.showGrid = m_document.view().showGrid;
  if (query) view.overlay.query = query;
  return std::make_shared<const OverlayContent>(overlayContent(
      *m_document.content(), imageOf(m_document.source().picture()), *m_document.info().vision, view));
}

void OverlayPage::connectView() {
  connect(m_view, &ImageOverlayView::queryDragged, this,
          [this](int64_t token) { m_view->setContent(contentFor(token)); });
  connect(m_view, &ImageOverlayView::queryChosen, this, [this](int64_t token) {
    ViewState next = m_document.view();
    next.overlay.query = token;
    next.locked = m_document.strongestIn(token).value_or(Cell{token, token});
    m_document.change(tr("query patch"), next);
  });
  connect(m_view, &ImageOverlayView::patchHovered, this, [this](std::optional<int64_t> token) {
    const auto content = m_view->content();
    m_document.setHovered(token && content ? std::optional(Cell{content->query, *token}) : std::nullopt);
  });
  connect(m_controls, &ImageOverlayControls::choiceEdited, this, [this](const OverlayChoice& choice) {
    ViewState next = m_document.view();
    const auto query = next.overlay.query;
    next.overlay = choice;
    next.overlay.query = query;
    m_document.change(tr("overlay"), next, true);
  });
  connect(m_controls, &ImageOverlayControls::gridEdited, this, [this](bool isShown) {
    ViewState next = m_document.view();
    next.showGrid = isShown;
    m_document.change(tr("grid"), next);
  });
}

void OverlayPage::showContent() {
  m_view->setContent(contentFor({}));
  showChoice();
}

void OverlayPage::showChoice() {
  const bool hasClassToken = m_document.isVision() && m_document.info().vision->classToken.has_value();
  m_controls->setChoice(m_document.view().overlay, m_document.view().showGrid, hasClassToken);
}

std::shared_ptr<const Figure> OverlayPage::figure() const {
  const auto content = contentFor({});
  return content ? std::make_shared<OverlayFigure>(content) : nullptr;
}

}  // namespace uc
