// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/griffin_attention.h"

#include "core/models/blocks.h"
#include "core/models/weights.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>

namespace uc {

// arXiv 2104.09864, in the order of halves that Hugging Face and DeepMind use. Angles are made in double: in
// float those of far tokens are off by more than the rounding of what they turn.
void WindowAttention::rotate(at::Tensor rows, int64_t position) const {
  const int64_t l = rows.size(0), half = rotarySize / 2;
  if (half == 0) return;
  const auto options = rows.options().dtype(at::kDouble);
  const at::Tensor exponents = at::arange(half, options) * (-2.0 / static_cast<double>(rotarySize));
  const at::Tensor positions = at::arange(position, position + l, options);
  const at::Tensor angles = positions.unsqueeze(1) * at::pow(rotaryBase, exponents);  // [l, half]
  const at::Tensor cosine = angles.cos().to(rows.scalar_type()).unsqueeze(1);         // [l, 1, half]
  const at::Tensor sine = angles.sin().to(rows.scalar_type()).unsqueeze(1);
  const at::Tensor byHead = rows.view({l, -1, headSize});
  const at::Tensor first = byHead.slice(2, 0, half), second = byHead.slice(2, half, 2 * half);
  const at::Tensor turned = first * cosine - second * sine;
  second.mul_(cosine).addcmul_(first, sine);
  first.copy_(turned);
}

void WindowAttention::run(at::Tensor out, at::Tensor logNormalizer, const at::Tensor& query,
                          const at::Tensor& keys, const at::Tensor& values, const Feedback& feedback) const {
  constexpr int64_t kRows = 256;
  const int64_t l = query.size(0), before = keys.size(0) - l;
  const auto tile = [&](int64_t head, int64_t first, int64_t last) {
    const int64_t from = std::max<int64_t>(0, before + first - window + 1);  // the first key in sight
    const int64_t own = before + first - from;  // the first query's own key, counted from there
    const auto inSight = [&](const at::Tensor& all) {
      const int64_t column = head * keyHeads / heads * headSize;
      return all.slice(0, from, before + last).slice(1, column, column + headSize);
    };
    const auto mine = [&](const at::Tensor& all, int64_t size) {
      return all.slice(0, first, last).slice(1, head * size, (head + 1) * size);
    };
    const at::Tensor value = inSight(values);
    // A row must not see what comes later, and 0 · NaN is not 0.
    if (last - first > 1 && !isAllFinite(value)) return false;
    const auto wide = [](const at::Tensor& all) { return all.to(at::kDouble); };
    const at::Tensor scores = at::mm(wide(mine(query, headSize)), wide(inSight(keys)).t());  // [rows, keys]
    const at::Tensor all = at::ones(scores.sizes(), scores.options().dtype(at::kBool));
    scores.masked_fill_(all.triu(own + 1), -std::numeric_limits<double>::infinity());
    if (own + last - first > window)
      scores.masked_fill_(all.tril(own - window), -std::numeric_limits<double>::infinity());
    const at::Tensor normalizer = scores.logsumexp(1, true);  // [rows, 1]
    mine(logNormalizer, 1).copy_(normalizer);
    mine(out, headSize).copy_(at::mm(scores.sub_(normalizer).exp_().to(value.scalar_type()), value));
    return true;
  };
  const int64_t tiles = (l + kRows - 1) / kRows;
  const int64_t piece = l == 1 ? heads : 1;
  inPieces(heads * tiles, piece, feedback, [&](int64_t firstItem, int64_t lastItem) {
    for (int64_t item = firstItem; item < lastItem; ++item) {
      const int64_t head = item % heads, first = item / heads * kRows, last = std::min(l, first + kRows);
      if (tile(head, first, last)) continue;
      for (int64_t t = first; t < last; ++t) tile(head, t, t + 1);
    }
  });
}

}  // namespace uc
