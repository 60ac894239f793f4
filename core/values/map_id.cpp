// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/values/map_id.h"

#include "core/values/names.h"

namespace uc {
namespace {

constexpr Names<Factor, 6> kFactors{{{{Factor::Gate, "gate"},
                                      {Factor::Scan, "scan"},
                                      {Factor::Activation, "activation"},
                                      {Factor::Convolution, "convolution"},
                                      {Factor::Skip, "skip"},
                                      {Factor::NoStep, "no-step"}}}};

constexpr Names<Convention, 4> kConventions{{{{Convention::Exact, "exact"},
                                              {Convention::Unified, "unified"},
                                              {Convention::ScanOnly, "scan"},
                                              {Convention::NoStep, "no-step"}}}};

constexpr Names<Merge, 5> kMerges{{{{Merge::Mean, "mean"},
                                    {Merge::MeanAbs, "mean-abs"},
                                    {Merge::MaxAbs, "max-abs"},
                                    {Merge::L2, "l2"},
                                    {Merge::PositiveMean, "positive-mean"}}}};

constexpr Names<Direction, 3> kDirections{
    {{{Direction::Forward, "forward"}, {Direction::Backward, "backward"}, {Direction::Both, "both"}}}};

constexpr Names<Pooling, 2> kPoolings{{{{Pooling::Mean, "mean"}, {Pooling::MaxAbs, "max-abs"}}}};

}  // namespace

MapFactors named(Convention convention) {
  const Factors unified{Factor::Gate, Factor::Scan, Factor::Activation, Factor::Convolution};
  switch (convention) {
    case Convention::Exact:
      return {convention, unified.with(Factor::Skip)};
    case Convention::ScanOnly:
      return {convention, Factors{Factor::Scan}};
    case Convention::NoStep:
      return {convention, Factors{Factor::Scan, Factor::NoStep}};
    case Convention::Unified:
    case Convention::Custom:
      break;
  }
  return {Convention::Unified, unified};
}

MapFactors custom(Factors factors) { return {Convention::Custom, factors}; }

std::string_view name(Factor factor) { return kFactors.of(factor); }
std::string_view name(Convention convention) {
  return convention == Convention::Custom ? "custom" : kConventions.of(convention);
}
std::string_view name(Merge merge) { return kMerges.of(merge); }
std::string_view name(Direction direction) { return kDirections.of(direction); }
std::string_view name(Pooling pooling) { return kPoolings.of(pooling); }

std::optional<Factor> factorNamed(std::string_view text) { return kFactors.find(text); }
std::optional<Convention> conventionNamed(std::string_view text) { return kConventions.find(text); }
std::optional<Merge> mergeNamed(std::string_view text) { return kMerges.find(text); }
std::optional<Direction> directionNamed(std::string_view text) { return kDirections.find(text); }
std::optional<Pooling> poolingNamed(std::string_view text) { return kPoolings.find(text); }

const std::vector<Factor>& allFactors() {
  static const std::vector<Factor> all = kFactors.keys();
  return all;
}
const std::vector<Convention>& allConventions() {
  static const std::vector<Convention> all = kConventions.keys();
  return all;
}
const std::vector<Merge>& allMerges() {
  static const std::vector<Merge> all = kMerges.keys();
  return all;
}

std::string factorList(Factors factors) {
  std::string result;
  for (Factor factor : allFactors()) {
    if (!factors.has(factor)) continue;
    if (!result.empty()) result += ',';
    result += name(factor);
  }
  return result;
}

bool isUnsigned(const LaneChoice& lanes) {
  if (lanes.kind == LaneChoice::Kind::Lane) return false;
  return lanes.merge == Merge::MeanAbs || lanes.merge == Merge::L2 || lanes.merge == Merge::PositiveMean;
}

std::string title(const MapFactors& factors) {
  return factors.convention == Convention::Custom ? factorList(factors.factors)
                                                  : std::string(name(factors.convention));
}

std::string title(const LaneChoice& lanes) {
  switch (lanes.kind) {
    case LaneChoice::Kind::Lane:
      return "lane " + std::to_string(lanes.index);
    case LaneChoice::Kind::Head:
      return "head " + std::to_string(lanes.index) + ", " + std::string(name(lanes.merge));
    case LaneChoice::Kind::All:
      break;
  }
  return std::string(name(lanes.merge));
}

}  // namespace uc
