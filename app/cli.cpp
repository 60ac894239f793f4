// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/cli.h"

#include "app/cli_commands.h"
#include "core/engine/device.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <new>

namespace uc {
namespace {

constexpr int kDone = 0, kFailed = 1, kUsage = 2, kInterrupted = 130;

std::stop_source& interrupt() {
  static std::stop_source source;
  return source;
}

/// The first Ctrl-C asks the work to stop at its next checkpoint; the second leaves at once.
void onInterrupt(int) {
  if (interrupt().stop_requested()) _exit(kInterrupted);
  interrupt().request_stop();
}

void installInterrupt() {
  interrupt();  // made before a signal can come
  struct sigaction action {};
  action.sa_handler = onInterrupt;
  sigaction(SIGINT, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is a failed write, with its own message
}

int report(const Error& error, bool isJson, int status) {
  if (isJson) {
    const Json json = {{"error", {{"what", error.what}, {"where", error.where}, {"todo", error.todo}}}};
    std::fputs((json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n").c_str(), stderr);
  } else {
    std::fputs(("undercurrent-cli: " + oneLine(error) + "\n").c_str(), stderr);
  }
  return status;
}

int reportUsage(const UsageError& error, bool isJson) {
  std::string message = error.message;
  if (!message.empty() && message.back() != '.') message += '.';
  const std::string command = error.command.empty() ? "" : " " + error.command;
  return report({message, "", "Run undercurrent-cli" + command + " --help."}, isJson, kUsage);
}

void dispatch(const Arguments& arguments, Console& console) {
  using Command = Arguments::Command;
  switch (arguments.command) {
    case Command::Version:
      return runVersion(arguments);
    case Command::Devices:
      return runDevices(arguments);
    case Command::Bench:
      return runBench(arguments, console);
    case Command::Info:
      return runInfo(arguments, console);
    case Command::Tokens:
      return runTokens(arguments, console);
    case Command::Predict:
      return runPredict(arguments, console);
    case Command::Verify:
      return runVerify(arguments, console);
    case Command::Map:
      return runMap(arguments, console);
    case Command::Statistics:
      return runStatistics(arguments, console);
  }
}

}  // namespace

int runCommandLine(int argc, char** argv) {
  const bool isJson = wantsJson(argc, argv);
  try {
    const Arguments arguments = parseArguments(argc, argv);
    installInterrupt();
    setThreads(arguments.threads);
    Console console(arguments, interrupt().get_token());
    dispatch(arguments, console);
    console.finish();
    return kDone;
  } catch (const TextWanted& wanted) {
    std::fputs(wanted.text.c_str(), stdout);
    return std::fflush(stdout) == 0 ? kDone : kFailed;
  } catch (const UsageError& error) {
    return reportUsage(error, isJson);
  } catch (const Cancelled&) {
    std::fputs("undercurrent-cli: Interrupted. Nothing was written.\n", stderr);
    return kInterrupted;
  } catch (const Failure& failure) {
    return report(failure.error(), isJson, kFailed);
  } catch (const std::bad_alloc&) {
    return report({"There is not enough memory.", "", "Use a shorter input, a smaller part or --pool."},
                  isJson, kFailed);
  } catch (const std::exception& error) {
    return report({"The program met an internal error.", error.what(), "Report it with the command line."},
                  isJson, kFailed);
  }
}

}  // namespace uc
