// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/engine_host.h"
#include "app/read_out.h"
#include "app/tiled_map.h"
#include "app/view_history.h"
#include "core/io/view_json.h"
#include "core/values/view_state.h"
#include "widgets/paint/figure.h"

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QTimer>

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace uc {

/// The model, the input, the view and every result that follows from them. Starts the jobs, drops what is out
/// of date, keeps the undo steps and says what changed; nothing else in the window computes or asks the
/// engine. GUI thread.
class Document : public QObject {
  Q_OBJECT

 public:
  /// What the pane shows.
  enum class Phase {
    NoModel,
    Loading,  // a first picture is on its way
    Empty,    // the input has no tokens
    Ready,
    Stale,  // the picture does not belong to the input or the view any more, and nothing is under way
    Failed,
  };

  struct OpenRequest {
    QString model;                                // as for the command line: path, demo:NAME, owner/name
    std::optional<ParsedView> view;               // restored from a figure, input included
    std::optional<QString> text = std::nullopt;   // in place of the demo's own
    std::optional<QString> image = std::nullopt;  // the same for a vision model: a picture's file
  };

  explicit Document(EngineHost& host, QObject* parent = nullptr);
  ~Document() override;

  /// Opens a model. Until that worked the open one stays as it is; a failure is told by openFailed.
  void open(const OpenRequest& request);
  /// The input as it is typed: runs after a moment without further typing.
  void setText(const QString& text);
  void setIds(std::vector<int64_t> ids);
  /// A text from elsewhere than the input panel, which then shows it.
  void replaceText(const QString& text);
  /// A picture's file, for a vision model.
  void replaceImage(const QString& path);
  void setInputError(const Error& error);  // what was typed is no input
  /// Runs what is out of date again.
  void update();
  /// Stops what is under way. The picture that stays is marked as out of date when it is.
  void cancel();

  /// One change of the view, an undo step that `words` name.
  void change(const QString& words, const ViewState& view, bool joins = false);
  void undo();
  void redo();
  ViewHistory& history() { return m_history; }

  void setHovered(std::optional<Cell> cell);
  /// The strongest entry of a row beside the diagonal: where looking begins.
  std::optional<Cell> strongestIn(int64_t row) const;
  void verify();
  /// Appends `count` tokens as the model continues the input, the likeliest each time, and runs the longer
  /// input.
  void continueInput(int64_t count);

  bool hasModel() const { return m_engine != nullptr; }
  bool isDemo() const;
  const ModelInfo& info() const { return m_info; }
  QString modelName() const { return m_model; }  // as given to open()
  const QString& text() const { return m_text; }
  const std::vector<int64_t>& ids() const { return m_ids; }
  bool hasIds() const { return m_hasIds; }
  bool isVision() const { return m_info.vision.has_value(); }
  const QString& image() const { return m_image; }      // the picture's file, empty when there is none
  const Picture& picture() const { return m_picture; }  // as the model sees it, once it is read
  const ViewState& view() const { return m_view; }
  Phase phase() const { return m_phase; }
  const Error& error() const { return m_error; }
  const QString& staleReason() const { return m_staleReason; }
  bool isBusy() const { return m_isOpening || m_isRunning || m_isMapping || m_isVerifying; }
  double progress() const { return m_progress; }
  const QString& stage() const { return m_stage; }
  /// "Running layer 3 · 62 % · 0.4 s left"; empty in the first moments of a job.
  QString progressText() const;
  int threads() const { return m_threads; }

  const Tokens* tokens() const { return m_run ? &m_run->tokens() : nullptr; }
  QString tokenText(int64_t token) const;
  const QStringList& tokenTexts() const { return m_tokenTexts; }
  const std::vector<Prediction>& predictions() const { return m_predictions; }
  /// The whole map, pooled where the input is long; `tiled` then has what lies on it where one looks closer.
  std::shared_ptr<const HeatmapContent> content() const { return m_content; }
  const TiledMap& tiled() const { return m_tiled; }
  /// How many pixels of the screen the plot of a whole map has along its longer side.
  void setPlotPixels(double pixels);
  /// The part that is looked at as finely as it is shown, for figures; else `content`.
  std::shared_ptr<const HeatmapContent> figureContent() const;
  /// The map that is shown: the part that is looked at once it is there as finely as the screen can show it,
  /// else the one of `content`; never without content.
  std::shared_ptr<const MapResult> map() const;
  /// "1 : 64, exact mean": what a cell of the picture is.
  QString detail() const;
  /// The view that `content` was made with: what a read-out of it must speak of.
  const ViewState& contentView() const { return m_contentView; }
  /// What is on the screen: the view that `content` was made with, from where it is looked at now.
  ViewState shownView() const;
  const std::optional<BadgeResult>& badge() const { return m_badge; }
  bool isChecking() const { return m_isChecking; }  // the badge is on its way
  const std::vector<FactorMove>& moves() const { return m_moves; }
  const std::vector<LayerCheck>& checks() const { return m_checks; }
  std::optional<Cell> hovered() const { return m_hovered; }
  std::optional<ReadOut> currentReadOut() const;  // of the hovered, else the locked cell
  std::vector<QString> notices() const;
  ViewOrigin origin() const;

 Q_SIGNALS:
  void modelChanged();
  void openFailed(const uc::Error& error);
  void inputReplaced();  // by the document itself: a demo's text, a restored view
  void tokensChanged();
  void pictureChanged();
  void predictionsChanged();
  void viewChanged();
  void contentChanged();
  void tilesChanged();
  void phaseChanged();
  void progressed();
  void badgeChanged();
  void movesChanged();
  void readOutChanged();
  void checksChanged();
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
  void deferPredictions();
  Input input() const;
  void startPicture();
  void refreshMap();
  void mapArrived();
  void startMap();
  void askMap(const MapPart& part);
  MapPart firstPart() const;
  void adoptMap(std::shared_ptr<const MapResult> result, bool timesInput);
  void showContent(std::shared_ptr<const HeatmapContent> content, const ViewState& view);
  void buildContent();
  bool isContentCurrent() const;
  MapPart wholePart() const;
  ViewState opened(ViewState view);
  void lookAtTiles();
  void startTiles();
  void showTiles();
  void cancelTiles(const std::vector<TileKey>& keys);
  std::optional<ReadOut> makeReadOut() const;
  void pauseExtras();
  void resumeExtras();
  void warmLayer(int64_t step);
  void startBadge();
  void startMoves();
  void requestRow(int64_t row);
  void verifyNext(int64_t layer, bool isQuiet);
  void verifyWhenCheap();
  void forgetResults();
  void setPhase(Phase phase);
  void setFailed(const Error& error);
  void setStale(const QString& reason);
  void applyView(const ViewState& view);
  std::function<void(double, const QString&)> progressReporter();
  bool isMapCurrent() const;
  bool isMapWhole() const { return m_map->pool == wholePart().pool; }  // not a coarse one
  void cancelExtras();
  bool timesInput() const { return m_view.display.normalization == Normalization::Contribution; }

  EngineHost& m_host;
  LatestJob m_openJob, m_runJob, m_predictJob, m_mapJob, m_contentJob, m_badgeJob, m_rowJob, m_movesJob,
      m_verifyJob, m_continueJob, m_pictureJob, m_warmJob;
  /// Two, so that the worker has the next one when it is done with one.
  struct TileJob {
    std::optional<TileKey> key;
    LatestJob job;
  };
  std::array<TileJob, 2> m_tileJobs;
  QTimer m_debounce;
  QTimer m_idle;  // after tiles: until what gave way to them goes on

  std::shared_ptr<const Engine> m_engine;
  ModelInfo m_info;
  QString m_model;
  std::optional<OpenRequest> m_failedOpening;
  int m_threads = 0;
  QString m_text;
  std::vector<int64_t> m_ids;
  bool m_hasIds = false;
  QString m_image, m_preprocess = QStringLiteral("official");
  Picture m_picture;

  ViewState m_view;
  ViewHistory m_history;
  std::optional<Cell> m_hovered;

  RunHandle m_run;
  bool m_isRunCurrent = false;  // m_run belongs to the input
  bool m_isLong = false;
  QStringList m_tokenTexts;
  std::vector<Prediction> m_predictions;
  bool m_isPredictionOwed = false;         // of m_run: they gave way to a map
  std::shared_ptr<const MapResult> m_map;  // all of it
  bool m_isMapTimesInput = false;
  std::optional<std::pair<MapId, bool>> m_mapping;  // the map under way, and whether it is times the input
  std::shared_ptr<const HeatmapContent> m_content;
  std::shared_ptr<const MapResult> m_contentMap;  // what m_content was made of
  ViewState m_contentView;
  TiledMap m_tiled;  // of a long input's m_content
  double m_plotPixels = 1024.0;
  std::optional<BadgeResult> m_badge;
  std::vector<FactorMove> m_moves;
  std::map<int64_t, RowResult> m_rows;  // of the shown map
  std::optional<int64_t> m_requestedRow;
  mutable std::optional<std::optional<ReadOut>>
      m_readOut;  // asked for by many, once they are told of a change
  std::vector<LayerCheck> m_checks;

  Phase m_phase = Phase::NoModel;
  Error m_error;
  QString m_staleReason, m_stage;
  double m_progress = 0.0;
  QElapsedTimer m_jobTime;
  bool m_isOpening = false, m_isRunning = false, m_isMapping = false, m_isVerifying = false,
       m_isChecking = false;
};

}  // namespace uc
