// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/attention/parallel.h"
#include "core/bench/chunked_torch.h"
#include "core/bench/published.h"
#include "core/bench/slow_mamba.h"
#include "core/bench/stopwatch.h"
#include "core/bench/supplies.h"
#include "core/bench/works.h"
#include "core/engine/device.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace uc::bench {
namespace {

double share(int64_t whole, int64_t part) { return static_cast<double>(whole) / static_cast<double>(part); }

/// LibTorch and its BLAS with threads of their own, as in other programs, while the object lives.
class LibraryThreads {
 public:
  explicit LibraryThreads(int count) { setLibraryThreads(count); }
  ~LibraryThreads() { setLibraryThreads(1); }
  LibraryThreads(const LibraryThreads&) = delete;
  LibraryThreads& operator=(const LibraryThreads&) = delete;
};

}  // namespace

Prepare publishedLoop(MakeLayer make) {
  return [=](Supplies& supplies, const Feedback&) -> Timed {
    const auto layer = std::make_shared<const LayerFactors>(make());
    const int64_t entries = layer->tokens * layer->tokens;
    const int64_t lanes = supplies.isFull() ? layer->lanes : std::min<int64_t>(layer->lanes, 64);
    const auto maps = std::make_shared<std::vector<float>>(static_cast<size_t>(lanes * entries), 0.0F);
    return [=](const Feedback& feedback) {
      const double part = seconds([&] {
        for (int64_t lane = 0; lane < lanes; ++lane)
          publishedMap(*layer, lane, maps->data() + lane * entries, feedback);
      });
      return part * share(layer->lanes, lanes);
    };
  };
}

Prepare publishedRow(MakeLayer make) {
  return [=](Supplies& supplies, const Feedback&) -> Timed {
    const auto layer = std::make_shared<const LayerFactors>(make());
    const int64_t columns = supplies.isFull() ? layer->tokens : std::min<int64_t>(layer->tokens, 64);
    return [=](const Feedback& feedback) {
      at::Tensor decays;
      const double once = seconds([&] { decays = publishedDecays(*layer); });
      const double part = seconds([&] { publishedLastRow(*layer, decays, columns, feedback); });
      return once + part * share(layer->tokens, columns);
    };
  };
}

Prepare chunkedTorch(MakeLayer make, bool isAbsolute) {
  return [=](Supplies&, const Feedback&) -> Timed {
    const auto layer = std::make_shared<const LayerFactors>(make());
    return [=](const Feedback& feedback) {
      return seconds([&] { chunkedMean(*layer, layer->lanes, isAbsolute, feedback); });
    };
  };
}

Prepare slowForward() {
  return [=](Supplies& supplies, const Feedback& prepare) -> Timed {
    const int64_t all = MambaShape{}.layers, layers = supplies.isFull() ? all : 4;
    const auto model = std::make_shared<const SlowMamba>(Checkpoint::open(supplies.folder(prepare)), layers);
    // On a busy machine threads that meet after every operation can be slower than one: the faster counts.
    return [=, isOne = false](const Feedback& feedback) mutable {
      const LibraryThreads own(isOne ? 1 : threadCount());
      isOne = !isOne;
      at::Tensor stream = model->embed(Supplies::input().ids);
      const double part = seconds([&] { stream = model->blocks(stream, feedback); });
      return part * share(all, layers) + seconds([&] { model->logits(stream); });
    };
  };
}

}  // namespace uc::bench
