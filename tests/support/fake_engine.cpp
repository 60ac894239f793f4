// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "tests/support/fake_engine.h"

#include "core/values/error.h"

#include <cmath>
#include <thread>

namespace uc::test {

namespace {

class FakeRun : public Run {
 public:
  explicit FakeRun(Tokens tokens) : m_tokens(std::move(tokens)) {}
  const Tokens& tokens() const override { return m_tokens; }
  std::vector<std::string> notices() const override { return m_notices; }

 private:
  Tokens m_tokens;
  std::vector<std::string> m_notices;
};

double merged(const MapId& id, int64_t lanes, int64_t t, int64_t s) {
  if (id.lanes.kind == LaneChoice::Kind::Lane) return fakeAlpha(id.layer, id.lanes.index, t, s);
  double sum = 0.0;
  for (int64_t c = 0; c < lanes; ++c) {
    const double value = fakeAlpha(id.layer, c, t, s);
    sum += id.lanes.merge == Merge::Mean ? value : std::abs(value);
  }
  return sum / static_cast<double>(lanes);
}

class FakeEngine : public Engine {
 public:
  FakeEngine(const std::string& name, std::shared_ptr<FakeCounts> counts) : m_counts(std::move(counts)) {
    m_info.name = name;
    m_info.path = "/" + name;
    m_info.family = "mamba";
    m_info.layers = 12;
    m_info.kinds.assign(12, "mamba");
    m_info.lanes = 16;
    m_info.state = 4;
    m_info.dtype = "float32";
    m_info.tokenizer = "bpe";
    if (name.find("vision") != std::string::npos) {
      m_info.family = "vim";
      m_info.isBidirectional = true;
      m_info.classes = 10;
      m_info.tokenizer = std::nullopt;
      m_info.vision = VisionInfo{16, 20, 4, 4, 4, 5, 10, {}};
    }
    if (name.find("mixed") != std::string::npos) {
      m_info.heads = 4;
      m_info.attentionLanes = 16;
      m_info.kinds[1] = "attention";
    }
    m_info.factors = {Factor::Gate, Factor::Scan, Factor::Activation, Factor::Convolution, Factor::Skip};
  }

  const ModelInfo& info() const override { return m_info; }

  Tokens tokenize(const Input& input) const override {
    Tokens tokens;
    if (m_info.vision) {
      for (int64_t t = 0; t < m_info.vision->tokens(); ++t) {
        tokens.list.push_back({t, t == 10 ? "[class]" : "r" + std::to_string(t / 5), 0, 0});
      }
      return tokens;
    }
    if (!input.text) {
      for (int64_t id : input.ids) tokens.list.push_back({id, "#" + std::to_string(id), 0, 0});
      return tokens;
    }
    tokens.text = *input.text;
    size_t begin = 0;
    while (begin < tokens.text.size()) {
      const size_t end = std::min(tokens.text.find(' ', begin + 1), tokens.text.size());
      tokens.list.push_back({tokens.size(), tokens.text.substr(begin, end - begin), begin, end});
      begin = end;
    }
    return tokens;
  }
  std::optional<std::string> decode(const std::vector<int64_t>& ids) const override {
    std::string text;
    for (size_t i = 0; i < ids.size(); ++i) text += " more";
    return text;
  }

  Picture picture(const Input& input) const override {
    Picture result(20, 16);
    result.rgb.assign(result.rgb.size(), static_cast<uint8_t>(input.image->size()));
    return result;
  }
  RunHandle run(const Input& input, const Feedback& feedback) const override {
    ++m_counts->runs;
    if (input.image && input.image->find("broken") != std::string::npos)
      fail("The picture is damaged.", *input.image, "Open another one.");
    const std::string text = input.text.value_or("");
    if (text.find("fail") != std::string::npos)
      fail("The input does not run.", "word \"fail\"", "Write another.");
    while (text.find("slow") != std::string::npos) {
      feedback.report(0.5, "Running layer 6");
      feedback.checkpoint();
      std::this_thread::yield();
    }
    return std::make_shared<FakeRun>(tokenize(input));
  }
  std::vector<Prediction> predict(const RunHandle&, int64_t, const Feedback&) const override {
    m_counts->mapsBeforePrediction = m_counts->requests.size();
    return {{1, " north", 0.5, 2.0}, {2, " south", 0.25, 1.0}};
  }
  AnyMatrix logits(const RunHandle& run, const Feedback&) const override {
    return Matrix(run->tokens().size(), 4);
  }
  std::vector<Prediction> generate(const RunHandle&, const GenerateOptions& options,
                                   const Feedback&) const override {
    return std::vector<Prediction>(static_cast<size_t>(options.count));
  }

  MapResult map(const RunHandle& run, const MapRequest& request, const Feedback&) const override {
    const auto& [id, part, timesInput, maySample, onlyTime, patience] = request;
    ++m_counts->maps;
    m_counts->requests.push_back(request);
    if (id.layer == 11) fail("Weights contain NaN.", "layer 11", "Check the file.");
    const int64_t tokens = run->tokens().size();
    MapResult result;
    result.id = id;
    result.row0 = part.rows.begin, result.row1 = part.rows.end < 0 ? tokens : part.rows.end;
    result.col0 = part.cols.begin, result.col1 = part.cols.end < 0 ? tokens : part.cols.end;
    result.pool = part.pool;
    result.pooling = part.pooling;
    const bool isMerged = id.lanes.kind == LaneChoice::Kind::All && id.lanes.merge == Merge::MeanAbs;
    if (maySample && isMerged) result.stride = part.pool;
    result.isUnsigned = isUnsigned(id.lanes);
    result.attended = attendedIn(m_info.isBidirectional, id.direction);
    const auto cells = [&](int64_t from, int64_t to) { return (to - from + part.pool - 1) / part.pool; };
    Matrix values(cells(result.row0, result.row1), cells(result.col0, result.col1));
    for (int64_t i = 0; i < values.rows; ++i)
      for (int64_t j = 0; j < values.cols; ++j) {
        const int64_t t = result.row0 + i * part.pool, s = result.col0 + j * part.pool;
        if (s <= t) values.at(i, j) = static_cast<float>(pooled(id, t, s, part.pool));
      }
    result.values = std::move(values);
    return result;
  }
  RowResult row(const RunHandle& run, const MapId& id, int64_t t, const Feedback&) const override {
    ++m_counts->rows;
    RowResult result;
    result.row = t;
    const size_t tokens = static_cast<size_t>(run->tokens().size());
    result.alpha.assign(tokens, 0.0);
    result.share.assign(tokens, 1.0 / static_cast<double>(t + 1));
    for (int64_t s = 0; s <= t; ++s) result.alpha[static_cast<size_t>(s)] = merged(id, m_info.lanes, t, s);
    if (id.lanes.kind == LaneChoice::Kind::Lane) result.decay.assign(tokens, 0.5);
    return result;
  }
  LayerCheck verify(const RunHandle&, int64_t layer, const Feedback&) const override {
    return {layer, "mamba", 1e-7, 1.0, 1e-7 * static_cast<double>(layer + 1), {}};
  }
  BadgeResult badge(const RunHandle&, const MapId& id, const Feedback&) const override {
    BadgeResult badge;
    badge.state =
        id.factors.convention == Convention::Exact ? BadgeResult::State::Exact : BadgeResult::State::Part;
    badge.relative = 2.4e-7;
    badge.share = 0.941;
    badge.lanes = id.lanes.kind == LaneChoice::Kind::Lane ? 1 : m_info.lanes;
    return badge;
  }
  std::vector<FactorMove> moves(const RunHandle&, const MapId& id, const Feedback&) const override {
    ++m_counts->moves;
    if (m_info.isSoftmax(id.layer)) return {};
    return {{Factor::Gate, 0.83}, {Factor::Skip, 0.12}};
  }
  std::vector<LaneStatistics> statistics(const RunHandle& run, int64_t layer,
                                         const Feedback&) const override {
    std::vector<LaneStatistics> lanes(static_cast<size_t>(m_info.lanes));
    for (size_t lane = 0; lane < lanes.size(); ++lane) {
      lanes[lane].layer = layer;
      lanes[lane].lane = static_cast<int64_t>(lane);
      lanes[lane].rows = run->tokens().size();
    }
    return lanes;
  }

 private:
  // The mean of one lane; of merges, which would take long, the first entry.
  double pooled(const MapId& id, int64_t t0, int64_t s0, int64_t pool) const {
    if (id.lanes.kind != LaneChoice::Kind::Lane) return merged(id, m_info.lanes, t0, s0);
    double sum = 0.0;
    for (int64_t t = t0; t < t0 + pool; ++t)
      for (int64_t s = s0; s < s0 + pool; ++s) sum += fakeAlpha(id.layer, id.lanes.index, t, s);
    return sum / static_cast<double>(pool * pool);
  }

  ModelInfo m_info;
  std::shared_ptr<FakeCounts> m_counts;
};

}  // namespace

double fakeAlpha(int64_t layer, int64_t lane, int64_t t, int64_t s) {
  if (s > t) return 0.0;
  const double sign = (t + s + lane) % 2 == 0 ? 1.0 : -1.0;
  return sign * static_cast<double>((layer + 1) * (lane + 1)) / static_cast<double>(100 * (1 + t - s));
}

EngineFunctions fakeEngine(std::shared_ptr<FakeCounts> counts) {
  EngineFunctions functions;
  functions.open = [counts](const std::string& model, const OpenOptions&,
                            const Feedback&) -> std::shared_ptr<const Engine> {
    ++counts->opened;
    if (model.find("broken") != std::string::npos)
      fail("The weights file ends too early.", model, "Copy or download the file again.");
    return std::make_shared<FakeEngine>(model, counts);
  };
  functions.demoOpening = [](std::string_view name) {
    if (name == "vision") return DemoOpening{{}, "/demo/vision/images/000.png"};
    return DemoOpening{"the tide turns the current runs north", std::nullopt, 3, 5, 6, 2};
  };
  functions.devices = [] { return std::vector<Device>{{"fake", "cpu", 1000, 10.0}}; };
  functions.versions = [] { return std::vector<std::pair<std::string, std::string>>{{"Undercurrent", "0"}}; };
  functions.threads = [] { return 2; };
  return functions;
}

}  // namespace uc::test
