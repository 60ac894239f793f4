// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/io/checkpoint.h"
#include "core/models/device_scan.h"
#include "core/models/model.h"
#include "core/values/model_info.h"

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace uc {

/// A family's hold on its checkpoint. At opening it claims tensors by name, which checks their shapes and
/// types and reads nothing; later it hands them out in the compute type. Reading costs a few milliseconds a
/// layer, much less than a block's work on many tokens, so that only work on few tokens asks to keep what it
/// read: within a budget, the last used first. Used by one thread at a time.
class Weights {
 public:
  /// `budget` in bytes; what is in use at the moment stays alive beyond it. `device`: where tensors are
  /// handed out, none: on the CPU.
  Weights(std::shared_ptr<const Checkpoint> checkpoint, ComputeType type, int64_t budget,
          std::optional<c10::Device> device = std::nullopt);

  const Checkpoint& checkpoint() const { return *m_checkpoint; }
  at::ScalarType type() const;
  /// Of what is computed with these weights: their type, where they are.
  at::TensorOptions options() const;
  /// `tensor` where the weights are.
  at::Tensor here(const at::Tensor& tensor) const { return tensor.to(options().device()); }

  /// work(), or, when the weights are on a device that does not suffice for it, work() on the CPU, where they
  /// are from then on; notices() says so.
  template <typename Work>
  auto onDeviceOrCpu(const Work& work) {
    std::optional<decltype(work())> result;
    if (m_device && attemptOnDevice([&] { result.emplace(work()); })) return *std::move(result);
    leaveDevice();
    return work();
  }
  bool isOnDevice() const { return m_device.has_value(); }
  void leaveDevice();

  /// The tensor of that name, whatever its shape, or null.
  const TensorInfo* find(const std::string& name) const { return m_checkpoint->find(name); }
  /// Throws Failure naming the tensor when it is missing. Does not claim.
  const TensorInfo& need(const std::string& name) const;
  /// Claims a tensor. Throws Failure when it is missing, has another shape or a type that cannot be read as
  /// numbers.
  const TensorInfo& claim(const std::string& name, const std::vector<int64_t>& shape);
  /// Marks a tensor as known but not used (a tied head that is stored all the same).
  void ignore(const std::string& name) { m_claimed.insert(name); }

  /// Fills parameters, bytes, dtype and the notice about unclaimed tensors.
  void describe(ModelInfo& info) const;

  /// Whether what is read from now on is kept. What was kept before stays.
  void setKeeping(bool isKeeping) { m_isKeeping = isKeeping; }

  /// The whole tensor in the compute type; null gives an undefined tensor.
  at::Tensor get(const TensorInfo* tensor);
  /// Rows [first, first + count) of the first dimension, kept like whole tensors.
  at::Tensor rows(const TensorInfo& tensor, int64_t first, int64_t count);
  /// The named rows, one a position, read and not kept: embeddings of a text. Where the weights are.
  at::Tensor gather(const TensorInfo& tensor, const std::vector<int64_t>& indexes) const;

  /// What was wrong with the numbers read so far ("Weights contain NaN or infinity: …").
  std::vector<std::string> notices() const;

 private:
  using Key = std::pair<const TensorInfo*, int64_t>;  // tensor, first row
  struct Kept {
    at::Tensor value;
    std::list<Key>::iterator place;
  };
  at::Tensor read(const TensorInfo& tensor, int64_t first, int64_t count) const;
  at::Tensor keep(const Key& key, at::Tensor value);
  void inspect(const Key& key, const at::Tensor& value);

  std::shared_ptr<const Checkpoint> m_checkpoint;
  ComputeType m_type;
  int64_t m_budget;
  std::optional<c10::Device> m_device;
  bool m_hasLeftDevice = false;
  bool m_isKeeping = true;
  int64_t m_bytes = 0;
  std::list<Key> m_order;  // most recently used first
  std::map<Key, Kept> m_kept;
  std::set<std::string> m_claimed;
  std::vector<const TensorInfo*> m_used;  // claimed and needed
  std::set<Key> m_inspected;
  std::map<const TensorInfo*, int64_t> m_broken;  // how many values are not finite
};

/// Whether every value is a number. One pass, without a temporary of the same size in the usual case.
bool isAllFinite(const at::Tensor& values);

/// What a run has to say: the weights' notices, and from which layer on the residual stream is not finite
/// (Trace::firstBroken).
std::vector<std::string> runNotices(const Weights& weights, int64_t firstBroken);

[[noreturn]] void failShape(const TensorInfo& tensor, const std::vector<int64_t>& expected,
                            const std::string& reason);

}  // namespace uc
