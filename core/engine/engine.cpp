// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/engine.h"

#include "core/engine/device.h"
#include "core/engine/locate.h"
#include "core/engine/opened.h"
#include "core/values/error.h"

#include <c10/util/Exception.h>

#include <fmt/format.h>

#include <exception>
#include <filesystem>
#include <new>
#include <stdexcept>

namespace uc {

namespace {

[[noreturn]] void failMemory(const std::string& what) {
  fail("There is not enough memory.", what,
       "Use a shorter input or a smaller part, or close other programs.");
}

std::string firstLine(const std::string& text) { return printable(text.substr(0, text.find('\n')), 160); }

// The one place where exceptions of the libraries become messages of ours. `what` names the work.
template <typename Function>
auto translated(const std::string& what, const Function& function) {
  try {
    return function();
  } catch (const Failure&) {
    throw;
  } catch (const std::bad_alloc&) {
    failMemory(what);
  } catch (const std::length_error&) {
    failMemory(what);
  } catch (const c10::Error& error) {
    const std::string line = firstLine(error.what_without_backtrace());
    // LibTorch reports a failed allocation as an ordinary error of its allocator.
    if (line.find("allocate memory") != std::string::npos) failMemory(what);
    fail("The computation failed.", what + ": " + line, "Report this with the model and the input.");
  } catch (const std::exception&) {
    fail("The computation failed.", what, "Report this with the model and the input.");
  }
}

ComputeType computeType(const std::string& dtype) {
  if (dtype == "float32") return ComputeType::Float32;
  if (dtype == "float64") return ComputeType::Float64;
  if (dtype == "bfloat16") return ComputeType::BFloat16;
  fail("There is no such dtype.", printable(dtype, 80), "Choose float32, float64 or bfloat16.");
}

// A model without a usable tokenizer still opens: ids work, and a text gets the reason.
void openTokenizerOf(OpenedModel& opened, const std::filesystem::path& folder) {
  if (opened.info.vision) return;
  try {
    const bool isRwkv = opened.info.family.starts_with("rwkv");
    opened.tokenizer = openTokenizer(folder, opened.info.vocabulary,
                                     isRwkv ? OtherwiseReads::World : OtherwiseReads::Nothing);
  } catch (const Failure& failure) {
    opened.tokenizerError = failure.error();
    opened.info.notices.push_back("The tokenizer cannot be used: " + oneLine(failure.error()));
    return;
  }
  if (opened.tokenizer) opened.info.tokenizer = opened.tokenizer->kind();
}

OpenedModel openAll(const std::string& model, const OpenOptions& options, const Feedback& feedback) {
  const ComputeType type = computeType(options.dtype);
  const std::optional<int> device = requireDevice(options.device);
  prepareThreads();
  const ModelPlace place = locateModel(model);
  feedback.report(0.0, "Opening the model");
  const std::shared_ptr<const Checkpoint> checkpoint = Checkpoint::open(place.path);
  feedback.checkpoint();

  OpenedModel opened;
  opened.isDouble = type == ComputeType::Float64;
  opened.budget = options.memoryGb > 0.0 ? static_cast<int64_t>(std::min(options.memoryGb, 1e9) * 1e9)
                                         : machineMemory() / 4 * 3;
  const std::optional<ModelDevice> runsOn = device ? modelDevice(*device) : std::nullopt;
  opened.model = runsOn ? openModel(checkpoint, type, std::min(opened.budget, runsOn->freeBytes),
                                    c10::Device(runsOn->name))
                        : openModel(checkpoint, type, opened.budget);
  opened.info = opened.model->info();
  if (device) {
    opened.gpu = std::make_unique<GpuOperators>(*device);
    if (!runsOn) {
      opened.info.notices.emplace_back(
          "Maps are computed on the CUDA device; the model runs on the CPU, because this LibTorch has no "
          "CUDA.");
    }
  }
  if (!place.name.empty()) opened.info.name = place.name;
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(place.path, error);
  opened.info.path = (error ? place.path : path).lexically_normal().string();
  feedback.report(0.5, "Opening the tokenizer");
  openTokenizerOf(opened, checkpoint->folder());
  feedback.report(1.0, "Opened");
  return opened;
}

class OpenedEngine : public Engine {
 public:
  explicit OpenedEngine(OpenedModel opened) : m_opened(std::move(opened)) {}

  const ModelInfo& info() const override { return m_opened.info; }

  Tokens tokenize(const Input& input) const override {
    return translated("tokens", [&] { return uc::tokenize(m_opened, input); });
  }
  std::optional<std::string> decode(const std::vector<int64_t>& ids) const override {
    if (!m_opened.tokenizer) return std::nullopt;
    return translated("decoding", [&] { return m_opened.tokenizer->decode(ids, false); });
  }
  Picture picture(const Input& input) const override {
    return translated("the picture", [&] { return pictureOf(m_opened, input); });
  }
  RunHandle run(const Input& input, const Feedback& feedback) const override {
    return translated("running the model", [&]() -> RunHandle {
      return std::make_shared<const TracedRun>(m_opened, input, feedback);
    });
  }
  std::vector<Prediction> predict(const RunHandle& run, int64_t top,
                                  const Feedback& feedback) const override {
    return translated("prediction", [&] { return uc::predict(m_opened, traced(run), top, feedback); });
  }
  AnyMatrix logits(const RunHandle& run, const Feedback& feedback) const override {
    return translated("logits", [&] { return allLogits(m_opened, traced(run), feedback); });
  }
  std::vector<Prediction> generate(const RunHandle& run, const GenerateOptions& options,
                                   const Feedback& feedback) const override {
    return translated("continuing the text",
                      [&] { return uc::generate(m_opened, traced(run), options, feedback); });
  }
  MapResult map(const RunHandle& run, const MapRequest& request, const Feedback& feedback) const override {
    return translated(fmt::format("map of layer {}", request.id.layer),
                      [&] { return cutMap(m_opened, traced(run), request, feedback); });
  }
  RowResult row(const RunHandle& run, const MapId& id, int64_t t, const Feedback& feedback) const override {
    return translated(fmt::format("row {} of layer {}", t, id.layer),
                      [&] { return cutRow(m_opened, traced(run), id, t, feedback); });
  }
  LayerCheck verify(const RunHandle& run, int64_t layer, const Feedback& feedback) const override {
    return translated(fmt::format("check of layer {}", layer),
                      [&] { return checkLayer(m_opened, traced(run), layer, feedback); });
  }
  BadgeResult badge(const RunHandle& run, const MapId& id, const Feedback& feedback) const override {
    return translated(fmt::format("check of layer {}", id.layer),
                      [&] { return judge(m_opened, traced(run), id, feedback); });
  }
  std::vector<FactorMove> moves(const RunHandle& run, const MapId& id,
                                const Feedback& feedback) const override {
    return translated(fmt::format("factors of layer {}", id.layer),
                      [&] { return factorMoves(m_opened, traced(run), id, feedback); });
  }
  std::vector<LaneStatistics> statistics(const RunHandle& run, int64_t layer,
                                         const Feedback& feedback) const override {
    return translated(fmt::format("statistics of layer {}", layer),
                      [&] { return measureLanes(m_opened, traced(run), layer, feedback); });
  }

 private:
  // Every run that an engine gives out is of this class.
  static const TracedRun& traced(const RunHandle& run) { return static_cast<const TracedRun&>(*run); }

  OpenedModel m_opened;
};

}  // namespace

std::shared_ptr<const Engine> Engine::open(const std::string& model, const OpenOptions& options,
                                           const Feedback& feedback) {
  return translated("opening " + printable(model), [&]() -> std::shared_ptr<const Engine> {
    return std::make_shared<const OpenedEngine>(openAll(model, options, feedback));
  });
}

}  // namespace uc
