// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/workspace.h"

#include "app/view_steps.h"

#include <algorithm>
#include <utility>

namespace uc {

Workspace::Workspace(EngineHost& host, QObject* parent) : QObject(parent), m_host(host) {
  m_sources.push_back(makeSource());
  m_open.push_back(make(++m_lastId, m_sources.front()));
}

Workspace::~Workspace() = default;

std::shared_ptr<Source> Workspace::makeSource() {
  auto source = std::make_shared<Source>(m_host);
  connect(source.get(), &Source::modelChanged, this, [this] {
    // steps that speak of another model cannot be gone back to
    if (m_isApplying) return;
    m_history.clear();
    m_pinned = {};
    Q_EMIT historyChanged();
    Q_EMIT pinsChanged();
    Q_EMIT edited();
  });
  connect(source.get(), &Source::runFinished, this, &Workspace::edited);
  return source;
}

Workspace::Open Workspace::make(int64_t id, const std::shared_ptr<Source>& source) {
  Open made{id, std::make_unique<Document>(m_host, source)};
  Document* document = made.document.get();
  connect(document, &Document::edited, this,
          [this, document](const QString& words, const ViewState& before, bool joins) {
            wasEdited(*document, words, before, joins);
          });
  connect(document, &Document::hoverChanged, this, [this, document] { shareHover(*document); });
  connect(document, &Document::contentChanged, this, &Workspace::shareRange);
  return made;
}

int Workspace::indexOf(const Document& document) const {
  for (int i = 0; i < count(); ++i)
    if (m_open[static_cast<size_t>(i)].document.get() == &document) return i;
  return -1;
}

int64_t Workspace::sourceIndex(const Document& document) const {
  return std::find(m_sources.begin(), m_sources.end(), document.sharedSource()) - m_sources.begin();
}

// ---- panes as a value

Panes Workspace::panes() const {
  Panes panes;
  for (const Open& each : m_open)
    panes.list.push_back({each.id, sourceIndex(*each.document), each.document->view()});
  panes.active = m_active;
  panes.pinned = m_pinned;
  panes.hasDifference = m_hasDifference;
  panes.links = m_links;
  return panes;
}

void Workspace::apply(const Panes& panes) {
  m_isApplying = true;
  const Document* wasActive = &active();
  std::vector<Open> before = std::exchange(m_open, {});
  bool isOther = before.size() != panes.list.size();
  for (size_t i = 0; i < panes.list.size(); ++i) {
    const PaneState& pane = panes.list[i];
    const auto& source = m_sources[static_cast<size_t>(pane.source)];
    const auto known = std::find_if(before.begin(), before.end(),
                                    [&](const Open& each) { return each.document && each.id == pane.id; });
    isOther = isOther || known != before.begin() + static_cast<std::ptrdiff_t>(i);
    m_open.push_back(known == before.end() ? make(pane.id, source) : std::move(*known));
    m_open.back().document->setSource(source);
  }
  m_active = static_cast<int>(panes.active);
  m_pinned = panes.pinned;
  m_hasDifference = panes.hasDifference;
  m_links = panes.links;
  if (isOther) Q_EMIT panesChanged();
  // once each pane has its widget: what it shows follows
  for (size_t i = 0; i < panes.list.size(); ++i) m_open[i].document->applyView(panes.list[i].view);
  m_isApplying = false;
  if (&active() != wasActive || isOther) Q_EMIT activeChanged();
  shareRange();
  Q_EMIT pinsChanged();
  Q_EMIT edited();
}

void Workspace::record(const QString& words, const Panes& before, bool joins) {
  m_history.record(words, before, panes(), joins);
  Q_EMIT historyChanged();
  Q_EMIT edited();
}

template <typename Edit>
void Workspace::change(const QString& words, Edit edit) {
  const Panes before = panes();
  Panes after = before;
  edit(after);
  if (after == before) return;
  apply(after);
  record(words, before);
}

void Workspace::undo() {
  if (!m_history.canUndo()) return;
  apply(m_history.undo());
  Q_EMIT historyChanged();
}

void Workspace::redo() {
  if (!m_history.canRedo()) return;
  apply(m_history.redo());
  Q_EMIT historyChanged();
}

// ---- panes

void Workspace::activate(int index) {
  if (index == m_active || index < 0 || index >= count()) return;
  m_active = index;
  Q_EMIT activeChanged();
}

void Workspace::duplicate() {
  change(tr("new pane"), [this](Panes& panes) {
    const auto at = panes.list.begin() + m_active;
    panes.active = m_active + 1;
    PaneState copy = *at;
    copy.id = ++m_lastId;
    panes.list.insert(at + 1, copy);
  });
}

void Workspace::openBeside(const Source::OpenRequest& request) {
  m_sources.push_back(makeSource());
  m_sources.back()->open(request);
  change(tr("new pane"), [this](Panes& panes) {
    panes.list.push_back({++m_lastId, static_cast<int64_t>(m_sources.size()) - 1, openingView()});
    panes.active = static_cast<int64_t>(panes.list.size()) - 1;
  });
}

void Workspace::close(int index) {
  if (count() < 2) return;
  change(tr("close pane"), [index](Panes& panes) {
    panes.list.erase(panes.list.begin() + index);
    panes.active = std::min<int64_t>(panes.active > index ? panes.active - 1 : panes.active,
                                     static_cast<int64_t>(panes.list.size()) - 1);
    panes.hasDifference = panes.hasDifference && panes.list.size() > 1;
  });
  dropUnusedSources();
}

void Workspace::setCount(int wanted) {
  change(tr("panes"), [this, wanted](Panes& panes) {
    while (static_cast<int>(panes.list.size()) > wanted) panes.list.pop_back();
    while (static_cast<int>(panes.list.size()) < wanted) {
      PaneState next = panes.list.back();
      next.id = ++m_lastId;
      next.view = withLayerStep(next.view, document(count() - 1).info(), 1);
      panes.list.push_back(next);
    }
    panes.active = std::min<int64_t>(panes.active, wanted - 1);
    panes.hasDifference = panes.hasDifference && wanted > 1;
  });
  dropUnusedSources();
}

// A model that nothing shows gives its memory back; steps that would need it are gone with it.
void Workspace::dropUnusedSources() {
  const auto isUsed = [this](const std::shared_ptr<Source>& source) {
    return std::any_of(m_open.begin(), m_open.end(),
                       [&](const Open& each) { return each.document->sharedSource() == source; });
  };
  if (std::all_of(m_sources.begin(), m_sources.end(), isUsed)) return;
  m_sources.erase(
      std::remove_if(m_sources.begin(), m_sources.end(), [&](const auto& source) { return !isUsed(source); }),
      m_sources.end());
  m_pinned = {};
  m_history.clear();
  Q_EMIT historyChanged();
  Q_EMIT pinsChanged();
}

// ---- comparing

void Workspace::pin(int which) {
  change(which == 0 ? tr("pin A") : tr("pin B"), [this, which](Panes& panes) {
    auto& pinned = panes.pinned[static_cast<size_t>(which)];
    const PaneState& shown = panes.list[static_cast<size_t>(m_active)];
    if (pinned && pinned->source == shown.source && pinned->view == shown.view)
      pinned.reset();
    else
      pinned = shown;
  });
}

void Workspace::swapPins() {
  change(tr("swap"), [](Panes& panes) {
    std::swap(panes.pinned[0], panes.pinned[1]);
    if (panes.list.size() > 1) std::swap(panes.list[0], panes.list[1]);
  });
}

bool Workspace::canDiffer() const { return count() > 1 || (m_pinned[0] && m_pinned[1]); }

void Workspace::setDifference(bool isShown) {
  if (isShown == m_hasDifference || (isShown && !canDiffer())) return;
  change(tr("difference"), [this, isShown](Panes& panes) {
    panes.hasDifference = isShown;
    if (!isShown || !panes.pinned[0] || !panes.pinned[1]) return;
    panes.list = {*panes.pinned[0], *panes.pinned[1]};
    for (PaneState& pane : panes.list) pane.id = ++m_lastId;
    panes.active = 1;
  });
}

void Workspace::setLinks(const PaneLinks& links) {
  change(tr("link"), [&links](Panes& panes) { panes.links = links; });
}

// ---- sessions

Session Workspace::session() const {
  Session session;
  for (const auto& source : m_sources) session.sources.push_back({source->origin(), source->info().sha256});
  session.panes = panes();
  return session;
}

void Workspace::restore(const Session& session) {
  m_isApplying = true;
  m_sources.clear();
  for (size_t i = 0; i < session.sources.size(); ++i) {
    m_sources.push_back(makeSource());
    Source::OpenRequest request{QString::fromStdString(session.sources[i].origin.model),
                                ParsedView{session.sources[i].origin, {}}};
    request.keepsViews = true;
    m_sources.back()->open(request);
  }
  m_history.clear();
  Panes panes = session.panes;
  for (PaneState& pane : panes.list) pane.id = ++m_lastId;
  apply(panes);
  Q_EMIT historyChanged();
  Q_EMIT activeChanged();
}

}  // namespace uc
