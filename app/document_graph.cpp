// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

// The token graph of the shown map: every entry of what is looked at, and the arcs that are kept of it.
#include "app/document.h"

#include <algorithm>

namespace uc {

namespace {
constexpr int64_t kMostTokens = 2048;  // whose entries are looked at together
}

/// The tokens that the graph is of: all, or as many as are looked at together, from where one looks.
TokenRange Document::graphRange() const {
  const int64_t count = tokens()->size();
  if (count <= kMostTokens) return {0, count};
  double middle = m_view.viewport.left + m_view.viewport.width / 2.0;
  if (m_view.viewport.isWhole()) middle = static_cast<double>(m_view.locked ? m_view.locked->row : count);
  const int64_t begin =
      std::clamp<int64_t>(static_cast<int64_t>(middle) - kMostTokens / 2, 0, count - kMostTokens);
  const int64_t step = kMostTokens / 4;  // moves in steps: not at every pixel of a pan
  const int64_t from = begin / step * step;
  return {from, std::min(from + kMostTokens, count)};
}

void Document::refreshGraph() {
  if (m_view.view != View::Graph || !isRunCurrent() || !isMapCurrent()) return;
  const GraphKey key{m_map, m_view.graph.keep, m_view.graph.amount, graphRange()};
  if (m_graphKey == key) return;
  m_graphKey = key;
  EngineHost::Job<std::shared_ptr<const TokenGraphContent>> job;
  ViewState view = m_view;
  view.display.normalization = Normalization::Raw;
  view.viewport = {};
  job.work = [engine = m_source->engine(), run = m_source->run(), map = m_map, range = key.range, view,
              tokens = m_source->tokenTexts(), info = info()](const Feedback& feedback) {
    const bool isWhole = map->pool == 1;
    const MapResult entries = isWhole ? *map : engine->map(run, {view.map, {range, range, 1}}, feedback);
    return std::make_shared<const TokenGraphContent>(
        tokenGraph(heatmapContent(heatmapSource(entries, tokens, info), view), view.graph));
  };
  job.done = [this](std::shared_ptr<const TokenGraphContent> graph) {
    m_graph = std::move(graph);
    Q_EMIT graphChanged();
  };
  job.failed = [this](const Error& error) {
    m_graphKey = {};
    Q_EMIT said(QString::fromStdString(error.what));
  };
  m_host.start(m_graphJob, std::move(job));
}

}  // namespace uc
