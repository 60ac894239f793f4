// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/io/torch_tensor.h"

#include "core/values/error.h"

#include <algorithm>
#include <array>
#include <utility>

namespace uc {

using Kind = PickleValue::Kind;

namespace {

constexpr size_t kMaxDimensions = 64;  // of PyTorch

struct ElementType {
  std::string_view name;
  uint64_t size;
  Dtype dtype;
};

/// Storages of torch/storage.py, and the dtypes that have none and are named beside an untyped one.
constexpr std::array<ElementType, 34> kTypes{{
    {"torch.DoubleStorage", 8, Dtype::F64},
    {"torch.FloatStorage", 4, Dtype::F32},
    {"torch.HalfStorage", 2, Dtype::F16},
    {"torch.BFloat16Storage", 2, Dtype::BF16},
    {"torch.LongStorage", 8, Dtype::I64},
    {"torch.IntStorage", 4, Dtype::I32},
    {"torch.ByteStorage", 1, Dtype::U8},
    {"torch.BoolStorage", 1, Dtype::Bool},
    {"torch.ShortStorage", 2, Dtype::Other},
    {"torch.CharStorage", 1, Dtype::Other},
    {"torch.ComplexFloatStorage", 8, Dtype::Other},
    {"torch.ComplexDoubleStorage", 16, Dtype::Other},
    {"torch.QInt8Storage", 1, Dtype::Other},
    {"torch.QUInt8Storage", 1, Dtype::Other},
    {"torch.QInt32Storage", 4, Dtype::Other},
    {"torch.storage.UntypedStorage", 1, Dtype::Other},
    {"torch.UntypedStorage", 1, Dtype::Other},
    {"torch.float64", 8, Dtype::F64},
    {"torch.float32", 4, Dtype::F32},
    {"torch.float16", 2, Dtype::F16},
    {"torch.bfloat16", 2, Dtype::BF16},
    {"torch.int64", 8, Dtype::I64},
    {"torch.int32", 4, Dtype::I32},
    {"torch.uint8", 1, Dtype::U8},
    {"torch.bool", 1, Dtype::Bool},
    {"torch.uint16", 2, Dtype::Other},
    {"torch.uint32", 4, Dtype::Other},
    {"torch.uint64", 8, Dtype::Other},
    {"torch.float8_e4m3fn", 1, Dtype::Other},
    {"torch.float8_e4m3fnuz", 1, Dtype::Other},
    {"torch.float8_e5m2", 1, Dtype::Other},
    {"torch.float8_e5m2fnuz", 1, Dtype::Other},
    {"torch.float8_e8m0fnu", 1, Dtype::Other},
    {"torch.complex32", 4, Dtype::Other},
}};

const ElementType* typeOf(std::string_view name) {
  const auto found =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const ElementType& type) { return type.name == name; });
  return found == kTypes.end() ? nullptr : &*found;
}

[[noreturn]] void reject(const std::string& what, const std::string& where) {
  fail(what, where, "The file is damaged: copy or download it again.");
}

std::string_view lastPart(std::string_view name) { return name.substr(name.find_last_of('.') + 1); }

/// Bytes from the tensor's first element to behind its last, or nothing where 64 bits do not hold them. 0 for
/// a tensor without elements.
std::optional<uint64_t> reach(const TorchTensor& tensor) {
  uint64_t last = 0;
  for (size_t i = 0; i < tensor.strides.size(); ++i) {
    const auto size = static_cast<uint64_t>(tensor.info.shape[i]);
    if (size == 0) return 0;
    uint64_t step = 0;
    if (__builtin_mul_overflow(size - 1, tensor.strides[i], &step)) return std::nullopt;
    if (__builtin_add_overflow(last, step, &last)) return std::nullopt;
  }
  uint64_t bytes = 0;
  if (__builtin_add_overflow(last, 1, &last) || __builtin_mul_overflow(last, tensor.itemSize, &bytes)) {
    return std::nullopt;
  }
  return bytes;
}

std::optional<uint64_t> elementCount(const std::vector<int64_t>& shape) {
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  uint64_t product = 1;
  for (const int64_t size : shape) {
    if (__builtin_mul_overflow(product, static_cast<uint64_t>(size), &product)) return std::nullopt;
  }
  return product;
}

bool isRowMajor(const TorchTensor& tensor) {
  uint64_t expected = 1;
  for (size_t i = tensor.strides.size(); i-- > 0;) {
    const auto size = static_cast<uint64_t>(tensor.info.shape[i]);
    if (size != 1 && tensor.strides[i] != expected) return false;
    expected *= size;
  }
  return true;
}

}  // namespace

bool TorchTensors::isTensor(PickleValue value) const {
  if (value.kind != Kind::Object) return false;
  const std::string_view name = lastPart(m_pickle.global(m_pickle.callee(value)));
  return name.starts_with("_rebuild") || name == "_reconstruct";
}

/// Without what stands around a tensor: torch.nn.Parameter, and a type with attributes.
PickleValue TorchTensors::unwrapped(PickleValue value) const {
  static constexpr int kMaxWrappers = 4;
  for (int i = 0; i < kMaxWrappers; ++i) {
    const std::string_view name = m_pickle.global(m_pickle.callee(value));
    const std::span<const PickleValue> arguments = m_pickle.items(m_pickle.arguments(value));
    const bool isParameter =
        name == "torch._utils._rebuild_parameter" || name == "torch._utils._rebuild_parameter_with_state";
    if (!isParameter || arguments.empty()) break;
    value = arguments[0];
  }
  return value;
}

std::vector<uint64_t> TorchTensors::numbers(PickleValue tuple, const char* what,
                                            const std::string& where) const {
  std::vector<uint64_t> result;
  const std::span<const PickleValue> items = m_pickle.items(tuple);
  const bool isTuple = tuple.kind == Kind::Tuple || tuple.kind == Kind::List;
  if (isTuple && items.size() > kMaxDimensions) reject("The tensor has more than 64 dimensions.", where);
  for (const PickleValue item : items) {
    if (!isTuple || item.kind != Kind::Integer) break;
    if (item.integer() < 0) reject(std::string("A number of the tensor's ") + what + " is negative.", where);
    result.push_back(item.payload);
  }
  if (!isTuple || result.size() != items.size()) {
    reject(std::string("The tensor's ") + what + " is not a tuple of whole numbers.", where);
  }
  return result;
}

/// ("storage", type, key, device, count); nothing for a type that is not known.
std::optional<TorchTensors::Storage> TorchTensors::storage(PickleValue reference, const std::string& where) {
  const std::span<const PickleValue> parts =
      m_pickle.items(reference.kind == Kind::Reference ? m_pickle.arguments(reference) : PickleValue{});
  if (parts.size() < 5 || m_pickle.text(parts[0]) != "storage" || parts[1].kind != Kind::Global ||
      parts[2].kind != Kind::String || parts[4].kind != Kind::Integer) {
    reject("The tensor does not say where its storage is.", where);
  }
  if (parts[4].integer() < 0) reject("The tensor's storage has a negative size.", where);
  const ElementType* type = typeOf(m_pickle.global(parts[1]));
  if (type == nullptr) return std::nullopt;
  Storage storage{
      m_pickle.global(parts[1]), m_pickle.text(parts[2]), parts[4].payload, type->size, type->dtype,
      m_storages.size() + 1};
  const auto [known, isNew] = m_storages.emplace(storage.key, storage);
  if (!isNew) {
    if (known->second.type != storage.type || known->second.count != storage.count) {
      reject("Two tensors disagree about their storage.", where);
    }
    return known->second;
  }
  const std::string record = printable("data/" + std::string(storage.key), 80);
  const std::optional<uint64_t> size = m_storageSize(storage.key);
  if (!size) reject("The tensor's storage " + record + " is not in the file.", where);
  uint64_t bytes = 0;
  if (__builtin_mul_overflow(storage.count, storage.itemSize, &bytes) || bytes != *size) {
    reject("The tensor's storage " + record + " has " + std::to_string(*size) + " bytes, not " +
               std::to_string(storage.count) + " elements of " + std::to_string(storage.itemSize) + ".",
           where);
  }
  return storage;
}

TorchTensor TorchTensors::unreadable(const std::string& name, std::string what) const {
  TorchTensor tensor;
  tensor.info.name = name;
  tensor.info.dtypeName = std::move(what);
  tensor.info.file = m_file;
  return tensor;
}

TorchTensor TorchTensors::read(PickleValue value, const std::string& name) {
  const PickleValue call = unwrapped(value);
  const std::string_view callee = m_pickle.global(m_pickle.callee(call));
  if (callee == "torch._utils._rebuild_tensor_v2" || callee == "torch._utils._rebuild_tensor_v3") {
    return rebuilt(call, name);
  }
  if (callee == "torch._tensor._rebuild_from_type_v2") {  // (function, type, arguments, attributes)
    const std::span<const PickleValue> parts = m_pickle.items(m_pickle.arguments(call));
    if (parts.size() >= 3 && m_pickle.global(parts[0]) == "torch._utils._rebuild_tensor_v2" &&
        m_pickle.global(parts[1]).starts_with("torch.")) {
      return rebuilt(call, name);
    }
  }
  return unreadable(name, std::string(callee));
}

/// (storage, first element, shape, strides, requires_grad, hooks[, metadata]), or with the dtype before the
/// metadata and the storage untyped.
TorchTensor TorchTensors::rebuilt(PickleValue call, const std::string& name) {
  const std::string where = m_file + ", tensor \"" + printable(name, 120) + "\"";
  std::span<const PickleValue> parts = m_pickle.items(m_pickle.arguments(call));
  const std::string_view callee = m_pickle.global(m_pickle.callee(call));
  if (lastPart(callee) == "_rebuild_from_type_v2") parts = m_pickle.items(parts[2]);
  const size_t metadata = lastPart(callee) == "_rebuild_tensor_v3" ? 7 : 6;
  if (parts.size() < metadata) reject("The tensor is described by too few values.", where);

  std::optional<Storage> place = storage(parts[0], where);
  TorchTensor tensor = unreadable(name, "of an unknown storage");
  if (!place) return tensor;
  std::string_view type = place->type;
  if (metadata == 7) {
    const ElementType* element = typeOf(m_pickle.global(parts[6]));
    if (element == nullptr) return tensor;
    type = element->name;
    place->count /= element->size;
    place->itemSize = element->size;
    place->dtype = element->dtype;
  }
  if (parts[1].kind != Kind::Integer) reject("The tensor's first element is not a whole number.", where);
  if (parts[1].integer() < 0) reject("The tensor begins before its storage.", where);
  tensor.first = parts[1].payload;
  for (const uint64_t size : numbers(parts[2], "shape", where)) {
    tensor.info.shape.push_back(static_cast<int64_t>(size));
  }
  tensor.strides = numbers(parts[3], "strides", where);
  if (tensor.strides.size() != tensor.info.shape.size()) {
    reject("The tensor has " + std::to_string(tensor.info.shape.size()) + " dimensions but " +
               std::to_string(tensor.strides.size()) + " strides.",
           where);
  }
  tensor.itemSize = place->itemSize;
  tensor.info.dtypeName = lastPart(type);
  tensor.info.dtype = place->dtype;

  const std::optional<uint64_t> bytes = reach(tensor), count = elementCount(tensor.info.shape);
  uint64_t begin = 0, end = 0;
  if (!bytes || !count || __builtin_mul_overflow(tensor.first, tensor.itemSize, &begin) ||
      __builtin_add_overflow(begin, *bytes, &end) || end > place->count * place->itemSize) {
    reject("The tensor of shape " + shapeText(tensor.info.shape) + " reaches beyond its storage of " +
               std::to_string(place->count) + " elements.",
           where);
  }
  const bool isMarked = parts.size() > metadata && !m_pickle.items(parts[metadata]).empty();
  if (*count > place->count || isMarked) {  // more than the file holds, or values not as they are stored
    tensor.info.dtype = Dtype::Other;
    tensor.info.dtypeName += isMarked ? ", conjugate or negative" : ", repeated along a dimension";
    return tensor;
  }
  tensor.storage = place->key;
  tensor.info.bytes = *count * tensor.itemSize;
  tensor.info.place = {place->number, begin, end};
  tensor.isContiguous = isRowMajor(tensor);
  return tensor;
}

}  // namespace uc
