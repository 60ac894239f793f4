// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/engine/opened.h"
#include "core/io/regular_file.h"
#include "core/models/weights.h"
#include "core/values/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace uc {

namespace {

std::optional<std::string> textOf(const OpenedModel& opened, int64_t id) {
  if (opened.info.vision) return classLabel(*opened.info.vision, id);
  if (!opened.tokenizer) return std::nullopt;
  const std::optional<std::string> bytes = opened.tokenizer->bytes(id);
  return bytes ? std::optional<std::string>(tokenText(*bytes)) : std::nullopt;  // none: a padding row
}

Tokens fromIds(const OpenedModel& opened, const std::vector<int64_t>& ids) {
  Tokens tokens;
  tokens.list.reserve(ids.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] < 0 || ids[i] >= opened.info.vocabulary) {
      fail("A token id is outside the vocabulary.",
           fmt::format("id {} at position {}, vocabulary of {}", ids[i], i, grouped(opened.info.vocabulary)),
           fmt::format("Use ids 0 … {}.", opened.info.vocabulary - 1));
    }
    tokens.list.push_back({ids[i], textOf(opened, ids[i]), 0, 0});
  }
  return tokens;
}

std::vector<double> toDoubles(const at::Tensor& logits) {
  const at::Tensor wide = logits.to(at::kDouble).contiguous();
  return {wide.data_ptr<double>(), wide.data_ptr<double>() + wide.numel()};
}

double ranked(double value) { return std::isnan(value) ? -std::numeric_limits<double>::infinity() : value; }

// exp(logit / temperature − largest), and the sum: probabilities over all rows, padding rows too.
struct Softmax {
  std::vector<double> weights;
  double sum = 0.0;

  explicit Softmax(const std::vector<double>& logits, double temperature = 1.0) : weights(logits.size()) {
    double largest = -std::numeric_limits<double>::infinity();
    for (const double logit : logits) largest = std::max(largest, ranked(logit));
    for (size_t i = 0; i < logits.size(); ++i) {
      weights[i] = std::exp((logits[i] - largest) / temperature);
      sum += weights[i];
    }
  }
};

// Sebastiano Vigna's splitmix64; the upper 53 bits give a number in [0, 1).
class Uniform {
 public:
  explicit Uniform(uint64_t seed) : m_state(seed) {}
  double next() {
    m_state += 0x9e3779b97f4a7c15u;
    uint64_t z = m_state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1.0p-53;
  }

 private:
  uint64_t m_state;
};

size_t largest(const std::vector<double>& logits) {
  size_t best = 0;
  for (size_t i = 1; i < logits.size(); ++i) {
    if (ranked(logits[i]) > ranked(logits[best])) best = i;
  }
  return best;
}

// The first id at which the running sum of probabilities passes the drawn number.
size_t drawn(const std::vector<double>& logits, double temperature, double number) {
  const Softmax softmax(logits, temperature);
  double sum = 0.0;
  for (size_t i = 0; i < logits.size(); ++i) {
    sum += softmax.weights[i];
    if (sum > number * softmax.sum) return i;
  }
  return largest(logits);  // rounding, or numbers that are not finite
}

Prediction prediction(const OpenedModel& opened, size_t id, const std::vector<double>& logits,
                      const Softmax& softmax) {
  const auto number = static_cast<int64_t>(id);
  return {number, textOf(opened, number), softmax.weights[id] / softmax.sum, logits[id]};
}

// A picture has one row, of its classes.
int64_t logitRowCount(const OpenedModel& opened, const TracedRun& run) {
  return opened.info.vision ? 1 : run.tokens().size();
}

template <typename T>
MatrixOf<T> logitRows(const OpenedModel& opened, const TracedRun& run, const Feedback& feedback) {
  constexpr int64_t kRows = 256;
  const int64_t L = logitRowCount(opened, run);
  MatrixOf<T> result(L, opened.info.vision ? opened.info.classes : opened.info.vocabulary);
  const Trace& trace = run.complete(opened, feedback.part(0.0, 0.5));
  for (int64_t t = 0; t < L; t += kRows) {
    feedback.checkpoint();
    feedback.report(0.5 + 0.5 * static_cast<double>(t) / static_cast<double>(L), "Computing logits");
    const int64_t end = std::min(L, t + kRows);
    const at::Tensor rows =
        opened.model->logits(trace, t, end, Feedback()).to(c10::CppTypeToScalarType<T>::value).contiguous();
    std::copy_n(rows.data_ptr<T>(), rows.numel(), result.row(t));
  }
  return result;
}

}  // namespace

Tokens tokenize(const OpenedModel& opened, const Input& input) {
  checkInputKind(opened, input);
  if (opened.info.vision) {
    const RegularFile file(*input.image);  // there is one
    return pictureTokens(*opened.info.vision);
  }
  Tokens tokens;
  if (!input.text) {
    tokens = fromIds(opened, input.ids);
  } else if (opened.tokenizer) {
    tokens = opened.tokenizer->encode(*input.text);
  } else if (opened.tokenizerError) {
    throw Failure(*opened.tokenizerError);
  } else {
    fail("There is no tokenizer.", "folder " + printable(opened.info.name),
         "Add tokenizer.json, or enter token ids.");
  }
  if (input.maxTokens > 0 && tokens.size() > input.maxTokens) {
    tokens.list.resize(static_cast<size_t>(input.maxTokens));
    tokens.text.resize(std::min(tokens.text.size(), tokens.list.back().end));
  }
  return tokens;
}

std::vector<Prediction> predict(const OpenedModel& opened, const TracedRun& run, int64_t top,
                                const Feedback& feedback) {
  const int64_t L = run.tokens().size();
  const Trace& trace = run.complete(opened, feedback);
  const std::vector<double> logits = toDoubles(opened.model->logits(trace, L - 1, L, feedback));
  std::vector<size_t> order(logits.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto count = static_cast<size_t>(std::clamp<int64_t>(top, 0, static_cast<int64_t>(order.size())));
  std::partial_sort(order.begin(), order.begin() + static_cast<int64_t>(count), order.end(),
                    [&](size_t a, size_t b) {
                      const double left = ranked(logits[a]), right = ranked(logits[b]);
                      return left != right ? left > right : a < b;
                    });
  const Softmax softmax(logits);
  std::vector<Prediction> result;
  for (size_t i = 0; i < count; ++i) result.push_back(prediction(opened, order[i], logits, softmax));
  return result;
}

AnyMatrix allLogits(const OpenedModel& opened, const TracedRun& run, const Feedback& feedback) {
  const int64_t L = logitRowCount(opened, run);
  const int64_t bytes = L * std::max(opened.info.vocabulary, opened.info.classes) * opened.valueBytes();
  if (bytes > opened.budget) {
    fail("The logits do not fit in memory.",
         fmt::format("{} tokens: needs {}, limit {}", grouped(L), bytesText(bytes), bytesText(opened.budget)),
         "Use a shorter input, or raise the memory limit.");
  }
  if (opened.isDouble) return logitRows<double>(opened, run, feedback);
  return logitRows<float>(opened, run, feedback);
}

std::vector<Prediction> generate(const OpenedModel& opened, const TracedRun& run,
                                 const GenerateOptions& options, const Feedback& feedback) {
  if (options.temperature < 0.0 || !std::isfinite(options.temperature)) {
    fail("The temperature cannot be used.", fmt::format("temperature {}", options.temperature),
         "Choose 0 or more.");
  }
  std::vector<Prediction> result;
  if (options.count < 1) return result;
  Uniform uniform(options.seed);
  const std::unique_ptr<Model::State> state = opened.model->start();
  std::vector<int64_t> next = run.tokens().ids();
  for (int64_t i = 0; i < options.count; ++i) {
    feedback.checkpoint();
    feedback.report(static_cast<double>(i) / static_cast<double>(options.count), "Continuing the text");
    const std::vector<double> logits = toDoubles(opened.model->step(*state, next, feedback));
    const size_t id =
        options.temperature == 0.0 ? largest(logits) : drawn(logits, options.temperature, uniform.next());
    result.push_back(prediction(opened, id, logits, Softmax(logits)));
    next = {static_cast<int64_t>(id)};
  }
  return result;
}

}  // namespace uc
