// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/scan_gradients.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace uc {
namespace {

using Tensors = std::vector<at::Tensor>;

// A scan with inputs of odd sizes: more than a block of lanes, more than a piece of them.
struct Case {
  std::string name;
  std::function<Tensors(int64_t tokens)> draw;  // in double
  std::function<at::Tensor(const Tensors&)> run;
};

at::Tensor normal(at::IntArrayRef sizes) { return at::randn(sizes, at::kDouble); }
at::Tensor between(double low, double high, at::IntArrayRef sizes) {
  return at::rand(sizes, at::kDouble) * (high - low) + low;
}

std::vector<Case> cases() {
  constexpr int64_t D = 67, N = 5, H = 4, P = 35, G = 2;
  return {
      {"Selective",
       [](int64_t L) {
         return Tensors{between(0, 0.5, {L, D}),   normal({L, D}), normal({L, N}), normal({L, N}),
                        between(-2, -0.1, {D, N}), normal({D, N})};
       },
       [](const Tensors& x) { return selectiveScanWithGradient(x[0], x[1], x[2], x[3], x[4], x[5], {}); }},
      {"Head",
       [](int64_t L) {
         return Tensors{between(0, 0.5, {L, H}), normal({L, H * P}), normal({L, G, N}), normal({L, G, N}),
                        between(-2, -0.1, {H})};
       },
       [](const Tensors& x) { return headScanWithGradient(x[0], x[1], x[2], x[3], x[4], {}); }},
      {"LogSum",
       [](int64_t L) {
         return Tensors{normal({L, D}) * 3, normal({L, D}), between(-1, -0.01, {D}), normal({D})};
       },
       [](const Tensors& x) { return logSumScanWithGradient(x[0], x[1], x[2], x[3], {}); }},
      {"Matrix",
       [](int64_t L) {
         return Tensors{normal({L, G, P}), normal({L, G, P}), normal({L, G, P}), between(0.3, 1, {L, G, P}),
                        normal({G, P})};
       },
       [](const Tensors& x) {
         return matrixScanWithGradient({x[0], x[1], x[2], x[3], x[4], {}, {}}, {});
       }},
      {"MatrixThatRemoves",
       [](int64_t L) {
         const at::Tensor direction = normal({L, G, P});
         const at::Tensor removeKey = direction / direction.norm(2, {2}, true);
         return Tensors{normal({L, G, P}),          normal({L, G, P}), normal({L, G, P}),
                        between(0.3, 1, {L, G, P}), removeKey,         removeKey * between(0, 1, {L, G, P})};
       },
       [](const Tensors& x) {
         return matrixScanWithGradient({x[0], x[1], x[2], x[3], {}, x[4], x[5]}, {});
       }},
      {"Gated",
       [](int64_t L) {
         return Tensors{between(0.1, 1, {L, D}), normal({L, D})};
       },
       [](const Tensors& x) { return gatedScanWithGradient(x[0], x[1], {}); }},
  };
}

// A number that depends on every output in another way.
at::Tensor weighed(const at::Tensor& output) {
  const at::Tensor weights = at::linspace(-1, 1, output.numel(), at::kDouble).mul(37).sin().view_as(output);
  return (output * weights.to(output.scalar_type())).sum();
}

Tensors gradients(const Case& scan, const Tensors& inputs) {
  Tensors leaves;
  for (const at::Tensor& input : inputs) leaves.push_back(input.detach().clone().set_requires_grad(true));
  return torch::autograd::grad({weighed(scan.run(leaves))}, leaves);
}

class ScanGradients : public testing::TestWithParam<std::tuple<size_t, int64_t>> {
 protected:
  ScanGradients() { at::manual_seed(5); }
  Case scan() const { return cases()[std::get<0>(GetParam())]; }
  Tensors inputs() const { return scan().draw(std::get<1>(GetParam())); }
};

// Of each input the first entry, the last, and some between.
TEST_P(ScanGradients, AreFiniteDifferences) {
  const Tensors at = inputs(), found = gradients(scan(), at);
  for (size_t i = 0; i < at.size(); ++i) {
    const double most = found[i].abs().max().item<double>(), delta = 1e-5;
    const int64_t count = at[i].numel();
    for (int64_t k = 0; k < 9; ++k) {
      const int64_t entry = (count - 1) * k / 8;
      const auto shifted = [&](double by) {
        Tensors moved = at;
        moved[i] = at[i].clone();
        moved[i].view({-1})[entry] += by;
        return weighed(scan().run(moved)).item<double>();
      };
      const double expected = (shifted(delta) - shifted(-delta)) / (2 * delta);
      EXPECT_NEAR(found[i].view({-1})[entry].item<double>(), expected, 1e-6 * most) << i << " " << entry;
    }
  }
}

TEST_P(ScanGradients, InFloatAreThoseInDouble) {
  const Tensors exact = inputs();
  Tensors rounded;
  for (const at::Tensor& input : exact) rounded.push_back(input.to(at::kFloat));
  Tensors same;
  for (const at::Tensor& input : rounded) same.push_back(input.to(at::kDouble));
  const Tensors expected = gradients(scan(), same), found = gradients(scan(), rounded);
  for (size_t i = 0; i < expected.size(); ++i) {
    const double error = (found[i].to(at::kDouble) - expected[i]).abs().max().item<double>();
    EXPECT_LE(error, 1e-5 * expected[i].abs().max().item<double>()) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Everywhere, ScanGradients,
                         testing::Combine(testing::Range<size_t>(0, 6),
                                          testing::Values<int64_t>(1, 63, 64, 65, 130)),
                         [](const auto& chosen) {
                           return cases()[std::get<0>(chosen.param)].name +
                                  std::to_string(std::get<1>(chosen.param));
                         });

TEST(ScanGradients, OfAStateThatIsNotGivenStartAtZero) {
  at::manual_seed(5);
  Tensors inputs = cases()[0].draw(70);
  inputs[5].zero_();
  const at::Tensor without =
      selectiveScanWithGradient(inputs[0], inputs[1], inputs[2], inputs[3], inputs[4], {}, {});
  EXPECT_TRUE(at::equal(without, cases()[0].run(inputs)));
}

TEST(ScanGradients, ForwardCanBeCancelled) {
  std::stop_source stop;
  stop.request_stop();
  const Tensors inputs = cases()[0].draw(70);
  EXPECT_THROW(selectiveScanWithGradient(inputs[0], inputs[1], inputs[2], inputs[3], inputs[4], {},
                                         Feedback(stop.get_token())),
               Cancelled);
}

// Keys whose exponentials neither float nor double holds.
TEST(ScanGradients, OfExtremeKeysStayFinite) {
  const at::Tensor key = at::tensor({-100.0F, 100.0F, 90.0F, -100.0F, 95.0F}).view({5, 1});
  const Tensors inputs{key, at::ones({5, 1}) * at::arange(5).view({5, 1}), at::full({1}, -0.5F),
                       at::zeros({1})};
  for (const at::Tensor& gradient : gradients(cases()[2], inputs))
    EXPECT_TRUE(gradient.isfinite().all().item<bool>());
}

}  // namespace
}  // namespace uc
