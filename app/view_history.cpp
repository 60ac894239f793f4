// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/view_history.h"

namespace uc {

namespace {
constexpr size_t kMostSteps = 1000;
}

void ViewHistory::record(const QString& words, const Panes& before, const Panes& after, bool joins) {
  m_steps.resize(m_position);
  if (joins && !m_isSealed && !m_steps.empty() && m_steps.back().words == words) {
    m_steps.back().after = after;
    return;
  }
  m_isSealed = false;
  if (m_steps.size() == kMostSteps) m_steps.erase(m_steps.begin());
  m_steps.push_back({words, before, after});
  m_position = m_steps.size();
}

void ViewHistory::clear() {
  m_steps.clear();
  m_position = 0;
  m_isSealed = false;
}

}  // namespace uc
