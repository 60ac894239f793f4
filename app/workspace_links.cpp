// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// What panes share: where one looks, hovered and locked tokens, the range of colors.
#include "app/workspace.h"

#include <algorithm>

namespace uc {

namespace {

std::optional<int64_t> matchingToken(const Tokens& from, const Tokens& to, int64_t token) {
  if (token >= from.size()) return std::nullopt;
  const size_t place = from.list[static_cast<size_t>(token)].begin;
  // the last token that begins there or before it
  const auto after = std::upper_bound(to.list.begin(), to.list.end(), place,
                                      [](size_t at, const Token& each) { return at < each.begin; });
  if (after == to.list.begin()) return std::nullopt;
  return after - to.list.begin() - 1;
}

bool haveSameRange(const Document& a, const Document& b) {
  const ViewState& one = a.view();
  const ViewState& other = b.view();
  return one.display.normalization == other.display.normalization &&
         isUnsigned(one.map.lanes) == isUnsigned(other.map.lanes);
}

}  // namespace

std::optional<Cell> matchingCell(const Tokens& from, const Tokens& to, const Cell& cell) {
  if (&from == &to || from.list == to.list) return cell;
  if (from.text.empty() || from.text != to.text) {
    // different inputs: the same places, as far as they go
    if (cell.row >= to.size() || cell.col >= to.size()) return std::nullopt;
    return cell;
  }
  const auto row = matchingToken(from, to, cell.row), col = matchingToken(from, to, cell.col);
  if (!row || !col) return std::nullopt;
  return Cell{*row, *col};
}

void Workspace::wasEdited(Document& document, const QString& words, const ViewState& before, bool joins) {
  if (m_isApplying) return;
  Panes panesBefore = panes();
  panesBefore.list[static_cast<size_t>(indexOf(document))].view = before;
  m_isApplying = true;
  lead(document);
  m_isApplying = false;
  record(words, panesBefore, joins);
}

void Workspace::lead(Document& document) {
  const ViewState& view = document.view();
  for (const Open& each : m_open) {
    Document* other = each.document.get();
    if (other == &document || !other->tokens() || !document.tokens()) continue;
    ViewState next = other->view();
    if (m_links.position && other->tokens()->size() == document.tokens()->size())
      next.viewport = view.viewport;
    if (m_links.crosshair)
      next.locked =
          view.locked ? matchingCell(*document.tokens(), *other->tokens(), *view.locked) : std::nullopt;
    if (m_links.range && haveSameRange(document, *other)) {
      next.display.range = view.display.range;
      next.display.gamma = view.display.gamma;
    }
    if (!(next == other->view())) other->applyView(next);
  }
}

void Workspace::shareHover(Document& document) {
  if (!m_links.crosshair || m_isApplying || !document.tokens()) return;
  m_isApplying = true;
  for (const Open& each : m_open) {
    Document* other = each.document.get();
    if (other == &document || !other->tokens()) continue;
    const auto cell = document.hovered();
    other->setHovered(cell ? matchingCell(*document.tokens(), *other->tokens(), *cell) : std::nullopt);
  }
  m_isApplying = false;
}

// Comparisons are made in one range, unless it was chosen otherwise.
void Workspace::shareRange() {
  for (const Open& open : m_open) {
    std::optional<ValueRange> shared;
    for (const Open& other : m_open) {
      const auto content = other.document->content();
      if (!m_links.range || count() < 2 || !content || !haveSameRange(*open.document, *other.document))
        continue;
      const ValueRange own = content->shown.extent;
      shared = shared ? ValueRange{std::min(shared->low, own.low), std::max(shared->high, own.high)} : own;
    }
    open.document->setSharedExtent(shared);
  }
}

}  // namespace uc
