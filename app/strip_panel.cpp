// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/strip_panel.h"

#include "app/strip_rows.h"

namespace uc {

StripPanel::StripPanel(Workspace& workspace, QWidget* parent)
    : QScrollArea(parent),
      m_workspace(workspace),
      m_strip(new TokenStrip),
      m_heading(new RichLine(12)),
      m_choice(new SegmentedControl({tr("Row"), tr("Column")})),
      m_granularity(new SegmentedControl({tr("Token"), tr("Word"), tr("Sentence")})) {
  m_strip->setProperty("role", QStringLiteral("panel"));
  m_strip->setAttribute(Qt::WA_StyledBackground);
  setWidget(m_strip);
  setWidgetResizable(true);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setFocusPolicy(Qt::NoFocus);
  viewport()->setProperty("role", QStringLiteral("panel"));
  m_strip->setProperty("largeFocus", true);
  m_choice->setCompact();
  m_granularity->setCompact();
  m_choice->button(0)->setAccessibleName(tr("Token strip shows the row of a query"));
  m_choice->button(1)->setAccessibleName(tr("Token strip shows the column of a key"));
  connect(m_choice, &SegmentedControl::chosen, this,
          [this](int index) { editStrip([index](StripChoice& strip) { strip.isColumn = index == 1; }); });
  connect(m_granularity, &SegmentedControl::chosen, this, [this](int index) {
    editStrip([index](StripChoice& strip) { strip.granularity = static_cast<Granularity>(index); });
  });
  connectStrip();
  workspace.follow(this, &Document::tokensChanged, &StripPanel::showTokens);
  workspace.follow(this, &Document::modelChanged, &StripPanel::showTokens);
  workspace.follow(this, &Document::viewChanged, &StripPanel::showView);
  workspace.follow(this, &Document::readOutChanged, &StripPanel::showValues);
  connect(&workspace, &Workspace::panesChanged, this, &StripPanel::watchPanes);
  watchPanes();
  showView();
}

void StripPanel::connectStrip() {
  connect(m_strip, &TokenStrip::tokenHovered, this, [this](std::optional<qint64> token) {
    const auto locked = document().view().locked;
    std::optional<Cell> cell;
    if (token && locked)
      cell = document().view().strip.isColumn ? Cell{*token, locked->col} : Cell{locked->row, *token};
    Q_EMIT cellHovered(cell);
  });
  connect(m_strip, &TokenStrip::tokenClicked, this, [this](qint64 token) {
    ViewState next = document().view();
    const auto locked = next.locked;
    const bool isCausal = !document().info().isBidirectional;
    if (next.strip.isColumn)
      next.locked = Cell{locked ? std::max<int64_t>(locked->row, isCausal ? token : 0) : token, token};
    else
      next.locked = document().strongestIn(token).value_or(Cell{token, 0});
    document().change(tr("lock"), next);
  });
}

void StripPanel::editStrip(const std::function<void(StripChoice&)>& edit) {
  ViewState next = document().view();
  edit(next.strip);
  document().change(tr("token strip"), next);
}

void StripPanel::watchPanes() {
  for (int i = 0; i < m_workspace.count(); ++i)
    connect(&m_workspace.document(i), &Document::contentChanged, this, &StripPanel::showValues,
            Qt::UniqueConnection);
  showValues();
}

void StripPanel::showTokens() {
  m_strip->setTokens(document().source().tokenTexts());
  showValues();
}

void StripPanel::showView() {
  m_choice->setCurrent(document().view().strip.isColumn ? 1 : 0);
  m_granularity->setCurrent(static_cast<int>(document().view().strip.granularity));
  showValues();
}

void StripPanel::showValues() {
  const StripChoice& choice = document().view().strip;
  const auto shown = stripRows(document(), choice);
  if (!shown) {
    m_strip->setValues({}, ColorScale());
    m_strip->setMarks(std::nullopt, std::nullopt);
    m_heading->setRuns(
        {{document().tokens() ? tr("point at a cell of the map") : QString(), TextRun::Kind::Secondary}});
    return;
  }
  m_strip->setPieces(shown->pieces);
  std::vector<StripRow> rows{shown->row};
  if (m_workspace.count() > 1) {
    // the other panes' rows of the same token, where they have the same tokens
    rows.clear();
    for (int i = 0; i < m_workspace.count(); ++i) {
      const Document& other = m_workspace.document(i);
      const auto beside = &other == &document() ? shown : stripRows(other, choice);
      const bool isSame = other.tokens() == document().tokens() ||
                          (other.tokens() && other.tokens()->list == document().tokens()->list);
      if (!beside || !isSame) continue;
      rows.push_back(beside->row);
      rows.back().letter = QString(QChar(u'A' + i));
      rows.back().name = tr("layer %1").arg(other.contentView().map.layer);
    }
  }
  m_strip->setRows(std::move(rows));
  m_strip->setMarks(shown->subject, shown->partner);
  const QString subject = choice.isColumn ? tr("column of token %1 ") : tr("row of token %1 ");
  std::vector<TextRun> runs{{subject.arg(*shown->subject), TextRun::Kind::Secondary},
                            {document().tokenText(*shown->subject), TextRun::Kind::Token}};
  if (shown->isLocked) runs.push_back({tr(", locked"), TextRun::Kind::Secondary});
  m_heading->setRuns(std::move(runs));
}

}  // namespace uc
