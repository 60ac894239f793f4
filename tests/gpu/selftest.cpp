// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// The kernels against their definition, and with --bench their times: one program without LibTorch that can
// be carried to any machine with a device (HACKING.md). Exits 1 when a check fails, 77 without a device.

#include "gpu/gpu.h"
#include "gpu/pooled.h"
#include "gpu/tile.h"
#include "tests/gpu/random_layer.h"
#include "tests/gpu/scan_checks.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>

namespace uc::gpu::selftest {
namespace {

const Checkpoint kQuiet = [] {};
int failures = 0;

void expect(bool isRight, const std::string& what, double error) {
  if (isRight) return;
  std::printf("FAILED %s: error %.3g of the largest entry\n", what.c_str(), error);
  ++failures;
}

constexpr const char* kNames[] = {"step", "log decay", "reads before", "log-sum", "softmax"};

std::vector<Merge> allMerges() {
  return {Merge::Mean, Merge::MeanAbs, Merge::MaxAbs, Merge::L2, Merge::PositiveMean};
}

double merged(Merge merge, const std::vector<std::vector<double>>& lanes, size_t entry) {
  double sum = 0.0;
  for (const std::vector<double>& lane : lanes) {
    const double value = lane[entry];
    if (merge == Merge::MaxAbs && std::abs(value) > std::abs(sum)) sum = value;
    if (merge == Merge::Mean || merge == Merge::One) sum += value;
    if (merge == Merge::MeanAbs) sum += std::abs(value);
    if (merge == Merge::L2) sum += value * value;
    if (merge == Merge::PositiveMean) sum += std::max(value, 0.0);
  }
  const auto count = static_cast<double>(lanes.size());
  return merge == Merge::MaxAbs ? sum : merge == Merge::L2 ? std::sqrt(sum / count) : sum / count;
}

double largestOf(const std::vector<std::vector<double>>& lanes) {
  double largest = 0.0;
  for (const std::vector<double>& lane : lanes) {
    for (const double value : lane) largest = std::max(largest, std::abs(value));
  }
  return largest;
}

/// A request against the entries that `expected` gives for the whole map [L, L], in units of `scale`: lanes
/// may cancel each other.
template <typename T, typename Expected>
void checkTile(const TileRequest<T>& request, const Expected& expected, double scale, Stream& stream,
               const std::string& what) {
  const auto pooled = [&](int64_t size) { return (size + request.pool - 1) / request.pool; };
  const int64_t rows = pooled(request.row1 - request.row0), cols = pooled(request.col1 - request.col0);
  std::vector<T> found(static_cast<size_t>(rows * cols), T(-1));
  if (canPool(request)) {
    pooledTile(request, found.data(), stream, kQuiet);
  } else {
    tile(request, found.data(), stream, kQuiet);
  }
  double worst = 0.0;
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < cols; ++j) {
      double sum = 0.0, count = 0.0;
      const int64_t t1 = std::min(request.row0 + (i + 1) * request.pool, request.row1);
      const int64_t s1 = std::min(request.col0 + (j + 1) * request.pool, request.col1);
      for (int64_t t = request.row0 + i * request.pool; t < t1; ++t) {
        for (int64_t s = request.col0 + j * request.pool; s < s1; ++s, count += 1.0) sum += expected(t, s);
      }
      const double wanted = sum / count, gap = std::abs(wanted - static_cast<double>(found[i * cols + j]));
      worst = gap <= worst ? worst : gap;
    }
  }
  const double error = scale > 0.0 ? worst / scale : worst;
  expect(error <= (sizeof(T) == sizeof(float) ? 1e-6 : 1e-12), what, error);
}

template <typename T>
void checkLayer(Recipe recipe, const Shape& shape, Stream& stream) {
  RandomLayer<T> layer(recipe, shape, stream);
  const int64_t l = shape.tokens;
  const std::string what = std::string(kNames[static_cast<int>(recipe)]) +
                           (sizeof(T) == 4 ? ", float" : ", double") + ", L " + std::to_string(l) + ", N " +
                           std::to_string(shape.state);
  for (const bool timesInput : {false, true}) {
    std::vector<std::vector<double>> lanes;
    for (int64_t d = 0; d < shape.lanes; ++d) {
      lanes.push_back(mapOf(layer.host, d, timesInput ? layer.input : nullptr));
    }
    TileRequest<T> request;
    request.directions = {layer.device()};
    request.input = timesInput ? layer.onDevice(layer.input) : nullptr;
    request.row1 = request.col1 = l;
    const auto entry = [&](int64_t t, int64_t s) { return static_cast<size_t>(t * l + s); };
    request.lane0 = shape.lanes - 1;
    request.lane1 = shape.lanes;
    checkTile(
        request, [&](int64_t t, int64_t s) { return lanes.back()[entry(t, s)]; }, largestOf(lanes), stream,
        what + ", a lane");
    request.lane0 = 0;
    for (const Merge merge : allMerges()) {
      request.merge = merge;
      const auto expected = [&](int64_t t, int64_t s) { return merged(merge, lanes, entry(t, s)); };
      checkTile(request, expected, largestOf(lanes), stream,
                what + ", merge " + std::to_string(static_cast<int>(merge)));
    }
    request.row0 = l / 3;
    request.col0 = l / 5;
    request.col1 = l - l / 7;
    for (const Merge merge : {Merge::Mean, Merge::MeanAbs}) {
      for (const int64_t pool : {2, 3, 7, 50, 1000}) {
        request.merge = merge;
        request.pool = pool;
        const auto expected = [&](int64_t t, int64_t s) { return merged(merge, lanes, entry(t, s)); };
        checkTile(request, expected, largestOf(lanes), stream, what + ", pool " + std::to_string(pool));
      }
    }
  }
}

template <typename T>
void checkScans(Recipe recipe, const Shape& shape, Stream& stream) {
  RandomLayer<T> random(recipe, shape, stream);
  const Layer<T> device = random.device();
  const auto check = [&](const char* name, double error) {
    expect(error <= (sizeof(T) == sizeof(float) ? 1e-6 : 1e-12),
           std::string(kNames[static_cast<int>(recipe)]) + ", " + name +
               (sizeof(T) == 4 ? ", float" : ", double") + ", L " + std::to_string(shape.tokens) + ", N " +
               std::to_string(shape.state),
           error);
  };
  check("products", productError(random, device, stream));
  if (recipe == Recipe::LogSum) {
    check("forward", logSumError(random, stream));
    return;
  }
  check("forward", forwardError(random, device, stream));
  if (recipe == Recipe::Step && shape.scans == shape.lanes && shape.groups == 1)
    check("gradient", gradientError(random, device, stream));
}

void checkAll(Stream& stream) {
  for (const Recipe recipe :
       {Recipe::Step, Recipe::LogDecay, Recipe::ReadsBefore, Recipe::LogSum, Recipe::Softmax}) {
    for (const Shape& shape : {Shape{1, 4, 4, 5, 1, 4}, Shape{64, 3, 3, 17, 1, 1}, Shape{65, 6, 2, 5, 2, 4},
                               Shape{130, 4, 4, 16, 1, 2}, Shape{200, 20, 2, 3, 1, 4}}) {
      checkLayer<float>(recipe, shape, stream);
      checkLayer<double>(recipe, shape, stream);
    }
  }
  for (const Recipe recipe : {Recipe::Step, Recipe::LogDecay, Recipe::ReadsBefore, Recipe::LogSum}) {
    for (const Shape& shape : {Shape{1, 4, 4, 5, 1, 4}, Shape{64, 3, 3, 17, 1, 1}, Shape{130, 9, 9, 5, 1, 2},
                               Shape{70, 6, 2, 70, 2, 1}, Shape{130, 20, 20, 16, 1, 4}}) {
      if (recipe == Recipe::LogSum && shape.scans < shape.lanes) continue;
      checkScans<float>(recipe, shape, stream);
      checkScans<double>(recipe, shape, stream);
    }
  }
}

/// The fastest of some runs, after one that is not counted.
template <typename Function>
double secondsOf(const Function& function) {
  double best = 1e9;
  for (int i = 0; i < 6; ++i) {
    const auto start = std::chrono::steady_clock::now();
    function();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (i > 0) best = std::min(best, seconds);
  }
  return best;
}

void benchAll(Stream& stream) {
  for (const int64_t tokens : {int64_t{1024}, int64_t{4096}}) {
    RandomLayer<float> layer(Recipe::Step, {tokens, 1536, 1536, 16, 1, 4}, stream);
    TileRequest<float> request;
    request.directions = {layer.device()};
    request.lane1 = 1536;
    request.merge = Merge::MeanAbs;
    request.row1 = request.col1 = tokens;
    std::vector<float> map(static_cast<size_t>(tokens * tokens));
    const double seconds = secondsOf([&] { tile(request, map.data(), stream, kQuiet); });
    const double flops = static_cast<double>(tokens) * static_cast<double>(tokens) * 1536.0 * 16.0;
    std::printf("mean of magnitudes, 1,536 lanes, N 16, L %lld: %.3f ms, %.2f TFLOP/s\n",
                static_cast<long long>(tokens), seconds * 1e3, flops / seconds * 1e-12);
    Buffer<float> states(stream, 1536 * 16), y(stream, tokens * 1536);
    states.zero();
    const Layer<float> device = layer.device();
    const double scan = secondsOf([&] {
      advance(device, layer.onDevice(layer.input), states.data(), y.data(), stream);
      stream.wait(kQuiet);
    });
    std::printf("selective scan, 1,536 lanes, N 16, L %lld: %.3f ms\n", static_cast<long long>(tokens),
                scan * 1e3);
  }
}

int run(bool isBench) {
  const std::vector<Device> found = devices();
  if (found.empty()) {
    std::printf("no device: nothing was run\n");
    return 77;
  }
  std::printf("%s, runtime %s\n", found[0].name.c_str(), runtimeVersion().c_str());
  Stream stream(0);
  checkAll(stream);
  std::printf("%d checks failed\n", failures);
  if (isBench) benchAll(stream);
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace uc::gpu::selftest

int main(int argc, char** argv) {
  try {
    return uc::gpu::selftest::run(argc > 1 && std::strcmp(argv[1], "--bench") == 0);
  } catch (const std::exception& error) {
    std::printf("FAILED: %s\n", error.what());
    return 1;
  }
}
