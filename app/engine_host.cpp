// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/engine_host.h"

#include <QMetaObject>

namespace uc {

EngineHost::EngineHost(std::function<EngineFunctions()> load, QObject* parent)
    : QObject(parent), m_load(std::move(load)), m_queue([this] {
        QMetaObject::invokeMethod(
            this, [this] { m_queue.deliver(); }, Qt::QueuedConnection);
      }) {}

const EngineFunctions& EngineHost::functions() {
  if (!m_functions) m_functions = m_load();
  return *m_functions;
}

}  // namespace uc
