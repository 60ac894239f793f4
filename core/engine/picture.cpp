// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/opened.h"
#include "core/io/preprocess.h"
#include "core/values/error.h"

#include <ATen/ATen.h>

#include <fmt/format.h>

#include <algorithm>

namespace uc {

void checkInputKind(const OpenedModel& opened, const Input& input) {
  const std::string where = fmt::format("{}, family {}", printable(opened.info.name), opened.info.family);
  if (opened.info.vision && !input.image) {
    fail("This model takes a picture, not text.", where, "Give a picture (--image FILE).");
  }
  if (!opened.info.vision && input.image) {
    fail("This model takes text, not pictures.", where, "Give a text or token ids (--text, --ids).");
  }
}

namespace {

Preprocess preprocessOf(const Input& input) {
  const std::optional<Preprocess> preprocess = preprocessNamed(input.preprocess);
  if (!preprocess) {
    fail("There is no such way to bring a picture to the model's size.", printable(input.preprocess, 80),
         "Choose official, notebook or squash.");
  }
  return *preprocess;
}

}  // namespace

Picture pictureOf(const OpenedModel& opened, const Input& input) {
  checkInputKind(opened, input);
  if (!opened.info.vision) return {};
  const VisionInfo& vision = *opened.info.vision;
  return seenPicture(*input.image, vision.width, vision.height, preprocessOf(input));
}

at::Tensor pixelsOf(const OpenedModel& opened, const Input& input) {
  const VisionInfo& vision = *opened.info.vision;
  const std::vector<float> numbers =
      readPixels(*input.image, vision.width, vision.height, preprocessOf(input));
  const at::Tensor pixels = at::empty({3, vision.height, vision.width}, at::kFloat);
  std::copy(numbers.begin(), numbers.end(), pixels.data_ptr<float>());
  return opened.isDouble ? pixels.to(at::kDouble) : pixels;
}

Tokens pictureTokens(const VisionInfo& vision) {
  Tokens tokens;
  for (int64_t t = 0; t < vision.tokens(); ++t) {
    const std::optional<int64_t> patch = vision.patchOf(t);
    const std::string text =
        patch ? fmt::format("r{}c{}", *patch / vision.gridCols, *patch % vision.gridCols) : "[class]";
    tokens.list.push_back({t, text, 0, 0});
  }
  return tokens;
}

std::string classLabel(const VisionInfo& vision, int64_t id) {
  const auto index = static_cast<size_t>(id);
  const bool isKnown = index < vision.labels.size() && !vision.labels[index].empty();
  return isKnown ? vision.labels[index] : fmt::format("class {}", id);
}

}  // namespace uc
