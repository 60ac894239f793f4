// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/text_model.h"

#include "core/models/blocks.h"
#include "core/values/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <tuple>

namespace uc {

namespace {

constexpr int64_t kFewTokens = 64;        // below: reading weights would take longer than using them
constexpr int64_t kHeadBytes = 32 << 20;  // of a block of the head's rows

}  // namespace

// The residual stream at one place of the stack, chunk by chunk of the tokens [begin, end): as it is kept, or
// from the nearest earlier place that is, through the blocks between, whose states are carried along. Nothing
// here grows with the number of tokens. Where the weights are; what is kept is on the CPU.
class TextModel::Stream {
 public:
  // Both must outlive it. begin > 0 only where nothing has to be run: isThere().
  Stream(const TextModel& model, const Trace& trace, int64_t place, int64_t begin, int64_t end)
      : last(begin), m_model(model), m_trace(trace), m_place(place), m_begin(begin), m_end(end) {
    m_from = place;
    while (m_from > 0 && !trace.hidden[static_cast<size_t>(m_from)].defined()) --m_from;
    for (int64_t i = m_from; i < place; ++i) m_states.push_back(model.freshState(i));
    if (m_from > 0 && !trace.shared.defined() && model.hasShared()) m_first = model.freshState(0);
  }

  // The next chunk; false after the last one.
  bool next(const Feedback& feedback) {
    first = last;
    last = std::min(m_end, first + kChunkTokens);
    if (first == last) return false;
    feedback.checkpoint();
    rows = chunkOf(m_from);
    shared = sharedOfChunk(feedback);
    for (int64_t i = m_from; i < m_place; ++i) {
      const auto all = static_cast<double>(m_end - m_begin);
      const auto done = static_cast<double>(first - m_begin) / all;
      const auto depth = static_cast<double>(i - m_from) / static_cast<double>(m_place - m_from);
      feedback.report(done + depth * static_cast<double>(last - first) / all,
                      fmt::format("Running layer {}", i));
      at::Tensor out = at::empty_like(rows);
      m_model.block(i, rows, out, *m_states[static_cast<size_t>(i - m_from)], shared, feedback);
      rows = out;
      if ((firstBroken < 0 || i < firstBroken) && !isAllFinite(rows)) firstBroken = i;
    }
    return true;
  }

  // Whether a place is kept, or is where the ids enter.
  static bool isThere(const Trace& trace, int64_t place) {
    return place == 0 || trace.hidden[static_cast<size_t>(place)].defined();
  }

  int64_t first = 0, last = 0;  // the chunk's tokens
  at::Tensor rows;              // [last − first, E]
  at::Tensor shared;            // what block 0 left for them
  int64_t firstBroken = -1;     // the first block that was run here and whose output is not finite

 private:
  at::Tensor chunkOf(int64_t place) const {
    const at::Tensor& kept = m_trace.hidden[static_cast<size_t>(place)];
    if (kept.defined()) return m_model.m_weights.here(kept.slice(0, first, last));
    return m_model.embed({m_trace.ids.begin() + first, m_trace.ids.begin() + last});
  }
  at::Tensor sharedOfChunk(const Feedback& feedback) {
    if (m_from == 0) return {};  // block 0 makes it
    if (m_trace.shared.defined()) return m_model.m_weights.here(m_trace.shared.slice(0, first, last));
    return m_first ? m_model.sharedOf(chunkOf(0), *m_first, feedback) : at::Tensor();
  }

  const TextModel& m_model;
  const Trace& m_trace;
  const int64_t m_place, m_begin, m_end;
  int64_t m_from = 0;
  std::vector<std::unique_ptr<BlockState>> m_states;  // of the blocks from there on
  std::unique_ptr<BlockState> m_first;                // of block 0, where only what it leaves is wanted
};

void TextModel::keepWeightsFor(int64_t tokens) const {
  m_weights.setKeeping(tokens < kFewTokens ||
                       m_weights.isOnDevice());  // from there, every run would copy them
}

Trace TextModel::begin(const ModelInput& input, int64_t streamBytes) const {
  assert(!input.ids.empty());
  Trace trace;
  trace.ids = input.ids;
  trace.hidden.resize(static_cast<size_t>(m_info.layers) + 1);
  const int64_t placeBytes =
      trace.tokens() * m_info.width * static_cast<int64_t>(c10::elementSize(m_weights.type()));
  const int64_t fitting = streamBytes / placeBytes;
  // From the last place down: 1 + ⌊layers / every⌋ of them; where none fits, only the tail of the last.
  if (fitting > 0) {
    while (1 + m_info.layers / trace.keptEvery > fitting) ++trace.keptEvery;
  } else {
    trace.keptEvery = 0;
  }
  return trace;
}

namespace {

// Adds the rows of a chunk to those of all tokens.
void gather(at::Tensor& all, const at::Tensor& rows, int64_t first, int64_t tokens) {
  if (rows.size(0) == tokens) {
    all = rows.cpu();
    return;
  }
  if (first == 0) all = at::empty({tokens, rows.size(1)}, rows.options().device(at::kCPU));
  all.slice(0, first, first + rows.size(0)).copy_(rows);
}

}  // namespace

// The stream at a place, whole or only its last chunk.
at::Tensor TextModel::streamAt(Trace& trace, int64_t place, bool isWhole, const Feedback& feedback) const {
  Stream stream(*this, trace, place, 0, trace.tokens());
  const bool keepsShared = trace.keptEvery == 1 && !trace.shared.defined();
  at::Tensor rows, shared;
  while (stream.next(feedback)) {
    if (isWhole) gather(rows, stream.rows, stream.first, trace.tokens());
    if (keepsShared && stream.shared.defined()) gather(shared, stream.shared, stream.first, trace.tokens());
  }
  if (shared.defined()) trace.shared = shared;
  trace.noteBroken(stream.firstBroken);
  return isWhole ? rows : stream.rows.cpu();
}

void TextModel::extend(Trace& trace, int64_t layer, const Feedback& feedback) const {
  assert(layer >= 0 && layer <= m_info.layers);
  m_weights.onDeviceOrCpu([&] {
    extendHere(trace, layer, feedback);
    return true;
  });
  trace.notices = runNotices(m_weights, trace.firstBroken);
}

void TextModel::extendHere(Trace& trace, int64_t layer, const Feedback& feedback) const {
  keepWeightsFor(trace.tokens());
  const auto share = [&](int64_t from, int64_t to) {
    const auto all = static_cast<double>(std::max<int64_t>(layer, 1));
    return feedback.part(static_cast<double>(from) / all, static_cast<double>(to) / all);
  };
  int64_t reached = 0;
  for (int64_t i = 0; i <= layer; ++i) {
    at::Tensor& kept = trace.hidden[static_cast<size_t>(i)];
    if (!kept.defined() && !trace.keeps(i)) continue;
    if (!kept.defined()) kept = streamAt(trace, i, true, share(reached, i));
    reached = i;
  }
  if (layer == m_info.layers && !trace.tail.defined()) {
    const at::Tensor& kept = trace.hidden.back();
    const at::Tensor rows = kept.defined() ? kept : streamAt(trace, layer, false, share(reached, layer));
    trace.tail = rows.slice(0, std::max<int64_t>(0, rows.size(0) - kChunkTokens));
  }
}

LayerFactors TextModel::factors(const Trace& trace, int64_t layer, const FactorNeeds& needs,
                                const Feedback& feedback) const {
  assert(layer >= 0 && layer < m_info.layers);
  feedback.checkpoint();
  return m_weights.onDeviceOrCpu([&] { return factorsHere(trace, layer, needs, feedback); });
}

LayerFactors TextModel::factorsHere(const Trace& trace, int64_t layer, const FactorNeeds& needs,
                                    const Feedback& feedback) const {
  keepWeightsFor(trace.tokens());
  const int64_t begin = needs.firstToken, end = needs.lastOf(trace.tokens());
  assert(0 <= begin && begin < end);
  // Of a few tokens before the first, what follows depends on them; they are left out then.
  const std::optional<int64_t> reach = needs.hasOutput ? std::nullopt : reachOf(layer, needs);
  const int64_t from = reach ? std::max<int64_t>(begin - *reach, 0) : 0;
  Stream stream(*this, trace, layer, Stream::isThere(trace, layer) ? from : 0, end);
  const std::unique_ptr<BlockState> state = freshState(layer);
  FactorsOfChunks result(end - begin);
  while (stream.next(feedback)) {
    feedback.report(static_cast<double>(stream.first) / static_cast<double>(end),
                    fmt::format("Preparing layer {}", layer));
    if (stream.last <= from) continue;
    const int64_t first = std::max(stream.first, from);
    const auto rest = [&](const at::Tensor& rows) {
      return rows.defined() ? rows.slice(0, first - stream.first) : rows;
    };
    at::Tensor shared = rest(stream.shared);
    const LayerFactors all = blockFactors(layer, rest(stream.rows), *state, shared, needs, feedback);
    if (all.y.defined() && !isAllFinite(all.y)) trace.noteBroken(layer);
    if (stream.last <= begin) continue;
    FactorNeeds own = needs;
    if (all.lanes == needs.lanes()) std::tie(own.firstLane, own.lastLane) = std::pair(int64_t{0}, all.lanes);
    result.add(onCpu(tokensOf(partOf(all, own), std::max<int64_t>(begin - first, 0), all.tokens)));
  }
  trace.noteBroken(stream.firstBroken);
  trace.notices = runNotices(m_weights, trace.firstBroken);
  return result.take();
}

at::Tensor TextModel::head(const at::Tensor& stream, const Feedback& feedback) const {
  constexpr int64_t kPieceRows = 1024;
  const at::Tensor input = headInput(stream);
  const TensorInfo& weight = headWeight();
  const int64_t V = weight.shape[0];
  at::Tensor result = at::empty({input.size(0), V}, m_weights.options());
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
  return result.cpu();
}

// Of the stream after the last block: as kept, or run once more and gathered on the way.
at::Tensor TextModel::lastRows(const Trace& trace, int64_t first, int64_t last,
                               const Feedback& feedback) const {
  if (trace.hidden.back().defined()) return trace.hidden.back().slice(0, first, last);
  const int64_t tail = trace.tail.defined() ? trace.tokens() - trace.tail.size(0) : trace.tokens();
  if (first >= tail) return trace.tail.slice(0, first - tail, last - tail);
  std::vector<at::Tensor> parts;
  Stream stream(*this, trace, m_info.layers, 0, last);
  while (stream.next(feedback)) {
    if (stream.last <= first) continue;
    const at::Tensor rows = stream.rows.cpu();
    parts.push_back(rows.slice(0, std::max<int64_t>(0, first - stream.first),
                               std::min(stream.last, last) - stream.first));
  }
  return at::cat(parts);
}

at::Tensor TextModel::logits(const Trace& trace, int64_t first, int64_t last,
                             const Feedback& feedback) const {
  return m_weights.onDeviceOrCpu([&] {
    keepWeightsFor(trace.tokens());
    return head(m_weights.here(lastRows(trace, first, last, feedback)), feedback);
  });
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
  if (!m_weights.isOnDevice()) return stepHere(state, ids, feedback);
  at::Tensor logits;
  if (attemptOnDevice([&] { logits = stepHere(state, ids, feedback); })) return logits;
  m_weights.leaveDevice();  // the states stay where they are: this continuation is lost
  fail("The device could not continue the text.", "too little free memory, or an error of the device",
       "Continue it again: the model now runs on the CPU.");
}

at::Tensor TextModel::stepHere(State& state, const std::vector<int64_t>& ids,
                               const Feedback& feedback) const {
  auto& blocks = static_cast<StackState<BlockState>&>(state).blocks;
  m_weights.setKeeping(true);  // the next step is of one token
  at::Tensor stream;           // [l, E]
  for (size_t t = 0; t < ids.size(); t += kChunkTokens) {
    const size_t end = std::min(ids.size(), t + static_cast<size_t>(kChunkTokens));
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
