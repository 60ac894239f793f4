// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "tests/support/qt_tests.h"

#include <QGuiApplication>

int main(int argc, char** argv) { return uc::runQtTests<QGuiApplication>(argc, argv); }
