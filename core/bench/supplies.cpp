// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/bench/supplies.h"

namespace uc::bench {

const std::filesystem::path& Supplies::folder(const Feedback& feedback) {
  if (!m_model) m_model.emplace(MambaShape{}, feedback);
  return m_model->folder();
}

const Engine& Supplies::engine(const Feedback& feedback) {
  if (!m_engine) m_engine = Engine::open(folder(feedback).string(), {}, feedback);
  return *m_engine;
}

const RunHandle& Supplies::run(const Feedback& feedback) {
  if (!m_run) m_run = engine(feedback).run(input(), feedback);
  return m_run;
}

Input Supplies::input() {
  constexpr int64_t kTokens = 1024;
  Input input;
  for (int64_t t = 0; t < kTokens; ++t) input.ids.push_back(t * 7919 % MambaShape{}.vocabulary);
  return input;
}

}  // namespace uc::bench
