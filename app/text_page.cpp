// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/text_page.h"

#include "app/strip_rows.h"

namespace uc {

TextPage::TextPage(Document& document, QWidget* parent)
    : PanePage(document, parent), m_area(new QScrollArea(this)), m_strip(new TokenStrip) {
  fill(m_area, m_strip);
  m_area->setWidget(m_strip);
  m_area->setWidgetResizable(true);
  m_area->setFrameShape(QFrame::NoFrame);
  m_area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  m_area->setFocusPolicy(Qt::NoFocus);
  connectStrip();
  connect(&document, &Document::tokensChanged, this, &TextPage::showTokens);
  connect(&document, &Document::modelChanged, this, &TextPage::showTokens);
  connect(&document, &Document::contentChanged, this, &TextPage::showValues);
  connect(&document, &Document::viewChanged, this, &TextPage::showValues);
  connect(&document, &Document::hoverChanged, this, &TextPage::showValues);
  showTokens();
}

QString TextPage::obstacle() const {
  return m_document.isVision() ? tr("The text view needs a text; this input is a picture.") : QString();
}

void TextPage::connectStrip() {
  connect(m_strip, &TokenStrip::tokenClicked, this, [this](qint64 token) {
    ViewState next = m_document.view();
    next.locked =
        next.strip.isColumn ? Cell{token, token} : m_document.strongestIn(token).value_or(Cell{token, token});
    m_document.change(tr("lock"), next);
  });
}

void TextPage::showTokens() {
  m_strip->setTokens(m_document.source().tokenTexts());
  showValues();
}

void TextPage::showValues() {
  const auto shown = stripRows(m_document, m_document.view().strip);
  m_strip->setPieces(shown ? shown->pieces : std::vector<Piece>{});
  if (shown)
    m_strip->setRows({shown->row});
  else
    m_strip->setValues({}, ColorScale());
  m_strip->setMarks(shown ? shown->subject : std::nullopt, shown ? shown->partner : std::nullopt);
}

std::shared_ptr<const Figure> TextPage::figure() const {
  auto shown = stripRows(m_document, m_document.view().strip);
  if (!shown) return nullptr;
  auto content = std::make_shared<StripContent>();
  content->text = {m_document.source().tokenTexts(), shown->pieces};
  content->rows = {shown->row};
  content->marks.subject = shown->subject;
  content->marks.partner = shown->partner;
  content->title = m_document.content()->title;
  content->caption = m_document.content()->caption;
  return std::make_shared<StripFigure>(std::move(content));
}

}  // namespace uc
