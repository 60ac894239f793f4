// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/engine_host.h"
#include "app/job_progress.h"
#include "core/io/view_json.h"

#include <QObject>
#include <QString>
#include <QStringList>
#include <QTimer>

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace uc {

/// A model with one input, and what follows from the two alone: the run, its tokens, predictions, each
/// layer's check. Any number of documents show it. Starts its jobs and drops what is out of date. GUI thread.
class Source : public QObject {
  Q_OBJECT

 public:
  struct OpenRequest {
    QString model;                                // as for the command line: path, demo:NAME, owner/name
    std::optional<ParsedView> view;               // restored from a figure, input included
    std::optional<QString> text = std::nullopt;   // in place of the demo's own
    std::optional<QString> image = std::nullopt;  // the same for a vision model: a picture's file
    bool keepsViews = false;                      // of those who show it: `view` is for its input alone
  };

  explicit Source(EngineHost& host, QObject* parent = nullptr);
  ~Source() override;

  /// Opens a model. Until that worked the open one stays as it is; a failure is told by openFailed.
  void open(const OpenRequest& request);
  /// The request that failed last, with the model somewhere else; false when none has failed that had a view.
  bool openElsewhere(const QString& model);
  /// The input as it is typed: runs after a moment without further typing.
  void setText(const QString& text);
  void setIds(std::vector<int64_t> ids);
  /// A text from elsewhere than the input panel, which then shows it.
  void replaceText(const QString& text);
  /// A picture's file, for a vision model.
  void replaceImage(const QString& path);
  void setInputError(const Error& error);  // what was typed is no input
  /// Opens or runs what is out of date again; false when there is nothing of that kind.
  bool update();
  /// Stops what is under way. What it was about is told by cancelled().
  void cancel();
  void verify();
  /// Appends `count` tokens as the model continues the input, the likeliest each time, and runs the longer
  /// input.
  void continueInput(int64_t count);

  /// Predictions need all layers of the model, a map only those below it: they give way to maps.
  void holdPredictions();
  void releasePredictions();
  /// The statistics of every lane, layer after layer; told by statisticsChanged() at each layer.
  void startStatistics();
  /// Checks every layer if that is quick and was not done.
  void verifyWhenCheap();

  bool hasModel() const { return m_engine != nullptr; }
  bool isDemo() const;
  const std::shared_ptr<const Engine>& engine() const { return m_engine; }
  const ModelInfo& info() const { return m_info; }
  QString modelName() const { return m_model; }  // as given to open()
  int threads() const { return m_threads; }
  /// What to show of a newly opened model: a restored view, a demo's own, or the defaults; none where those
  /// who show it have their views already.
  const std::optional<ViewState>& firstView() const { return m_firstView; }
  bool isRestored() const { return m_isRestored; }  // the views were saved once

  const QString& text() const { return m_text; }
  const std::vector<int64_t>& ids() const { return m_ids; }
  bool hasIds() const { return m_hasIds; }
  bool isVision() const { return m_info.vision.has_value(); }
  const QString& image() const { return m_image; }      // the picture's file, empty when there is none
  const Picture& picture() const { return m_picture; }  // as the model sees it, once it is read
  Input input() const;
  ViewOrigin origin() const;

  /// The last run; not of the input as it stands unless isCurrent().
  const RunHandle& run() const { return m_run; }
  bool isCurrent() const { return m_isCurrent; }
  const QStringList& tokenTexts() const { return m_tokenTexts; }
  const std::vector<Prediction>& predictions() const { return m_predictions; }
  const std::vector<LayerCheck>& checks() const { return m_checks; }

  /// Of all lanes, once they are there.
  const std::vector<LaneStatistics>& statistics() const { return m_statistics; }
  bool hasStatistics() const { return m_run && m_statisticsLayers == m_info.layers; }
  int64_t statisticsLayers() const { return m_statisticsLayers; }  // that are done

  bool isOpening() const { return m_isOpening; }
  bool isRunning() const { return m_isRunning; }
  bool isBusy() const { return m_isOpening || m_isRunning || m_isVerifying; }
  bool isWaiting() const { return m_debounce.isActive(); }  // for typing to end
  const JobProgress& progress() const { return m_progress; }

 Q_SIGNALS:
  void opening();
  void modelChanged();
  void openFailed(const uc::Error& error);
  void inputReplaced();  // by itself: a demo's text, a restored view
  void inputFailed(const uc::Error& error);
  void runStarted();
  void runFinished();  // without a run when the input has no tokens
  void runFailed(const uc::Error& error);
  void cancelled(const QString& reason, bool wasLate);  // late: the picture shown is not of the input
  void pictureChanged();
  void predictionsChanged();
  void checksChanged();
  void statisticsChanged();
  void progressed();
  void said(const QString& sentence);  // for the status bar

 private:
  struct Opened;
  struct Ran;
  void adopt(Opened opened, const OpenRequest& request);
  void takeInput(const Opened& opened, const OpenRequest& request);
  void inputEdited();
  void startRun();
  void adoptRun(Ran ran);
  void startPredictions();
  void startPicture();
  void verifyNext(int64_t layer, bool isQuiet);
  void statisticsNext();
  void cancelExtras();
  void forgetRun();
  auto reporter() {
    return m_progress.begin([this] { Q_EMIT progressed(); });
  }

  EngineHost& m_host;
  LatestJob m_openJob, m_runJob, m_predictJob, m_verifyJob, m_continueJob, m_pictureJob, m_statisticsJob;
  QTimer m_debounce;

  std::shared_ptr<const Engine> m_engine;
  ModelInfo m_info;
  QString m_model;
  std::optional<OpenRequest> m_failedOpening;
  std::optional<ViewState> m_firstView;
  bool m_isRestored = false;
  int m_threads = 0;

  QString m_text;
  std::vector<int64_t> m_ids;
  bool m_hasIds = false;
  QString m_image, m_preprocess = QStringLiteral("official");
  Picture m_picture;

  RunHandle m_run;
  bool m_isCurrent = false;
  QStringList m_tokenTexts;
  std::vector<Prediction> m_predictions;
  bool m_isPredictionOwed = false;  // of m_run: they gave way to a map
  std::vector<LayerCheck> m_checks;
  std::vector<LaneStatistics> m_statistics;
  int64_t m_statisticsLayers = 0;
  bool m_isGathering = false;

  JobProgress m_progress;
  bool m_isOpening = false, m_isRunning = false, m_isVerifying = false;
};

}  // namespace uc
