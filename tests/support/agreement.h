// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// Every operator against the closed form.

#pragma once

#include "core/attention/operators.h"
#include "tests/support/closed_form.h"
#include "tests/support/layers.h"

#include <ATen/ATen.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace uc::test {

/// Entries are right within these shares of the map's largest (quality.md, "Accuracy").
template <typename T>
constexpr double kTolerance = sizeof(T) == sizeof(float) ? 1e-6 : 1e-12;

template <typename T>
constexpr at::ScalarType kType = sizeof(T) == sizeof(float) ? at::kFloat : at::kDouble;

inline Window whole(int64_t tokens) { return {0, tokens, 0, tokens, 1}; }

template <typename T>
MatrixOf<T> laneTile(const LayerFactors& layer, const MapTerms& terms, int64_t lane) {
  return tile<T>(layer, {{lane, lane + 1}, terms}, whole(layer.tokens), Feedback());
}

/// The largest difference, in units of the map's largest entry (or 1 in a map of zeros).
template <typename T>
double difference(const MatrixOf<T>& found, const Matrix64& expected) {
  EXPECT_EQ(found.rows, expected.rows);
  EXPECT_EQ(found.cols, expected.cols);
  double worst = 0.0;
  for (size_t i = 0; i < expected.values.size(); ++i) {
    const double gap = std::abs(static_cast<double>(found.values[i]) - expected.values[i]);
    worst = gap <= worst ? worst : gap;
  }
  const double scale = largest(expected);
  return scale > 0.0 ? worst / scale : worst;
}

/// Tile, all rows and all columns of one lane.
template <typename T>
void expectOperatorsAgree(const LayerFactors& layer, const MapTerms& terms, int64_t lane) {
  const Matrix64 expected = closedForm(layer, terms, lane);
  const int64_t tokens = layer.tokens;
  EXPECT_LE(difference(laneTile<T>(layer, terms, lane), expected), kTolerance<T>);

  Matrix64 byRows(tokens, tokens), byColumns(tokens, tokens);
  const LaneSpan span{lane, lane + 1};
  for (int64_t t = 0; t < tokens; ++t) {
    const MatrixOf<T> row = rows<T>(layer, terms, span, t, Feedback());
    const MatrixOf<T> column = columns<T>(layer, terms, span, t, Feedback());
    for (int64_t s = 0; s < tokens; ++s) {
      byRows.at(t, s) = static_cast<double>(row.at(0, s));
      byColumns.at(s, t) = static_cast<double>(column.at(0, s));
    }
  }
  EXPECT_LE(difference(byRows, expected), kTolerance<T>);
  EXPECT_LE(difference(byColumns, expected), kTolerance<T>);
}

/// Products with basis vectors: apply is a column, applyTransposed a row; and the additive terms.
template <typename T>
void expectProductsAgree(const LayerFactors& layer, const MapTerms& terms, int64_t lane) {
  const Matrix64 expected = closedForm(layer, terms, lane);
  const double scale = std::max(largest(expected), 1e-300);
  for (const int64_t at : {int64_t{0}, layer.tokens / 2, layer.tokens - 1}) {
    at::Tensor basis = at::zeros_like(layer.x);
    basis[at].fill_(1.0);
    const at::Tensor column =
        apply(layer, terms, basis, false, Feedback()).select(1, lane).to(at::kDouble).contiguous();
    const at::Tensor row =
        applyTransposed(layer, terms, basis, Feedback()).select(1, lane).to(at::kDouble).contiguous();
    for (int64_t i = 0; i < layer.tokens; ++i) {
      ASSERT_LE(std::abs(column.data_ptr<double>()[i] - expected.at(i, at)), kTolerance<T> * scale) << i;
      ASSERT_LE(std::abs(row.data_ptr<double>()[i] - expected.at(at, i)), kTolerance<T> * scale) << i;
    }
  }
  const at::Tensor additive =
      apply(layer, terms, at::zeros_like(layer.x), true, Feedback()).select(1, lane).to(at::kDouble);
  Matrix64 closed = closedFormAdditive(layer, terms, lane);
  const at::Tensor wanted = at::from_blob(closed.values.data(), {layer.tokens}, at::kDouble);
  ASSERT_LE((additive - wanted).abs().max().template item<double>(), kTolerance<T> * largest(closed));
}

}  // namespace uc::test
