// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "gpu/emulation/emulation.h"

namespace uc::test {

/// While it lives, forward passes take the way of a device, which is the emulated one.
struct HostAsDevice {
  HostAsDevice() { gpu::emulation::setHostMemory(true); }
  ~HostAsDevice() { gpu::emulation::setHostMemory(false); }
  HostAsDevice(const HostAsDevice&) = delete;
  HostAsDevice& operator=(const HostAsDevice&) = delete;
};

}  // namespace uc::test
