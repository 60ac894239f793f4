// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/models/weights.h"

#include "core/models/blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

namespace uc {

namespace {

std::string quoted(const std::string& name) { return "`" + printable(name) + "`"; }

int64_t rowSize(const TensorInfo& tensor) {
  int64_t size = 1;
  for (size_t i = 1; i < tensor.shape.size(); ++i) size *= tensor.shape[i];
  return size;
}

// What the system has in memory anyway is copied by several threads: the first touch of new memory is what
// takes long.
void readInPieces(const Checkpoint& checkpoint, const TensorInfo& tensor, int64_t first, int64_t count,
                  float* out) {
  constexpr int64_t kPieceValues = 1 << 18;
  const int64_t size = rowSize(tensor), piece = kPieceValues / std::max<int64_t>(size, 1);
  inPieces(count, std::max<int64_t>(piece, 1), {}, [&](int64_t from, int64_t to) {
    const std::span<float> values(out + from * size, static_cast<size_t>((to - from) * size));
    checkpoint.readRows(tensor, first + from, to - from, values);
  });
}

std::string dtypeTitle(Dtype dtype) {
  switch (dtype) {
    case Dtype::F64:
      return "float64";
    case Dtype::F16:
      return "float16";
    case Dtype::BF16:
      return "bfloat16";
    default:
      return "float32";
  }
}

}  // namespace

bool isAllFinite(const at::Tensor& values) {
  // NaN and infinities survive a sum; a sum that overflows is no proof, so that the values are then looked at
  // one by one.
  return std::isfinite(values.sum().item<double>()) || at::isfinite(values).all().item<bool>();
}

void failShape(const TensorInfo& tensor, const std::vector<int64_t>& expected, const std::string& reason) {
  fail("A tensor has the wrong shape.",
       fmt::format("{}: found {}, expected {}{}", quoted(tensor.name), shapeText(tensor.shape),
                   shapeText(expected), reason.empty() ? "" : " (" + reason + ")"),
       "Check that config.json belongs to these weights.");
}

Weights::Weights(std::shared_ptr<const Checkpoint> checkpoint, ComputeType type, int64_t budget,
                 std::optional<c10::Device> device)
    : m_checkpoint(std::move(checkpoint)), m_type(type), m_budget(budget), m_device(device) {}

at::ScalarType Weights::type() const { return m_type == ComputeType::Float64 ? at::kDouble : at::kFloat; }

at::TensorOptions Weights::options() const {
  return at::TensorOptions(type()).device(m_device.value_or(at::kCPU));
}

void Weights::leaveDevice() {
  if (!m_device) return;
  m_device.reset();
  m_hasLeftDevice = true;
  m_kept.clear();
  m_order.clear();
  m_bytes = 0;
}

const TensorInfo& Weights::need(const std::string& name) const {
  const TensorInfo* tensor = find(name);
  if (tensor == nullptr) {
    fail("A tensor is missing.", fmt::format("{} in {}", quoted(name), printable(m_checkpoint->name())),
         "Check that the file is complete and that config.json belongs to it.");
  }
  return *tensor;
}

const TensorInfo& Weights::claim(const std::string& name, const std::vector<int64_t>& shape) {
  const TensorInfo& tensor = need(name);
  if (tensor.dtype == Dtype::Other) {  // before its shape, which such a tensor may not say
    fail("A tensor has a type that cannot be read.",
         fmt::format("{}, type {}", quoted(name), printable(tensor.dtypeName)),
         "Convert the weights to float32, float16 or bfloat16.");
  }
  if (tensor.shape != shape) failShape(tensor, shape, "");
  if (m_claimed.insert(name).second) m_used.push_back(&tensor);
  return tensor;
}

void Weights::describe(ModelInfo& info) const {
  std::map<Dtype, uint64_t> bytes;
  info.parameters = 0;
  const std::vector<StoredSize> used = storedSizes(m_used);  // tied tensors once
  for (size_t i = 0; i < used.size(); ++i) {
    info.parameters += static_cast<int64_t>(used[i].values);
    bytes[m_used[i]->dtype] += used[i].bytes;
  }
  const auto most = std::max_element(bytes.begin(), bytes.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most != bytes.end()) info.dtype = dtypeTitle(most->first);

  info.bytes = 0;
  int64_t unclaimed = 0;
  std::string names;
  std::vector<const TensorInfo*> all;
  for (const TensorInfo& tensor : m_checkpoint->tensors()) {
    all.push_back(&tensor);
    if (m_claimed.contains(tensor.name)) continue;
    if (++unclaimed <= 3) names += (names.empty() ? "" : ", ") + printable(tensor.name, 80);
  }
  for (const StoredSize& size : storedSizes(all)) info.bytes += static_cast<int64_t>(size.bytes);
  if (unclaimed > 0) {
    info.notices.push_back(fmt::format("{} {} not used: {}{}.", grouped(unclaimed),
                                       unclaimed == 1 ? "tensor of the file is" : "tensors of the file are",
                                       names, unclaimed > 3 ? " …" : ""));
  }
}

at::Tensor Weights::get(const TensorInfo* tensor) {
  if (tensor == nullptr) return {};
  return rows(*tensor, 0, tensor->shape[0]);
}

at::Tensor Weights::rows(const TensorInfo& tensor, int64_t first, int64_t count) {
  const Key key{&tensor, first};
  if (const auto found = m_kept.find(key); found != m_kept.end() && found->second.value.size(0) == count) {
    m_order.splice(m_order.begin(), m_order, found->second.place);
    return found->second.value;
  }
  at::Tensor value = read(tensor, first, count);
  inspect(key, value);
  value = here(value);
  return m_isKeeping ? keep(key, std::move(value)) : value;
}

at::Tensor Weights::gather(const TensorInfo& tensor, const std::vector<int64_t>& indexes) const {
  const int64_t width = rowSize(tensor);
  at::Tensor result = at::empty({static_cast<int64_t>(indexes.size()), width}, type());
  for (size_t i = 0; i < indexes.size(); ++i) {
    result.select(0, static_cast<int64_t>(i)).copy_(read(tensor, indexes[i], 1).view({width}));
  }
  return here(result);
}

at::Tensor Weights::read(const TensorInfo& tensor, int64_t first, int64_t count) const {
  std::vector<int64_t> shape = tensor.shape;
  if (!shape.empty()) shape[0] = count;
  at::Tensor value = at::empty(shape, type());
  const auto size = static_cast<size_t>(value.numel());
  if (m_type == ComputeType::Float64) {
    m_checkpoint->readRows(tensor, first, count, std::span<double>(value.data_ptr<double>(), size));
  } else {
    readInPieces(*m_checkpoint, tensor, first, count, value.data_ptr<float>());
    if (m_type == ComputeType::BFloat16) value = value.to(at::kBFloat16).to(at::kFloat);
  }
  return value;
}

at::Tensor Weights::keep(const Key& key, at::Tensor value) {
  if (const auto old = m_kept.find(key); old != m_kept.end()) {
    m_bytes -= static_cast<int64_t>(old->second.value.nbytes());
    m_order.erase(old->second.place);
    m_kept.erase(old);
  }
  m_bytes += static_cast<int64_t>(value.nbytes());
  m_order.push_front(key);
  m_kept[key] = {value, m_order.begin()};
  while (m_bytes > m_budget && m_order.size() > 1) {
    const auto last = m_kept.find(m_order.back());
    m_bytes -= static_cast<int64_t>(last->second.value.nbytes());
    m_kept.erase(last);
    m_order.pop_back();
  }
  return value;
}

void Weights::inspect(const Key& key, const at::Tensor& value) {
  if (!m_inspected.insert(key).second || isAllFinite(value)) return;
  m_broken[key.first] += value.numel() - at::isfinite(value).sum().item<int64_t>();
}

std::vector<std::string> Weights::notices() const {
  constexpr size_t kNamed = 3;
  std::vector<std::string> result;
  if (m_hasLeftDevice)
    result.emplace_back(
        "The model runs on the CPU: the device has too little free memory or reported an error.");
  size_t named = 0;
  for (const TensorInfo* tensor : m_used) {
    const auto found = m_broken.find(tensor);
    if (found == m_broken.end()) continue;
    if (named++ == kNamed) {
      result.push_back(
          fmt::format("So do {} more tensors.", grouped(static_cast<int64_t>(m_broken.size() - kNamed))));
      break;
    }
    result.push_back(fmt::format(
        "Weights contain NaN or infinity: {}, {} of {} values. Affected cells are crossed: check the file.",
        printable(tensor->name), grouped(found->second), grouped(tensor->count())));
  }
  return result;
}

std::vector<std::string> runNotices(const Weights& weights, int64_t firstBroken) {
  std::vector<std::string> result = weights.notices();
  if (firstBroken >= 0)
    result.push_back(fmt::format("Activations contain NaN or infinity from layer {} on.", firstBroken));
  return result;
}

}  // namespace uc
