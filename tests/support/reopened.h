// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/models/model.h"
#include "tests/support/edited_model.h"
#include "tests/support/failure.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace uc::test {

/// An edited model, written and opened again.
inline std::unique_ptr<Model> reopened(const EditedModel& model) {
  const TemporaryFolder folder;
  model.save(folder.path());
  return openModel(Checkpoint::open(folder.path()), ComputeType::Float32, int64_t{1} << 30);
}

/// What opening it fails with.
inline Error failure(const EditedModel& model) {
  return failureOf([&] { reopened(model); });
}

/// With its last dimension one larger, the tensor is named with the shape found and the one expected.
inline void expectWrongShapeNamed(EditedModel model, const std::string& tensor) {
  const std::vector<int64_t> expected = model.tensors.at(tensor).shape;
  std::vector<int64_t> shape = expected;
  shape.back() += 1;
  model.reshape(tensor, shape);
  const Error error = failure(model);
  EXPECT_EQ(error.what, "A tensor has the wrong shape.") << tensor;
  EXPECT_TRUE(contains(error.where, "`" + tensor + "`"));
  EXPECT_TRUE(contains(error.where, "found " + shapeText(shape) + ", expected " + shapeText(expected)));
}

}  // namespace uc::test
