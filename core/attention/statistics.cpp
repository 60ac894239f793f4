// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/statistics.h"

#include "core/attention/lane_rows.h"
#include "core/attention/parallel.h"
#include "core/attention/statistics_kernels.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <utility>

namespace uc {
namespace {

using statistics_kernels::RowSums;

constexpr int64_t kMostRows = 2048;
constexpr int64_t kMostDistances = 256;  // of the profile whose period is looked for
constexpr int64_t kPanelCols = 2048;     // that rows are made of at a time: megabytes of keys a thread

constexpr Factors kUnifiedFactors = {Factor::Gate, Factor::Scan, Factor::Activation, Factor::Convolution};

double ratio(double part, double whole) { return part == 0.0 && whole == 0.0 ? 0.0 : part / whole; }

/// What the rows of one lane have added up to.
struct LaneSums {
  std::vector<double> earlier;  // [L] mass at s = t − (L − 1 − i)
  std::vector<double> later;    // [L] mass at s = t + i, i ≥ 1; empty: there are none
  std::vector<double> columns;  // [L]
  std::vector<RowSums> rows;
  double mass = 0.0, signedMass = 0.0, entropy = 0.0, repeated = 0.0;
  int64_t massiveRows = 0;

  LaneSums(int64_t tokens, size_t rowCount, bool hasLater)
      : earlier(static_cast<size_t>(tokens)),
        later(hasLater ? earlier.size() : 0),
        columns(earlier.size()),
        rows(rowCount) {}

  /// Once a row has all of its columns.
  void finishRow(const RowSums& row) {
    mass += row.mass;
    signedMass += row.signedMass;
    if (!(row.mass > 0.0)) return;
    entropy +=
        std::max(std::log2(row.mass) - row.massLog2 / row.mass, 0.0);  // roundings aside, never negative
    ++massiveRows;
  }

  /// Mass at |t − s| = distance.
  double at(int64_t distance) const {
    const auto tokens = static_cast<int64_t>(earlier.size());
    const double before = earlier[static_cast<size_t>(tokens - 1 - distance)];
    return distance == 0 || later.empty() ? before : before + later[static_cast<size_t>(distance)];
  }
};

/// The columns of a panel, from col0 on, of row t, which is the index-th that is looked at.
template <typename T>
void addRowTo(LaneRows<T>& rows, int64_t t, int64_t col0, size_t index, const TokenFacts& facts,
              LaneSums& sums) {
  const auto tokens = static_cast<int64_t>(sums.columns.size());
  const int64_t count = rows.attended(t), upTo = std::clamp<int64_t>(t + 1 - col0, 0, count);
  if (count == 0) return;
  const T* h = rows.row(t);
  RowSums& row = sums.rows[index];
  double* columns = sums.columns.data() + col0;
  statistics_kernels::addEntries(h, upTo, sums.earlier.data() + (tokens - 1 - t + col0), columns, row);
  if (upTo < count) {
    statistics_kernels::addEntries(h + upTo, count - upTo, sums.later.data() + (col0 + upTo - t),
                                   columns + upTo, row);
  }
  if (facts.repeats.empty()) return;
  for (const int64_t s : facts.repeats[static_cast<size_t>(t)])
    if (col0 <= s && s < col0 + upTo) sums.repeated += std::abs(static_cast<double>(h[s - col0]));
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

/// One pass over a layer, or over some of its lanes.
template <typename T>
class LayerPass {
 public:
  LayerPass(const LayerFactors& layer, const TokenFacts& facts, const Feedback& feedback)
      : m_directions(directionsOf<T>(layer, kUnifiedFactors)),
        m_facts(facts),
        m_rows(statisticsRows(layer.tokens)),
        m_crossings(crossingsOf(m_directions, static_cast<int64_t>(m_rows.size()), feedback)),
        m_scans(layer.scans),
        m_scanLanes(layer.lanes / layer.scans),
        m_lanesKept(layer.kind == ScanKind::Softmax ? 1 : m_scanLanes) {}

  /// Appends the masses of each lane's rows to `rowMass`.
  std::vector<LaneStatistics> run(std::vector<float>& rowMass, const Feedback& feedback) {
    std::vector<LaneStatistics> result(static_cast<size_t>(m_scans * m_lanesKept));
    const size_t before = rowMass.size();
    rowMass.resize(before + result.size() * m_rows.size());
    std::vector<std::unique_ptr<LaneRows<T>>> rows(static_cast<size_t>(workersFor(m_scans)));
    for (auto& mine : rows) mine = std::make_unique<LaneRows<T>>(m_directions, m_crossings);
    parallelFor(
        m_scans,
        [&](int64_t scan, int64_t w) {
          const std::vector<LaneSums> sums = sumsOf(scan, *rows[static_cast<size_t>(w)], feedback);
          for (size_t d = 0; d < sums.size(); ++d) {
            const size_t lane = static_cast<size_t>(scan * m_lanesKept) + d;
            result[lane] = finished(sums[d], m_rows, m_facts);
            std::transform(sums[d].rows.begin(), sums[d].rows.end(),
                           rowMass.begin() + static_cast<int64_t>(before + lane * m_rows.size()),
                           [](const RowSums& row) { return static_cast<float>(row.mass); });
          }
        },
        "Measuring the lanes", feedback);
    return result;
  }

 private:
  /// Panel after panel of columns, so that what is held beside the sums does not grow with the tokens.
  std::vector<LaneSums> sumsOf(int64_t scan, LaneRows<T>& rows, const Feedback& feedback) {
    const int64_t tokens = m_directions.front().view.tokens, lane0 = scan * m_scanLanes;
    const bool hasLater = m_directions.size() > 1;
    std::vector<LaneSums> sums(static_cast<size_t>(m_lanesKept), LaneSums(tokens, m_rows.size(), hasLater));
    for (int64_t col = 0; col < tokens; col += kPanelCols) {
      rows.setPanel(col, std::min(col + kPanelCols, tokens));
      rows.setScan(scan, lane0, lane0 + m_scanLanes);
      for (size_t i = 0; i < m_rows.size();) {
        const size_t end = blockEnd(i);
        if (hasLater || m_rows[end - 1] >= col) {
          rows.setRows(m_rows[i], m_rows[end - 1] + 1);
          for (int64_t d = 0; d < m_lanesKept; ++d) {
            feedback.checkpoint();
            rows.setLane(lane0 + d);
            for (size_t k = i; k < end; ++k)
              addRowTo(rows, m_rows[k], col, k, m_facts, sums[static_cast<size_t>(d)]);
          }
        }
        i = end;
      }
    }
    for (LaneSums& lane : sums)
      for (const RowSums& row : lane.rows) lane.finishRow(row);
    return sums;
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

  const std::vector<DirectedView<T>> m_directions;
  const TokenFacts& m_facts;
  const std::vector<int64_t> m_rows;
  const std::vector<std::unique_ptr<Crossings<T>>> m_crossings;  // one a direction
  const int64_t m_scans, m_scanLanes, m_lanesKept;
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

std::vector<int64_t> statisticsRows(int64_t tokens) {
  const int64_t stride = (tokens + kMostRows - 1) / kMostRows;
  std::vector<int64_t> rows;
  for (int64_t t = 0; t < tokens; t += stride) rows.push_back(t);
  if (rows.back() != tokens - 1) rows.push_back(tokens - 1);
  return rows;
}

LayerStatistics::LayerStatistics(const TokenFacts& facts) : m_facts(facts) {}

void LayerStatistics::add(const LayerFactors& part, const Feedback& feedback) {
  feedback.checkpoint();
  std::vector<LaneStatistics> lanes =
      part.x.scalar_type() == at::kDouble
          ? LayerPass<double>(part, m_facts, feedback).run(m_rowMass, feedback)
          : LayerPass<float>(part, m_facts, feedback).run(m_rowMass, feedback);
  m_tokens = part.tokens;
  const auto count = static_cast<int64_t>(lanes.size());
  const std::vector<double> squares = outputSquares(part, count);
  const std::vector<double> decays =
      part.kind == ScanKind::Softmax ? std::vector<double>() : meanLogDecays(part);
  for (int64_t i = 0; i < count; ++i) {
    LaneStatistics& lane = lanes[static_cast<size_t>(i)];
    lane.lane = static_cast<int64_t>(m_lanes.size());
    lane.outputShare = squares[static_cast<size_t>(i)];
    if (!decays.empty())
      lane.halfLife = std::log(2.0) / std::abs(decays[static_cast<size_t>(i * part.scans / part.lanes)]);
    m_lanes.push_back(lane);
  }
}

std::vector<LaneStatistics> LayerStatistics::take() {
  if (m_lanes.empty()) return {};
  const double all = std::accumulate(m_lanes.begin(), m_lanes.end(), 0.0,
                                     [](double sum, const auto& lane) { return sum + lane.outputShare; });
  findDead();
  const auto delimiters = std::count(m_facts.isDelimiter.begin(), m_facts.isDelimiter.end(), 1);
  for (LaneStatistics& lane : m_lanes) {
    lane.outputShare = ratio(lane.outputShare, all);
    lane.roles = rolesOf(lane, m_tokens, delimiters);
  }
  return std::exchange(m_lanes, {});
}

void LayerStatistics::findDead() {
  std::vector<float> sorted = m_rowMass;
  const auto middle = sorted.begin() + static_cast<int64_t>(sorted.size() / 2);
  std::replace_if(
      sorted.begin(), sorted.end(), [](float mass) { return std::isnan(mass); }, 0.0F);
  std::nth_element(sorted.begin(), middle, sorted.end());
  const double least = static_cast<double>(*middle) * role_rules::kDeadRow;
  const size_t rows = m_rowMass.size() / m_lanes.size();
  for (size_t lane = 0; lane < m_lanes.size(); ++lane) {
    const auto begin = m_rowMass.begin() + static_cast<int64_t>(lane * rows);
    const auto dead = std::count_if(begin, begin + static_cast<int64_t>(rows), [&](float mass) {
      return mass == 0.0F || static_cast<double>(mass) < least;
    });
    m_lanes[lane].deadShare = static_cast<double>(dead) / static_cast<double>(rows);
  }
}

std::vector<LaneStatistics> layerStatistics(const LayerFactors& layer, const TokenFacts& facts,
                                            const Feedback& feedback) {
  LayerStatistics statistics(facts);
  statistics.add(layer, feedback);
  return statistics.take();
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
