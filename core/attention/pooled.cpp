// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/pooled.h"

#include "core/attention/parallel.h"
#include "core/attention/pool_kernels.h"
#include "core/attention/pooled_scan.h"
#include "core/attention/single_signed.h"

#include <algorithm>
#include <cassert>
#include <memory>
#include <utility>

namespace uc {
namespace {

// Lanes are summed in T within a slab of this many states, in double between slabs. Narrower slabs wait for
// memory: each token of one lies in another page.
constexpr int64_t kSlabElements = 1024;
// Fewer states where the pixels are many: what a slab holds of them on all threads together.
constexpr int64_t kMostBytes = int64_t{256} << 20;
// All lanes of a head share the matrices of the delta rule, which are dear to make.
constexpr int64_t kSlabElementsOfDelta = 4096;
// Rows of pixels that are summed in double at a time.
constexpr int64_t kBandRows = 2048;
constexpr int64_t kStretchesPerCheck = 256;

/// The pixels of one direction for a slab of lanes after another. One thread.
template <typename A>
class PooledSlab {
 public:
  PooledSlab(const PooledLayout& layout, std::unique_ptr<PooledScan<A>> scan)
      : m_layout(layout), m_scan(std::move(scan)) {}

  /// Sums over the states [first, last): [rows, cols].
  const std::vector<A>& compute(int64_t first, int64_t last, const Feedback& feedback) {
    m_scan->setStates(first, last);
    m_elements = m_scan->elements();
    m_transferSize = m_scan->transferSize();
    const auto room = [](int64_t rows, int64_t width) { return static_cast<size_t>(rows * width); };
    const auto stretches = static_cast<int64_t>(m_layout.stretches.size());
    m_transfers.resize(room(stretches, m_transferSize));
    m_toRow.resize(room(1, m_transferSize));
    m_reads.resize(room(m_layout.rows(), m_elements));
    m_states.resize(room(m_layout.cols(), m_elements));
    m_read.resize(room(1, m_elements));
    m_state.resize(room(1, m_elements));
    m_sums.assign(room(m_layout.rows(), m_layout.cols()), A(0));
    for (int64_t i = 0; i < stretches; ++i) {
      if (i % kStretchesPerCheck == 0) feedback.checkpoint();
      addStretch(i);
    }
    if (m_elements > 0 && stretches > 0) multiply(0, stretches, feedback);
    return m_sums;
  }

 private:
  A* transferOf(int64_t stretch) { return m_transfers.data() + stretch * m_transferSize; }
  A* stateOf(int64_t col) { return m_states.data() + col * m_elements; }
  A* readOf(int64_t row) { return m_reads.data() + row * m_elements; }

  /// What the stretch's row of pixels reads of the columns that are open, and how the stretch changes both.
  void addStretch(int64_t i) {
    const Stretch& stretch = m_layout.stretches[static_cast<size_t>(i)];
    const StretchFactors<A> factors{transferOf(i), m_read.data(), m_state.data()};
    if (stretch.fed >= stretch.fedEnd) m_scan->fill(stretch, 0, 0, factors);
    for (int64_t col = stretch.fedEnd - 1; col >= stretch.open; --col) {
      const auto at = static_cast<size_t>(col);
      const bool isFed = col >= stretch.fed;
      double sum = 0.0;
      if (isFed) sum = m_scan->fill(stretch, m_layout.colEdges[at], m_layout.colEdges[at + 1], factors);
      A* state = stateOf(col);
      if (m_layout.colEdges[at] == stretch.begin) {
        std::copy(m_state.begin(), m_state.end(), state);
      } else {
        if (stretch.row >= 0) {
          A near = A(0);
          m_kernels.multiply(m_read.data(), 1, state, 1, m_elements, &near, 1);
          sum += static_cast<double>(near);
        }
        m_scan->carryStates(factors.transfer, 1, state);
        if (isFed) m_kernels.addRows(m_state.data(), 1, m_elements, state);
      }
      if (stretch.row >= 0)
        m_sums[static_cast<size_t>(stretch.row * m_layout.cols() + col)] += static_cast<A>(sum);
    }
    if (stretch.row >= 0) addRead(stretch, factors.transfer);
  }

  /// Of a row of pixels that began before all columns nothing is read from afar.
  void addRead(const Stretch& stretch, const A* transfer) {
    A* read = readOf(stretch.row);
    if (stretch.beginsRow) {
      std::copy(m_read.begin(), m_read.end(), read);
      std::copy_n(transfer, m_transferSize, m_toRow.data());
    } else if (m_layout.rowEdges[static_cast<size_t>(stretch.row)] >= m_layout.stretches.front().begin) {
      m_scan->carryReads(m_toRow.data(), 1, m_read.data());
      m_kernels.addRows(m_read.data(), 1, m_elements, read);
      m_scan->joinTransfers(m_toRow.data(), transfer);
    }
  }

  /// All pixels whose columns close and whose rows begin in the stretches [begin, end): a product at the
  /// middle, the rest by halves. Leaves there the transfer across all of them, the states at their end and
  /// the reads at their beginning: few roundings, and a NaN reaches only what lies across it.
  void multiply(int64_t begin, int64_t end, const Feedback& feedback) {
    if (end - begin == 1) return;
    feedback.checkpoint();
    const int64_t middle = begin + (end - begin) / 2;
    multiply(begin, middle, feedback);
    multiply(middle, end, feedback);
    const auto at = [](const std::vector<int64_t>& counts, int64_t i) {
      return counts[static_cast<size_t>(i)];
    };
    const int64_t col0 = at(m_layout.closedCols, begin), col1 = at(m_layout.closedCols, middle);
    const int64_t row0 = at(m_layout.begunRows, middle), row1 = at(m_layout.begunRows, end);
    if (col0 < col1 && row0 < row1) {
      m_kernels.multiply(readOf(row0), row1 - row0, stateOf(col0), col1 - col0, m_elements,
                         m_sums.data() + row0 * m_layout.cols() + col0, m_layout.cols());
    }
    if (col0 < col1) m_scan->carryStates(transferOf(middle), col1 - col0, stateOf(col0));
    if (row0 < row1) m_scan->carryReads(transferOf(begin), row1 - row0, readOf(row0));
    m_scan->joinTransfers(transferOf(begin), transferOf(middle));
  }

  const PooledLayout& m_layout;
  const std::unique_ptr<PooledScan<A>> m_scan;
  const PoolKernels<A>& m_kernels = poolKernels<A>();
  int64_t m_elements = 0, m_transferSize = 0;
  std::vector<A> m_transfers;      // [stretches, transfer size]
  std::vector<A> m_reads;          // [rows, elements]  U of each pixel of rows
  std::vector<A> m_states;         // [cols, elements]  V of each pixel of columns
  std::vector<A> m_read, m_state;  // [elements]        of a stretch
  std::vector<A> m_toRow;          // [transfer size]   from a row's first token to the stretch at hand
  std::vector<A> m_sums;           // [rows, cols]
};

/// Borders of the pixels of [begin, end), in a direction that counts `tokens` from the other end if reversed.
std::vector<int64_t> edgesOf(int64_t begin, int64_t end, int64_t pool, bool isReversed, int64_t tokens) {
  std::vector<int64_t> edges;
  for (int64_t token = begin; token < end; token += std::min(pool, end - token)) edges.push_back(token);
  edges.push_back(end);
  if (!isReversed) return edges;
  std::reverse(edges.begin(), edges.end());
  for (int64_t& edge : edges) edge = tokens - edge;
  return edges;
}

/// Sums of entries, and their means in the end: of a band of rows of pixels.
class BandSums {
 public:
  explicit BandSums(const Window& band)
      : m_band(band),
        m_rows(pooledSize(band.row1 - band.row0, band.pool)),
        m_cols(pooledSize(band.col1 - band.col0, band.pool)),
        m_sums(static_cast<size_t>(m_rows * m_cols)) {}

  template <typename A>
  void add(const std::vector<A>& sums, bool isReversed) {
    if (isReversed) {
      std::transform(sums.rbegin(), sums.rend(), m_sums.begin(), m_sums.begin(), sum<A>);
    } else {
      std::transform(sums.begin(), sums.end(), m_sums.begin(), m_sums.begin(), sum<A>);
    }
  }

  template <typename T>
  void takeMeans(double lanes, T* out) const {
    const auto extent = [&](int64_t size, int64_t i) {
      return static_cast<double>(std::min(m_band.pool, size - i * m_band.pool));
    };
    for (int64_t row = 0; row < m_rows; ++row) {
      const double entries = lanes * extent(m_band.row1 - m_band.row0, row);
      const double share = 1.0 / (entries * static_cast<double>(m_band.pool));
      const double* sums = m_sums.data() + row * m_cols;
      std::transform(sums, sums + m_cols - 1, out, [&](double sum) { return static_cast<T>(sum * share); });
      const double last = entries * extent(m_band.col1 - m_band.col0, m_cols - 1);
      out[m_cols - 1] = static_cast<T>(sums[m_cols - 1] / last);
      out += m_cols;
    }
  }

 private:
  template <typename A>
  static double sum(A value, double sum) {
    return sum + static_cast<double>(value);
  }

  const Window m_band;
  const int64_t m_rows, m_cols;
  std::vector<double> m_sums;
};

/// Slabs of one direction in parallel, added in their order.
template <typename T, typename A, typename MakeScan>
void addDirection(const DirectedView<T>& direction, const MapQuery& query, const Window& band,
                  const MakeScan& makeScan, BandSums& sums, const Feedback& feedback) {
  const FactorView<T>& view = direction.view;
  const auto edges = [&](int64_t begin, int64_t end) {
    return edgesOf(begin, end, band.pool, direction.isReversed, view.tokens);
  };
  const PooledLayout layout(edges(band.row0, band.row1), edges(band.col0, band.col1), view.taps);
  if (layout.stretches.empty()) return;
  struct Worker {
    PooledLanes<T> lanes;
    std::unique_ptr<PooledSlab<A>> slab;
    const std::vector<A>* result = nullptr;
  };
  const PooledLanes<T> all(view, query.lanes, query.timesInput);
  const bool isDelta = view.kind == ScanKind::DeltaRule;
  const int64_t states = static_cast<int64_t>(all.states().size());
  const auto pixels = static_cast<int64_t>(layout.stretches.size()) + layout.rows() + layout.cols();
  const int64_t fitting = kMostBytes / (pixels * static_cast<int64_t>(sizeof(A)) * threadCount());
  const int64_t elements = std::min(isDelta ? kSlabElementsOfDelta : kSlabElements, fitting);
  const int64_t slabStates = std::max<int64_t>(elements / view.state, 1);
  const int64_t slabs = pooledSize(states, slabStates);
  std::vector<std::unique_ptr<Worker>> workers;
  for (int64_t w = 0; w < workersFor(slabs); ++w) {
    workers.push_back(std::make_unique<Worker>(Worker{all, nullptr, nullptr}));
    Worker& worker = *workers.back();
    worker.slab = std::make_unique<PooledSlab<A>>(layout, makeScan(view, worker.lanes));
  }
  parallelInOrder(
      slabs,
      [&](int64_t slab, int64_t w) {
        const int64_t first = slab * slabStates, last = std::min(first + slabStates, states);
        Worker& worker = *workers[static_cast<size_t>(w)];
        worker.result = &worker.slab->compute(first, last, feedback);
      },
      [&](int64_t, int64_t w) { sums.add(*workers[static_cast<size_t>(w)]->result, direction.isReversed); },
      kMapStage, feedback);
}

bool hasSoftmax(const LayerFactors& layer) {
  return layer.kind == ScanKind::Softmax || (layer.backward && layer.backward->kind == ScanKind::Softmax);
}

/// Entries of the window that are not above the diagonal: in rows whose number of keys grows by one a row.
double attendedEntries(const Window& window, bool hasUpper) {
  const auto width = static_cast<double>(window.col1 - window.col0);
  if (hasUpper) return static_cast<double>(window.row1 - window.row0) * width;
  const auto upTo = [&](int64_t row) {
    const auto count = static_cast<double>(std::max<int64_t>(row - window.col0, 0));
    const double growing = std::min(count, width);
    return growing * (growing + 1.0) / 2.0 + (count - growing) * width;
  };
  return upTo(window.row1) - upTo(window.row0);
}

struct Costs {
  double full = 0.0, pooled = 0.0;
};

/// In multiply-adds. A token of a state costs an exponential and a few more in the pooled pass; the delta
/// rule's also takes a matrix along, in double.
Costs costsOf(const LayerFactors& layer, const MapQuery& query, const Window& window) {
  constexpr double kLaneEntry = 4.0;
  const bool isDelta = layer.kind == ScanKind::DeltaRule;
  const double perToken = isDelta ? 30.0 : 12.0;
  const auto state = static_cast<double>(layer.state), lanes = static_cast<double>(query.lanes.count());
  const double scans =
      std::max(lanes * static_cast<double>(layer.scans) / static_cast<double>(layer.lanes), 1.0);
  const bool hasUpper = reachesLater(layer, query.terms);
  const double entries = attendedEntries(window, hasUpper);
  const auto pool = static_cast<double>(window.pool);
  const auto tokens =
      static_cast<double>(hasUpper ? 2 * layer.tokens : std::max<int64_t>(window.row1 - window.col0, 0));
  const double matrices = isDelta ? tokens * scans * state * state * 4.0 : 0.0;
  return {entries * (scans * state + kLaneEntry * lanes),
          lanes * state * (perToken * tokens + entries / (pool * pool)) + matrices};
}

/// Whether a map is cut from pooled factors.
bool arePooled(const LayerFactors& layer, const MapQuery& query, const Window& window, const Costs& costs) {
  return window.pool > 1 && poolsExactly(layer, query, window) && costs.pooled < costs.full;
}

}  // namespace

bool poolsExactly(const LayerFactors& layer, const MapQuery& query, const Window& window) {
  const bool isMean = !query.lanes.merge || *query.lanes.merge == Merge::Mean;
  return isMean && window.pooling == Pooling::Mean && !hasSoftmax(layer);
}

template <typename T>
MatrixOf<T> pooledTile(const LayerFactors& layer, const MapQuery& query, const Window& window,
                       const Feedback& feedback) {
  assert(poolsExactly(layer, query, window) && (query.lanes.merge || query.lanes.count() == 1));
  feedback.checkpoint();
  MatrixOf<T> result(pooledSize(window.row1 - window.row0, window.pool),
                     pooledSize(window.col1 - window.col0, window.pool));
  const std::vector<DirectedView<T>> directions = directionsOf<T>(layer, query.terms);
  for (int64_t row = 0; row < result.rows; row += kBandRows) {
    Window band = window;
    band.row0 = window.row0 + row * window.pool;
    if (result.rows - row > kBandRows) band.row1 = band.row0 + kBandRows * window.pool;
    BandSums sums(band);
    const double done = static_cast<double>(row) / static_cast<double>(result.rows);
    const double all =
        static_cast<double>(std::min(row + kBandRows, result.rows)) / static_cast<double>(result.rows);
    for (const DirectedView<T>& direction : directions) {
      const Feedback part = feedback.part(done, all);
      if (direction.view.kind == ScanKind::DeltaRule && direction.view.hasScan) {
        addDirection<T, double>(direction, query, band, makePooledDelta<T>, sums, part);
      } else {
        addDirection<T, T>(direction, query, band, makePooledDecay<T>, sums, part);
      }
    }
    sums.takeMeans(static_cast<double>(query.lanes.count()), result.row(row));
  }
  return result;
}

double cutCost(const LayerFactors& layer, const MapQuery& query, const Window& window) {
  const Costs costs = costsOf(layer, query, window);
  return arePooled(layer, query, window, costs) ? costs.pooled : costs.full;
}

template <typename T>
MatrixOf<T> cutWindow(const LayerFactors& layer, const MapQuery& query, const Window& window,
                      const Feedback& feedback) {
  if (const std::optional<EqualMap> equal = asSignedMean(layer, query)) {
    return cutWindow<T>(equal->layer, equal->query, window, feedback);
  }
  if (arePooled(layer, query, window, costsOf(layer, query, window))) {
    return pooledTile<T>(layer, query, window, feedback);
  }
  return tile<T>(layer, query, window, feedback);
}

template Matrix pooledTile(const LayerFactors&, const MapQuery&, const Window&, const Feedback&);
template Matrix64 pooledTile(const LayerFactors&, const MapQuery&, const Window&, const Feedback&);
template Matrix cutWindow(const LayerFactors&, const MapQuery&, const Window&, const Feedback&);
template Matrix64 cutWindow(const LayerFactors&, const MapQuery&, const Window&, const Feedback&);

}  // namespace uc
