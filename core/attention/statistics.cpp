// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/statistics.h"

#include "core/attention/lane_tile.h"
#include "core/attention/parallel.h"
#include "core/attention/statistics_kernels.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

namespace uc {
namespace {

using statistics_kernels::RowSums;

constexpr int64_t kMostRows = 2048;
constexpr int64_t kMostDistances = 256;  // of the profile whose period is looked for

constexpr Factors kUnifiedFactors = {Factor::Gate, Factor::Scan, Factor::Activation, Factor::Convolution};

double ratio(double part, double whole) { return part == 0.0 && whole == 0.0 ? 0.0 : part / whole; }

/// What the rows of one lane have added up to.
struct LaneSums {
  std::vector<double> earlier;  // [L] mass at s = t − (L − 1 − i)
  std::vector<double> later;    // [L] mass at s = t + i, i ≥ 1
  std::vector<double> columns;  // [L]
  std::vector<float> rowMass;   // [rows]
  double mass = 0.0, signedMass = 0.0, entropy = 0.0, repeated = 0.0;
  int64_t massiveRows = 0;

  void clear(int64_t tokens, int64_t rows) {
    for (auto* list : {&earlier, &later, &columns}) list->assign(static_cast<size_t>(tokens), 0.0);
    rowMass.assign(static_cast<size_t>(rows), 0.0F);
    mass = signedMass = entropy = repeated = 0.0;
    massiveRows = 0;
  }

  void addRow(const RowSums& row, int64_t i) {
    mass += row.mass;
    signedMass += row.signedMass;
    rowMass[static_cast<size_t>(i)] = static_cast<float>(row.mass);
    if (!(row.mass > 0.0)) return;
    entropy +=
        std::max(std::log2(row.mass) - row.massLog2 / row.mass, 0.0);  // roundings aside, never negative
    ++massiveRows;
  }

  /// Mass at |t − s| = distance.
  double at(int64_t distance) const {
    const auto tokens = static_cast<int64_t>(earlier.size());
    const double before = earlier[static_cast<size_t>(tokens - 1 - distance)];
    return distance == 0 ? before : before + later[static_cast<size_t>(distance)];
  }
};

/// Rows of the lanes of one scan, in all directions.
template <typename T>
class LaneRows {
 public:
  LaneRows(const std::vector<DirectedView<T>>& directions,
           const std::vector<std::unique_ptr<Crossings<T>>>& crossings)
      : m_directions(directions), m_tokens(directions.front().view.tokens) {
    for (size_t i = 0; i < directions.size(); ++i) {
      m_tiles.emplace_back(directions[i].view, *crossings[i]);
      m_tiles.back().setPanel(0, m_tokens, m_tokens);
    }
    m_row.resize(static_cast<size_t>(m_tokens));
    m_part.resize(m_row.size());
  }

  void setScan(int64_t scan, int64_t lane0, int64_t lane1) {
    for (LaneTile<T>& tile : m_tiles) tile.setScan(scan, lane0, lane1);
  }
  /// Picture rows [row0, row1).
  void setRows(int64_t row0, int64_t row1) {
    for (size_t i = 0; i < m_tiles.size(); ++i) {
      const bool isReversed = m_directions[i].isReversed;
      m_tiles[i].setRows(isReversed ? m_tokens - row1 : row0, isReversed ? m_tokens - row0 : row1);
    }
  }
  void setLane(int64_t lane) {
    for (LaneTile<T>& tile : m_tiles) tile.setLane(lane);
  }

  /// Columns [0, t] of one direction, or all columns of two.
  const T* row(int64_t t) {
    m_tiles.front().row(t, m_row.data());
    for (size_t i = 1; i < m_tiles.size(); ++i) {
      m_tiles[i].row(m_tokens - 1 - t, m_part.data());
      m_row[static_cast<size_t>(t)] += m_part[static_cast<size_t>(m_tokens - 1 - t)];
      std::reverse_copy(m_part.begin(), m_part.begin() + (m_tokens - 1 - t), m_row.begin() + t + 1);
    }
    return m_row.data();
  }
  bool hasLater() const { return m_tiles.size() > 1; }

 private:
  const std::vector<DirectedView<T>>& m_directions;
  const int64_t m_tokens;
  std::vector<LaneTile<T>> m_tiles;
  std::vector<T> m_row, m_part;
};

template <typename T>
void addRowTo(LaneRows<T>& rows, int64_t t, int64_t index, const TokenFacts& facts, LaneSums& sums) {
  const auto tokens = static_cast<int64_t>(sums.columns.size());
  const T* h = rows.row(t);
  RowSums row;
  statistics_kernels::addEntries(h, t + 1, sums.earlier.data() + (tokens - 1 - t), sums.columns.data(), row);
  if (rows.hasLater()) {
    statistics_kernels::addEntries(h + t + 1, tokens - 1 - t, sums.later.data() + 1,
                                   sums.columns.data() + t + 1, row);
  }
  sums.addRow(row, index);
  if (facts.repeats.empty()) return;
  for (const int64_t s : facts.repeats[static_cast<size_t>(t)])
    sums.repeated += std::abs(static_cast<double>(h[s]));
}

/// What the distances of a lane alone would put on the repeated tokens' columns.
double expectedRepeats(const LaneSums& sums, const std::vector<int64_t>& rows, const TokenFacts& facts) {
  if (facts.repeats.empty()) return 0.0;
  const auto stride = rows.size() > 1 ? rows[1] - rows[0] : 1;
  double expected = 0.0;
  for (const int64_t t : rows) {
    for (const int64_t s : facts.repeats[static_cast<size_t>(t)]) {
      const auto tokens = static_cast<int64_t>(sums.columns.size());
      const int64_t seen = (tokens - (t - s) - 1) / stride + 1;  // rows that have this distance
      expected += sums.at(t - s) / static_cast<double>(seen);
    }
  }
  return expected;
}

LaneStatistics finished(const LaneSums& sums, const std::vector<int64_t>& rows, const TokenFacts& facts) {
  const auto tokens = static_cast<int64_t>(sums.columns.size());
  LaneStatistics lane;
  double distance = 0.0, window = 0.0;
  for (int64_t d = 0; d < tokens; ++d) {
    distance += sums.at(d) * static_cast<double>(d);
    if (d < role_rules::kWindow) window += sums.at(d);
  }
  lane.meanDistance = ratio(distance, sums.mass);
  lane.entropy = ratio(sums.entropy, static_cast<double>(sums.massiveRows));
  lane.diagonalShare = ratio(sums.at(0), sums.mass);
  lane.firstTokenShare = ratio(sums.columns.front(), sums.mass);
  lane.signBalance = ratio(sums.signedMass, sums.mass);
  lane.rows = static_cast<int64_t>(rows.size());
  lane.previousShare = tokens > 1 ? ratio(sums.at(1), sums.mass) : 0.0;
  lane.windowShare = ratio(window, sums.mass);
  double delimiters = 0.0;
  for (size_t s = 0; s < facts.isDelimiter.size(); ++s) {
    if (facts.isDelimiter[s] != 0) delimiters += sums.columns[s];
  }
  lane.delimiterShare = ratio(delimiters, sums.mass);
  std::vector<double> profile;
  for (int64_t d = 1; d <= std::min(tokens / 2, kMostDistances); ++d) {
    profile.push_back(sums.at(d) / static_cast<double>(tokens - d));
  }
  lane.periodicity = periodicityOf(profile);
  lane.inductionShare = ratio(sums.repeated, sums.mass);
  lane.inductionLift = ratio(sums.repeated, expectedRepeats(sums, rows, facts));
  return lane;
}

template <typename T>
class LayerPass {
 public:
  LayerPass(const LayerFactors& layer, const TokenFacts& facts, const Feedback& feedback)
      : m_directions(directionsOf<T>(layer, kUnifiedFactors)),
        m_facts(facts),
        m_rows(statisticsRows(layer.tokens)),
        m_scanLanes(layer.lanes / layer.scans),
        m_lanesKept(layer.kind == ScanKind::Softmax ? 1 : m_scanLanes) {
    for (const DirectedView<T>& direction : m_directions) {
      m_crossings.push_back(std::make_unique<Crossings<T>>(direction.view, 0, layer.scans, 0, layer.tokens,
                                                           static_cast<int64_t>(m_rows.size()), feedback));
    }
    m_rowMass.resize(static_cast<size_t>(layer.scans * m_lanesKept) * m_rows.size());
  }

  std::vector<LaneStatistics> run(int64_t scans, const Feedback& feedback) {
    std::vector<LaneStatistics> result(static_cast<size_t>(scans * m_lanesKept));
    std::vector<std::unique_ptr<LaneRows<T>>> rows(static_cast<size_t>(workersFor(scans)));
    for (auto& mine : rows) mine = std::make_unique<LaneRows<T>>(m_directions, m_crossings);
    parallelFor(
        scans,
        [&](int64_t scan, int64_t w) { addScan(scan, *rows[static_cast<size_t>(w)], result, feedback); },
        "Measuring the lanes", feedback);
    findDead(result);
    return result;
  }

 private:
  void addScan(int64_t scan, LaneRows<T>& rows, std::vector<LaneStatistics>& result,
               const Feedback& feedback) {
    const int64_t tokens = m_directions.front().view.tokens, lane0 = scan * m_scanLanes;
    rows.setScan(scan, lane0, lane0 + m_scanLanes);
    std::vector<LaneSums> sums(static_cast<size_t>(m_lanesKept));
    for (LaneSums& lane : sums) lane.clear(tokens, static_cast<int64_t>(m_rows.size()));
    for (size_t i = 0; i < m_rows.size();) {
      const size_t end = blockEnd(i);
      rows.setRows(m_rows[i], m_rows[end - 1] + 1);
      for (int64_t d = 0; d < m_lanesKept; ++d) {
        feedback.checkpoint();
        rows.setLane(lane0 + d);
        for (size_t k = i; k < end; ++k) {
          addRowTo(rows, m_rows[k], static_cast<int64_t>(k), m_facts, sums[static_cast<size_t>(d)]);
        }
      }
      i = end;
    }
    for (int64_t d = 0; d < m_lanesKept; ++d) {
      const auto at = static_cast<size_t>(scan * m_lanesKept + d);
      result[at] = finished(sums[static_cast<size_t>(d)], m_rows, m_facts);
      result[at].lane = static_cast<int64_t>(at);
      std::copy(sums[static_cast<size_t>(d)].rowMass.begin(), sums[static_cast<size_t>(d)].rowMass.end(),
                m_rowMass.begin() + static_cast<int64_t>(at * m_rows.size()));
    }
  }

  /// The end of the rows that follow row i without a gap in one block of tokens.
  size_t blockEnd(size_t i) const {
    size_t end = i + 1;
    while (end < m_rows.size() && m_rows[end] == m_rows[end - 1] + 1 &&
           m_rows[end] / kBlockTokens == m_rows[i] / kBlockTokens) {
      ++end;
    }
    return end;
  }

  void findDead(std::vector<LaneStatistics>& result) const {
    std::vector<float> sorted = m_rowMass;
    const auto middle = sorted.begin() + static_cast<int64_t>(sorted.size() / 2);
    std::replace_if(
        sorted.begin(), sorted.end(), [](float mass) { return std::isnan(mass); }, 0.0F);
    std::nth_element(sorted.begin(), middle, sorted.end());
    const double least = static_cast<double>(*middle) * role_rules::kDeadRow;
    for (size_t lane = 0; lane < result.size(); ++lane) {
      const auto begin = m_rowMass.begin() + static_cast<int64_t>(lane * m_rows.size());
      const auto dead = std::count_if(begin, begin + static_cast<int64_t>(m_rows.size()), [&](float mass) {
        return mass == 0.0F || static_cast<double>(mass) < least;
      });
      result[lane].deadShare = static_cast<double>(dead) / static_cast<double>(m_rows.size());
    }
  }

  const std::vector<DirectedView<T>> m_directions;
  std::vector<std::unique_ptr<Crossings<T>>> m_crossings;  // one a direction
  const TokenFacts& m_facts;
  const std::vector<int64_t> m_rows;
  const int64_t m_scanLanes, m_lanesKept;
  std::vector<float> m_rowMass;  // [lanes, rows]
};

/// Mean over tokens and states of −log a of each scan, in both directions.
std::vector<double> meanLogDecays(const LayerFactors& layer) {
  const auto tokens = static_cast<double>(layer.tokens);
  at::Tensor mean;  // [C]
  if (layer.kind == ScanKind::LogSum) {
    mean = -layer.rate.to(at::kDouble).mean(1);
  } else if (layer.logDecay.defined()) {
    mean = -layer.logDecay.to(at::kDouble).mean(at::IntArrayRef{0, 2});
  } else {
    mean = -(layer.step.to(at::kDouble).sum(0) / tokens) * layer.rate.to(at::kDouble).mean(1);
  }
  mean = mean.contiguous();
  std::vector<double> result(mean.data_ptr<double>(), mean.data_ptr<double>() + mean.numel());
  if (layer.backward) {
    const std::vector<double> other = meanLogDecays(*layer.backward);
    for (size_t i = 0; i < result.size(); ++i) result[i] = 0.5 * (result[i] + other[i]);
  }
  return result;
}

/// Σ_t y² of each lane, or head.
std::vector<double> outputSquares(const LayerFactors& layer, int64_t count) {
  const at::Tensor squares = layer.y.to(at::kDouble).square().sum(0).view({count, -1}).sum(1).contiguous();
  return {squares.data_ptr<double>(), squares.data_ptr<double>() + count};
}

}  // namespace

double outputEnergy(const LayerFactors& layer) {
  return layer.y.to(at::kDouble).square().sum().item<double>();
}

std::vector<int64_t> statisticsRows(int64_t tokens) {
  const int64_t stride = (tokens + kMostRows - 1) / kMostRows;
  std::vector<int64_t> rows;
  for (int64_t t = 0; t < tokens; t += stride) rows.push_back(t);
  if (rows.back() != tokens - 1) rows.push_back(tokens - 1);
  return rows;
}

std::vector<LaneStatistics> layerStatistics(const LayerFactors& layer, const TokenFacts& facts,
                                            const Feedback& feedback) {
  feedback.checkpoint();
  std::vector<LaneStatistics> lanes =
      layer.x.scalar_type() == at::kDouble
          ? LayerPass<double>(layer, facts, feedback).run(layer.scans, feedback)
          : LayerPass<float>(layer, facts, feedback).run(layer.scans, feedback);
  const auto count = static_cast<int64_t>(lanes.size());
  const std::vector<double> squares = outputSquares(layer, count);
  const double all = std::accumulate(squares.begin(), squares.end(), 0.0);
  const std::vector<double> decays =
      layer.kind == ScanKind::Softmax ? std::vector<double>() : meanLogDecays(layer);
  const auto delimiters = std::count(facts.isDelimiter.begin(), facts.isDelimiter.end(), 1);
  for (LaneStatistics& lane : lanes) {
    lane.outputShare = ratio(squares[static_cast<size_t>(lane.lane)], all);
    if (!decays.empty()) {
      lane.halfLife =
          std::log(2.0) / std::abs(decays[static_cast<size_t>(lane.lane * layer.scans / layer.lanes)]);
    }
    lane.roles = rolesOf(lane, layer.tokens, delimiters);
  }
  return lanes;
}

std::vector<double> decayCurve(const LayerFactors& layer, int64_t lane) {
  if (layer.kind == ScanKind::Softmax) return {};
  const int64_t scan = lane * layer.scans / layer.lanes;
  at::Tensor curve;  // [L]
  if (layer.logDecay.defined()) {
    curve = -layer.logDecay.select(1, scan).to(at::kDouble).mean(1).expand({layer.tokens});
  } else {
    const double rate = -layer.rate[scan].to(at::kDouble).mean().item<double>();
    curve = at::full({layer.tokens}, rate, at::kDouble);
    if (layer.step.defined()) curve = curve * layer.step.select(1, scan).to(at::kDouble);
  }
  curve = curve.contiguous();
  return {curve.data_ptr<double>(), curve.data_ptr<double>() + layer.tokens};
}

}  // namespace uc
