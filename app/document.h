// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include "app/engine_host.h"
#include "app/read_out.h"
#include "app/source.h"
#include "app/tiled_map.h"
#include "core/values/view_state.h"
#include "widgets/paint/figure.h"
#include "widgets/paint/token_graph.h"

#include <QObject>
#include <QString>
#include <QTimer>

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace uc {

/// One view of a source, and every result that follows from it: the map, its picture and tiles, badge, factor
/// moves, rows. What one pane shows. Starts the jobs, drops what is out of date, says what changed; a change
/// of the view is told by edited(), so that the workspace can undo it. GUI thread.
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

  /// The source must outlive the document's connections: it is shared by those that show it.
  Document(EngineHost& host, std::shared_ptr<Source> source, QObject* parent = nullptr);
  ~Document() override;

  Source& source() const { return *m_source; }
  const std::shared_ptr<Source>& sharedSource() const { return m_source; }
  /// Shows another source from now on, by the same view as far as it fits.
  void setSource(std::shared_ptr<Source> source);

  /// Runs what is out of date again.
  void update();
  /// Stops what is under way, the source's jobs too. The picture that stays is marked as out of date when it
  /// is.
  void cancel();

  /// One change of the view by the user, which `words` name; `joins` with the change before when that has the
  /// same words.
  void change(const QString& words, const ViewState& view, bool joins = false);
  /// The view as an undo step or a session has it.
  void applyView(const ViewState& view);

  /// Colors from this extent in place of the map's own, unless a range is chosen; not of long inputs.
  void setSharedExtent(std::optional<ValueRange> extent);
  void setHovered(std::optional<Cell> cell);
  /// The strongest entry of a row beside the diagonal: where looking begins.
  std::optional<Cell> strongestIn(int64_t row) const;

  bool hasModel() const { return m_source->hasModel(); }
  const ModelInfo& info() const { return m_source->info(); }
  bool isVision() const { return m_source->isVision(); }
  const ViewState& view() const { return m_view; }
  Phase phase() const { return m_phase; }
  const Error& error() const { return m_error; }
  const QString& staleReason() const { return m_staleReason; }
  bool isBusy() const { return m_source->isBusy() || m_isMapping; }
  double progress() const { return job().fraction(); }
  const QString& stage() const { return job().stage(); }
  /// "Running layer 3 · 62 % · 0.4 s left"; empty in the first moments of a job.
  QString progressText() const;

  const Tokens* tokens() const { return m_source->run() ? &m_source->run()->tokens() : nullptr; }
  QString tokenText(int64_t token) const;
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
  /// The token graph of the map, once the view asks for one and it is there.
  std::shared_ptr<const TokenGraphContent> graph() const { return m_graph; }
  const std::optional<BadgeResult>& badge() const { return m_badge; }
  bool isChecking() const { return m_isChecking; }  // the badge is on its way
  const std::vector<FactorMove>& moves() const { return m_moves; }
  std::optional<Cell> hovered() const { return m_hovered; }
  std::optional<ReadOut> currentReadOut() const;  // of the hovered, else the locked cell
  std::vector<QString> notices() const;

 Q_SIGNALS:
  void edited(const QString& words, const uc::ViewState& before, bool joins);
  // of the source, whichever it is
  void modelChanged();
  void openFailed(const uc::Error& error);
  void inputReplaced();
  void pictureChanged();
  void predictionsChanged();
  void checksChanged();
  void statisticsChanged();
  void tokensChanged();
  void viewChanged();
  void hoverChanged();
  void contentChanged();
  void tilesChanged();
  void graphChanged();
  void phaseChanged();
  void progressed();
  void badgeChanged();
  void movesChanged();
  void readOutChanged();
  void said(const QString& sentence);  // for the status bar

 private:
  void connectSource();
  void modelOpened();
  void runStarted();
  void adoptRun();
  void wasCancelled(const QString& reason, bool wasLate);
  /// What of a view decides which map is asked for.
  struct Asked {
    MapId id;
    bool timesInput = false;
    Pooling pooling = Pooling::Mean;
    bool operator==(const Asked&) const = default;
  };
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
  TokenRange graphRange() const;
  void refreshGraph();
  void pauseExtras();
  void resumeExtras();
  void warmLayer(int64_t step);
  void startBadge();
  void startMoves();
  void requestRow(int64_t row);
  void forgetResults();
  void setPhase(Phase phase);
  void setFailed(const Error& error);
  void setStale(const QString& reason);
  auto reporter() {
    return m_progress.begin([this] { Q_EMIT progressed(); });
  }
  const JobProgress& job() const { return m_isMapping ? m_progress : m_source->progress(); }
  bool isRunCurrent() const { return m_source->run() && m_source->isCurrent(); }
  bool isMapCurrent() const;
  bool isMapWhole() const;  // not a coarse one
  Asked asked() const { return {m_view.map, timesInput(), m_view.part.pooling}; }
  void cancelExtras();
  bool timesInput() const { return m_view.display.normalization == Normalization::Contribution; }

  EngineHost& m_host;
  std::shared_ptr<Source> m_source;
  LatestJob m_mapJob, m_contentJob, m_badgeJob, m_rowJob, m_movesJob, m_warmJob, m_graphJob;
  /// Two, so that the worker has the next one when it is done with one.
  struct TileJob {
    std::optional<TileKey> key;
    LatestJob job;
  };
  std::array<TileJob, 2> m_tileJobs;
  QTimer m_dressing;  // the tiles that the next frame shows
  QTimer m_idle;      // after tiles: until what gave way to them goes on

  ViewState m_view;
  std::optional<Cell> m_hovered;
  std::optional<ValueRange> m_sharedExtent, m_contentExtent;  // wished; the one of m_content
  bool m_isLong = false;
  std::shared_ptr<const MapResult> m_map;  // all of it
  bool m_isMapTimesInput = false;
  std::optional<Asked> m_mapping;  // the map under way
  std::shared_ptr<const HeatmapContent> m_content;
  std::shared_ptr<const MapResult> m_contentMap;  // what m_content was made of
  ViewState m_contentView;
  TiledMap m_tiled;  // of a long input's m_content
  double m_plotPixels = 1024.0;
  /// What the graph was made of, or is being made of.
  struct GraphKey {
    std::shared_ptr<const MapResult> map;
    GraphChoice::Keep keep{};
    double amount = 0.0;
    TokenRange range;
    bool operator==(const GraphKey&) const = default;
  };
  GraphKey m_graphKey;
  std::shared_ptr<const TokenGraphContent> m_graph;
  std::optional<BadgeResult> m_badge;
  std::vector<FactorMove> m_moves;
  bool m_areMovesKnown = false;         // none is an answer, too
  std::map<int64_t, RowResult> m_rows;  // of the shown map
  std::optional<int64_t> m_requestedRow;
  mutable std::optional<std::optional<ReadOut>>
      m_readOut;  // asked for by many, once they are told of a change

  Phase m_phase = Phase::NoModel;
  Error m_error;
  QString m_staleReason;
  JobProgress m_progress;  // of the map
  bool m_isMapping = false, m_isChecking = false;
};

/// What a picture of a map is made of, with the texts of the input's tokens.
HeatmapSource heatmapSource(const MapResult& map, const QStringList& tokens, const ModelInfo& info);

}  // namespace uc
