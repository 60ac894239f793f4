// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/engine_library.h"

/// The one symbol of the engine's library.
extern "C" __attribute__((visibility("default"))) void undercurrentEngine(uc::EngineFunctions* functions) {
  functions->open = &uc::Engine::open;
  functions->demoOpening = &uc::demoOpening;
  functions->devices = &uc::devices;
  functions->versions = &uc::versions;
  functions->threads = &uc::threads;
}
