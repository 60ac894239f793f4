// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/single_signed.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace uc {
namespace {

/// Stops at the first negative number, which signed factors have early on. NaN is none.
template <typename T>
bool hasNegative(const at::Tensor& tensor) {
  const T* values = tensor.data_ptr<T>();
  return std::any_of(values, values + tensor.numel(), [](T value) { return value < T(0); });
}

bool isNeverNegative(const at::Tensor& tensor) {
  if (!tensor.defined()) return true;
  return tensor.scalar_type() == at::kDouble ? !hasNegative<double>(tensor) : !hasNegative<float>(tensor);
}

bool isScanNeverNegative(const LayerFactors& layer) {
  switch (layer.kind) {
    case ScanKind::Decay:
      return isNeverNegative(layer.query) && isNeverNegative(layer.key) &&
             (!layer.readsBeforeDecay || isNeverNegative(layer.diagonal));
    case ScanKind::LogSum:
    case ScanKind::Softmax:
      return true;
    case ScanKind::DeltaRule:
      return false;
  }
  return false;
}

}  // namespace

std::optional<EqualMap> asSignedMean(const LayerFactors& layer, const MapQuery& query) {
  const bool isMeanAbs = query.lanes.merge == Merge::MeanAbs;
  if (!isMeanAbs && query.lanes.merge != Merge::PositiveMean) return std::nullopt;
  if (query.timesInput || layer.backward) return std::nullopt;
  const auto isOn = [&](Factor factor) {
    return query.terms.factors.has(factor) && layer.kind != ScanKind::Softmax;
  };
  const bool isSigned = (isOn(Factor::Convolution) && !isNeverNegative(layer.taps)) ||
                        (isOn(Factor::Skip) && !isNeverNegative(layer.skip)) ||
                        (query.terms.factors.has(Factor::Scan) && !isScanNeverNegative(layer)) ||
                        (isOn(Factor::Activation) && !isNeverNegative(layer.columnScale));
  if (isSigned) return std::nullopt;
  EqualMap equal{layer, query};
  equal.query.lanes.merge = Merge::Mean;
  if (isOn(Factor::Gate) && !isNeverNegative(layer.rowScale)) {
    equal.layer.rowScale = isMeanAbs ? layer.rowScale.abs() : layer.rowScale.clamp_min(0);
  }
  return equal;
}

std::optional<EqualMap> SignedMean::of(const LayerFactors& layer, const MapQuery& query) {
  if (query.timesInput) return std::nullopt;
  if (m_merge != query.lanes.merge || m_factors != query.terms.factors) {
    const std::optional<EqualMap> found = asSignedMean(layer, query);
    m_merge = query.lanes.merge;
    m_factors = query.terms.factors;
    m_equal = found ? std::optional(found->layer) : std::nullopt;
    const bool isOwn = found && !found->layer.rowScale.is_same(layer.rowScale);
    m_bytes = isOwn ? static_cast<int64_t>(found->layer.rowScale.nbytes()) : 0;
  }
  if (!m_equal) return std::nullopt;
  EqualMap equal{*m_equal, query};
  equal.query.lanes.merge = Merge::Mean;
  return equal;
}

int64_t SignedMean::bytes() const { return m_bytes; }

}  // namespace uc
