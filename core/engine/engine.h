// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "core/values/badge.h"
#include "core/values/feedback.h"
#include "core/values/map_id.h"
#include "core/values/matrix.h"
#include "core/values/model_info.h"
#include "core/values/picture.h"
#include "core/values/statistics.h"
#include "core/values/tokens.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace uc {

/// The facade that the window and the command line call. Values only: no tensor leaves core. Every function
/// throws Failure with a message fit to be shown, or Cancelled; LibTorch's own exceptions are translated
/// here.

struct OpenOptions {
  std::string dtype = "float32";  // float32, float64, bfloat16 (conventions.md 3)
  std::string device = "cpu";     // cpu, cuda, cuda:i
  double memoryGb = 0.0;          // the budget that messages speak of; 0: three quarters of the machine's
};

/// A text, ids taken as they are, or a picture's file.
struct Input {
  std::optional<std::string> text;
  std::vector<int64_t> ids;
  int64_t maxTokens = 0;  // 0: no limit; else the input is cut there, and `Run` says so
  std::optional<std::string> image = std::nullopt;  // PNG, JPEG, WebP, BMP, TIFF, or a float32 .npy [3, H, W]
  std::string preprocess = "official";              // official, notebook, squash (conventions.md 26)
};

/// An input on its way through a model: tokens and an opaque trace. A short input is run at once; of a long
/// one each question about it runs as many layers as its answer takes. Shared, releasable on any thread.
class Run {
 public:
  virtual ~Run() = default;
  virtual const Tokens& tokens() const = 0;
  /// "Input cut to 1,024 of 3,000 tokens.", NaN found …: what is known by now. Any thread.
  virtual std::vector<std::string> notices() const = 0;
};
using RunHandle = std::shared_ptr<const Run>;

struct Prediction {
  int64_t id = 0;
  std::optional<std::string> text;  // decoded bytes of the token, printable form as in Token::text; or the
                                    // class's label
  double probability = 0.0;
  double logit = 0.0;
};

struct GenerateOptions {
  int64_t count = 0;
  double temperature = 0.0;  // 0: greedy
  uint64_t seed = 0;
};

struct MapRequest {
  MapId id;
  MapPart part = {};
  bool timesInput = false;  // every entry multiplied by x[s] of its lane before merging (contribution)
  bool maySample = false;   // a map that would take long may leave out entries; the result says so
  bool onlyTime = false;  // nothing is run: of the result only `seconds` and `preparing` count, what it would
                          // take, roughly, and `stride`, whether it would be sampled
  double patience = 1.5;  // seconds: what takes longer than that takes long
};

/// A map or a part of it, with what a reader must know to show it truthfully.
struct MapResult {
  AnyMatrix values;
  MapId id;
  int64_t row0 = 0, row1 = 0, col0 = 0, col1 = 0;  // resolved token ranges
  int64_t pool = 1;
  Pooling pooling = Pooling::Mean;
  int64_t stride = 1;  // 1: every entry is in it; else sampled: of each pool one row and column in so many
  Attended attended = Attended::Earlier;
  bool isUnsigned = false;           // no entry can be negative
  double seconds = 0.0;              // time of the operator
  double preparing = 0.0;            // onlyTime: what the factors and the layers before take, where not kept
  std::vector<std::string> notices;  // a factor that the family lacks …
};

/// Row t of the shown map with what the read-out needs. All vectors have L entries; those that t does not
/// attend to are 0.
struct RowResult {
  int64_t row = 0;
  std::vector<double> alpha;  // the map's own values
  std::vector<double> share;  // |α[t,s]·x_s| / Σ_s |α[t,s]·x_s|, merges: Σ over lanes on both
  std::vector<double> decay;  // largest over n of Π_{(s,t]} a; empty under a merge
};

struct LayerCheck {
  int64_t layer = 0;
  std::string kind;
  double error = 0.0, scale = 0.0, relative = 0.0;
  std::vector<std::string> notices;
};

/// How much one factor moves the shown map: ‖H − H′‖_F / ‖H‖_F with the factor switched.
struct FactorMove {
  Factor factor = Factor::Gate;
  double share = 0.0;
};

class Engine {
 public:
  /// Opens a model by the rules of conventions.md 4 (path, demo:NAME, owner/name).
  static std::shared_ptr<const Engine> open(const std::string& model, const OpenOptions& options,
                                            const Feedback& feedback);
  virtual ~Engine() = default;

  virtual const ModelInfo& info() const = 0;

  /// Tokens of an input; ids are checked against the vocabulary, an empty text gives an empty list. Of a
  /// picture, which is not read for that: its patches "r3c4" and the "[class]" token in their order, ids the
  /// positions. Any thread.
  virtual Tokens tokenize(const Input& input) const = 0;
  /// Text of ids as the tokenizer decodes them; nothing without a tokenizer.
  virtual std::optional<std::string> decode(const std::vector<int64_t>& ids) const = 0;

  /// What a vision model sees of the input's picture, read and brought to its size; empty of another
  /// model's. Any thread.
  virtual Picture picture(const Input& input) const = 0;

  // What follows runs on one thread at a time.
  virtual RunHandle run(const Input& input, const Feedback& feedback) const = 0;
  virtual std::vector<Prediction> predict(const RunHandle& run, int64_t top,
                                          const Feedback& feedback) const = 0;
  /// All logits [L, V], or [1, classes] of a vision model: float32, or float64 when the model was opened so.
  virtual AnyMatrix logits(const RunHandle& run, const Feedback& feedback) const = 0;
  virtual std::vector<Prediction> generate(const RunHandle& run, const GenerateOptions& options,
                                           const Feedback& feedback) const = 0;
  virtual MapResult map(const RunHandle& run, const MapRequest& request, const Feedback& feedback) const = 0;
  virtual RowResult row(const RunHandle& run, const MapId& id, int64_t t, const Feedback& feedback) const = 0;
  virtual LayerCheck verify(const RunHandle& run, int64_t layer, const Feedback& feedback) const = 0;
  virtual BadgeResult badge(const RunHandle& run, const MapId& id, const Feedback& feedback) const = 0;
  virtual std::vector<FactorMove> moves(const RunHandle& run, const MapId& id,
                                        const Feedback& feedback) const = 0;
  /// Of every lane of the layer, or every head of a softmax layer.
  virtual std::vector<LaneStatistics> statistics(const RunHandle& run, int64_t layer,
                                                 const Feedback& feedback) const = 0;
};

/// Throws Failure when `id` and `part` do not fit the model and an input of `tokens` tokens; used by map()
/// and, before any work starts, by the command line.
void checkMap(const ModelInfo& info, const MapId& id, const MapPart& part, int64_t tokens);

/// Folder of a demo model beside the program, or Failure that lists the demos there are.
std::string demoFolder(std::string_view demoName);

struct DemoOpening {
  std::string text;                  // of a language model
  std::optional<std::string> image;  // of a vision model: the path of a picture that comes with the demo
  int64_t layer = 0, lane = 0;
  int64_t row = -1, col = -1;  // the cell to look at
};
/// The opening view of a demo model (opening.json beside it); of a vision model without that file, the first
/// of its pictures.
DemoOpening demoOpening(std::string_view demoName);

}  // namespace uc
