// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/text_model.h"

#include "core/models/blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace uc {

namespace {

constexpr int64_t kChunk = 2048;          // tokens a block works on at a time: bounds what it holds
constexpr int64_t kFewTokens = 64;        // below: reading weights would take longer than using them
constexpr int64_t kHeadBytes = 32 << 20;  // of a block of the head's rows

}  // namespace

void TextModel::keepWeightsFor(int64_t tokens) const { m_weights.setKeeping(tokens < kFewTokens); }

Trace TextModel::run(const ModelInput& input, const Feedback& feedback) const {
  assert(!input.ids.empty());
  const auto L = static_cast<int64_t>(input.ids.size());
  keepWeightsFor(L);
  Trace trace;
  trace.ids = input.ids;
  trace.hidden.push_back(embed(input.ids));
  std::vector<at::Tensor> shared(static_cast<size_t>((L + kChunk - 1) / kChunk));
  for (int64_t i = 0; i < m_info.layers; ++i) {
    const at::Tensor stream = trace.hidden.back();
    at::Tensor next = at::empty_like(stream);
    const std::unique_ptr<BlockState> state = freshState(i);
    for (int64_t t = 0; t < L; t += kChunk) {
      feedback.checkpoint();
      const double done = (static_cast<double>(i) + static_cast<double>(t) / static_cast<double>(L)) /
                          static_cast<double>(m_info.layers);
      feedback.report(done, fmt::format("Running layer {}", i));
      const int64_t end = std::min(L, t + kChunk);
      block(i, stream.slice(0, t, end), next.slice(0, t, end), *state,
            shared[static_cast<size_t>(t / kChunk)], feedback);
    }
    trace.hidden.push_back(next);
  }
  trace.notices = runNotices(m_weights, trace.hidden);
  return trace;
}

at::Tensor TextModel::head(const at::Tensor& stream, const Feedback& feedback) const {
  constexpr int64_t kPieceRows = 1024;
  const at::Tensor input = headInput(stream);
  const TensorInfo& weight = headWeight();
  const int64_t V = weight.shape[0];
  at::Tensor result = at::empty({input.size(0), V}, m_weights.type());
  const int64_t rowBytes = input.size(1) * static_cast<int64_t>(c10::elementSize(m_weights.type()));
  const int64_t blockRows = std::max<int64_t>(1, kHeadBytes / rowBytes);
  for (int64_t v = 0; v < V; v += blockRows) {
    feedback.checkpoint();
    const int64_t count = std::min(blockRows, V - v);
    const at::Tensor rows = m_weights.rows(weight, v, count);
    inPieces(count, kPieceRows, feedback, [&](int64_t first, int64_t last) {
      result.slice(1, v + first, v + last).copy_(at::mm(input, rows.slice(0, first, last).t()));
    });
  }
  finishLogits(result);
  return result;
}

at::Tensor TextModel::logits(const Trace& trace, int64_t first, int64_t last) const {
  keepWeightsFor(trace.tokens());
  return head(trace.hidden.back().slice(0, first, last), {});
}

namespace {

template <typename BlockState>
class StackState : public Model::State {
 public:
  std::vector<std::unique_ptr<BlockState>> blocks;
};

}  // namespace

std::unique_ptr<Model::State> TextModel::start() const {
  auto state = std::make_unique<StackState<BlockState>>();
  for (int64_t i = 0; i < m_info.layers; ++i) state->blocks.push_back(freshState(i));
  return state;
}

at::Tensor TextModel::step(State& state, const std::vector<int64_t>& ids, const Feedback& feedback) const {
  assert(!ids.empty());
  auto& blocks = static_cast<StackState<BlockState>&>(state).blocks;
  m_weights.setKeeping(true);  // the next step is of one token
  at::Tensor stream;           // [l, E]
  for (size_t t = 0; t < ids.size(); t += kChunk) {
    const size_t end = std::min(ids.size(), t + static_cast<size_t>(kChunk));
    stream = embed({ids.begin() + static_cast<int64_t>(t), ids.begin() + static_cast<int64_t>(end)});
    at::Tensor shared;
    for (int64_t i = 0; i < m_info.layers; ++i) {
      feedback.checkpoint();
      at::Tensor next = at::empty_like(stream);
      block(i, stream, next, *blocks[static_cast<size_t>(i)], shared, feedback);
      stream = next;
    }
  }
  return head(stream.slice(0, stream.size(0) - 1), feedback).squeeze(0);
}

}  // namespace uc
