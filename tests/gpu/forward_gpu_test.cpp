// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT
//
// Forward passes by the way of a device, on the emulated one: every family against the CPU's.

#include "core/models/scan_gradients.h"
#include "core/values/error.h"
#include "gpu/emulation/emulation.h"
#include "tests/gpu/host_as_device.h"
#include "tests/support/golden_model.h"

#include <torch/csrc/autograd/autograd.h>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace uc {
namespace {

using namespace test;

std::unique_ptr<Model> onDevice(const GoldenModel& golden, ComputeType type) {
  return openModel(Checkpoint::open(golden.folder), type, int64_t{1} << 30, c10::Device(c10::kCPU));
}

double relative(const at::Tensor& found, const at::Tensor& expected) {
  return distance(found, expected) / expected.to(at::kDouble).abs().max().item<double>();
}

ModelInput inputOf(const GoldenModel& golden, const Model& model) {
  if (!model.info().vision) return golden.ids(37);
  const Array pixels = readNpy(golden.folder + "/pixels.npy");
  return at::tensor(pixels.values, at::kDouble).view(pixels.shape);
}

struct Case {
  std::string family, name;
};

class ForwardOnADevice : public ::testing::TestWithParam<Case> {
 protected:
  const GoldenModel m_golden{GetParam().family, GetParam().name};
};

TEST_P(ForwardOnADevice, LogitsAndFactorsAreThoseOfTheCpu) {
  const auto cpu = m_golden.open(ComputeType::Float64);
  const Trace expected = cpu->run(inputOf(m_golden, *cpu), {});
  const at::Tensor logits = cpu->logits(expected, 0, expected.tokens());
  std::vector<LayerFactors> factors;
  for (int64_t i = 0; i < cpu->info().layers; ++i) factors.push_back(cpu->factors(expected, i, {}));

  const HostAsDevice device;
  const auto model = onDevice(m_golden, ComputeType::Float64);
  const int64_t launches = gpu::emulation::launches();
  const Trace trace = model->run(inputOf(m_golden, *model), {});
  EXPECT_GT(gpu::emulation::launches(), launches);
  EXPECT_LE(relative(model->logits(trace, 0, trace.tokens()), logits), 1e-12);
  for (int64_t i = 0; i < cpu->info().layers; ++i) {
    const LayerFactors& wanted = factors[static_cast<size_t>(i)];
    EXPECT_LE(relative(model->factors(trace, i, {}).y, wanted.y), 1e-12) << i;
    if (!wanted.logNormalizer.defined()) continue;
    EXPECT_LE(relative(model->factors(trace, i, {}).logNormalizer, wanted.logNormalizer), 1e-12) << i;
  }
  const auto narrow = onDevice(m_golden, ComputeType::Float32);
  const Trace rounded = narrow->run(inputOf(m_golden, *narrow), {});
  EXPECT_LE(distance(narrow->logits(rounded, 0, rounded.tokens()), logits), 1e-4);
  EXPECT_TRUE(rounded.notices.empty());
}

TEST_P(ForwardOnADevice, StatesAreCarriedFromTokenToToken) {
  const HostAsDevice device;
  const auto model = onDevice(m_golden, ComputeType::Float64);
  if (model->info().vision) return;
  expectSameTokenByToken(*model, m_golden.ids(37));
}

INSTANTIATE_TEST_SUITE_P(Families, ForwardOnADevice,
                         ::testing::Values(Case{"mamba", "hf-tied"}, Case{"falcon-mamba", "hf-untied"},
                                           Case{"mamba2", "hf-groups"}, Case{"griffin", "hf-mqa"},
                                           Case{"rwkv", "v4-hf-rescale2"}, Case{"rwkv", "v5.2"},
                                           Case{"rwkv", "v6-state"}, Case{"rwkv", "v7"},
                                           Case{"vim", "first"}));

// Of a scan in three chunks, one of them short.
TEST(GradientOnADevice, OfTheSelectiveScanIsThatOfTheCpu) {
  at::manual_seed(3);
  constexpr int64_t L = 150, D = 19, N = 5;
  const auto options = at::TensorOptions(at::kDouble);
  std::vector<at::Tensor> inputs = {at::rand({L, D}, options) * 0.5, at::randn({L, D}, options),
                                    at::randn({L, N}, options),      at::randn({L, N}, options),
                                    at::rand({D, N}, options) - 2,   at::randn({D, N}, options)};
  for (at::Tensor& input : inputs) input.set_requires_grad(true);
  const at::Tensor weights = at::randn({L, D}, options);
  const auto gradients = [&] {
    const at::Tensor y = selectiveScanWithGradient(inputs[0], inputs[1], inputs[2], inputs[3], inputs[4],
                                                   inputs[5], Feedback());
    return torch::autograd::grad({(y * weights).sum()}, inputs);
  };
  const std::vector<at::Tensor> expected = gradients();
  const HostAsDevice device;
  const int64_t launches = gpu::emulation::launches();
  const std::vector<at::Tensor> found = gradients();
  EXPECT_GE(gpu::emulation::launches(), launches + 12);
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_LE(relative(found[i], expected[i]), 1e-12) << i;
}

TEST(ForwardRefused, ARefusedLaunchMovesTheModelToTheCpuAndSaysSo) {
  const GoldenModel golden("mamba", "hf-tied");
  const HostAsDevice device;
  const auto model = onDevice(golden, ComputeType::Float64);
  gpu::emulation::failLaunchAfter(2);
  const Trace trace = model->run(golden.ids(37), {});
  ASSERT_EQ(trace.notices.size(), 1U);
  EXPECT_NE(trace.notices[0].find("CPU"), std::string::npos);
  EXPECT_LE(distance(model->logits(trace, 0, 37), golden.reference("logits64", 37)), 1e-10);
}

TEST(ForwardRefused, AContinuationThatIsRefusedIsAFailureAndTheNextOneIsNot) {
  const GoldenModel golden("mamba", "hf-tied");
  const HostAsDevice device;
  const auto model = onDevice(golden, ComputeType::Float32);
  gpu::emulation::failLaunchAfter(1);
  const auto lost = model->start();
  EXPECT_THROW((void)model->step(*lost, {1, 2, 3}, {}), Failure);
  const auto state = model->start();
  EXPECT_EQ(model->step(*state, {1, 2, 3}, {}).numel(), model->info().vocabulary);
}

}  // namespace
}  // namespace uc
