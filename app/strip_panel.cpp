// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/strip_panel.h"

namespace uc {

StripPanel::StripPanel(Document& document, QWidget* parent)
    : QScrollArea(parent),
      m_document(document),
      m_strip(new TokenStrip),
      m_heading(new RichLine(12)),
      m_choice(new SegmentedControl({tr("Row"), tr("Column")})) {
  m_strip->setProperty("role", QStringLiteral("panel"));
  m_strip->setAttribute(Qt::WA_StyledBackground);
  setWidget(m_strip);
  setWidgetResizable(true);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setFocusPolicy(Qt::NoFocus);
  viewport()->setProperty("role", QStringLiteral("panel"));
  m_strip->setProperty("largeFocus", true);
  m_choice->setCurrent(0);
  m_choice->setCompact();
  m_choice->button(0)->setAccessibleName(tr("Token strip shows the row of a query"));
  m_choice->button(1)->setAccessibleName(tr("Token strip shows the column of a key"));
  connect(m_choice, &SegmentedControl::chosen, this, &StripPanel::showValues);
  connect(m_strip, &TokenStrip::tokenHovered, this, [this](std::optional<qint64> token) {
    const auto locked = m_document.view().locked;
    std::optional<Cell> cell;
    if (token && locked) cell = isColumn() ? Cell{*token, locked->col} : Cell{locked->row, *token};
    Q_EMIT cellHovered(cell);
  });
  connect(m_strip, &TokenStrip::tokenClicked, this, [this](qint64 token) {
    ViewState next = m_document.view();
    const auto locked = next.locked;
    const bool isCausal = !m_document.info().isBidirectional;
    if (isColumn())
      next.locked = Cell{locked ? std::max<int64_t>(locked->row, isCausal ? token : 0) : token, token};
    else
      next.locked = m_document.strongestIn(token).value_or(Cell{token, 0});
    m_document.change(tr("lock"), next);
  });
  connect(&document, &Document::tokensChanged, this, &StripPanel::showTokens);
  connect(&document, &Document::contentChanged, this, &StripPanel::showValues);
  connect(&document, &Document::readOutChanged, this, &StripPanel::showValues);
  connect(&document, &Document::modelChanged, this, &StripPanel::showTokens);
  showValues();
}

void StripPanel::showTokens() {
  m_strip->setTokens(m_document.tokenTexts());
  showValues();
}

void StripPanel::showValues() {
  const auto content = m_document.content();
  const auto out = m_document.currentReadOut();
  const bool isMatching = content && content->tokens == m_document.tokenTexts();
  if (!out || !isMatching) {
    m_strip->setValues({}, ColorScale());
    m_strip->setMarks(std::nullopt, std::nullopt);
    m_heading->setRuns(
        {{m_document.tokens() ? tr("point at a cell of the map") : QString(), TextRun::Kind::Secondary}});
    return;
  }
  const int64_t subject = isColumn() ? out->cell.col : out->cell.row;
  const auto valueOf = [content, subject, isColumn = isColumn()](qint64 token) -> TokenStrip::Value {
    const MapGrid& grid = content->grid;
    const int64_t row = isColumn ? token : subject, col = isColumn ? subject : token;
    if (row < grid.row0 || row >= grid.row1 || col < grid.col0 || col >= grid.col1) return {};
    if (grid.isBackward ? col < row : grid.isCausal && col > row) return {};
    const int64_t i = (row - grid.row0) / grid.pool, j = (col - grid.col0) / grid.pool;
    return {static_cast<double>(content->shown.values.at(i, j)), true};
  };
  m_strip->setValues(valueOf, content->scale);
  m_strip->setMarks(subject, isColumn() ? out->cell.row : out->cell.col);
  std::vector<TextRun> runs{{(isColumn() ? tr("column of token %1 ") : tr("row of token %1 ")).arg(subject),
                             TextRun::Kind::Secondary},
                            {m_document.tokenText(subject), TextRun::Kind::Token}};
  if (out->isLocked) runs.push_back({tr(", locked"), TextRun::Kind::Secondary});
  m_heading->setRuns(std::move(runs));
}

}  // namespace uc
