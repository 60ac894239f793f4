// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/engine/device.h"
#include "core/engine/engine.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace uc {

/// What the window calls of the engine. The engine lies in a shared library of its own, because LibTorch
/// takes half a second to load: the window is painted first, and the worker loads the library meanwhile.
/// Tests put in their own.
struct EngineFunctions {
  std::function<std::shared_ptr<const Engine>(const std::string&, const OpenOptions&, const Feedback&)> open;
  std::function<DemoOpening(std::string_view)> demoOpening;
  std::function<std::vector<Device>()> devices;
  std::function<std::vector<std::pair<std::string, std::string>>()> versions;
  std::function<int()> threads;
};

/// Loads the engine's library, which then stays for good. Takes half a second: call on the worker. Throws
/// Failure when it is not where it was installed.
EngineFunctions loadEngine();

}  // namespace uc
