// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/heatmap_cells_gl.h"

#include <QOpenGLContext>
#include <QOpenGLExtraFunctions>
#include <QVector2D>
#include <QVector4D>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace uc {
namespace {

// Tiles larger than this gain nothing and make an upload one long stall.
constexpr qint64 kLargestTile = 4096;

constexpr const char* kVertexShader = R"(
uniform vec4 u_rect;  // left, bottom, right, top in clip coordinates
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  gl_Position = vec4(mix(u_rect.xy, u_rect.zw, corner), 0.0, 1.0);
}
)";

// Cells are found from the pixel's own position and not from interpolated coordinates: those differ between
// drivers at the edges of cells. Bits tell NaN and Inf, since compilers may drop isnan(). Where cells are
// finer than pixels, a pixel is the mean of the colors of its cells, as in the raster painter: else thin
// diagonals would vanish.
constexpr const char* kFragmentShader = R"(
uniform sampler2D u_values;
uniform isampler2D u_attended;   // per row: first attended column, one past the last
uniform sampler2D u_thresholds;
uniform sampler2D u_colors;
uniform vec2 u_scale;            // place among the cells = pixel * scale + offset
uniform vec2 u_offset;
uniform ivec2 u_count;
uniform vec4 u_nan;
out vec4 color;

vec4 colorOf(ivec2 cell) {
  ivec2 attended = texelFetch(u_attended, ivec2(0, cell.y), 0).rg;
  if (cell.x < attended.x || cell.x >= attended.y) return vec4(0.0);
  float value = texelFetch(u_values, cell, 0).r;
  if ((floatBitsToUint(value) & 0x7f800000u) == 0x7f800000u) return u_nan;
  int index = 0;
  for (int step = 128; step > 0; step >>= 1) {
    if (value >= texelFetch(u_thresholds, ivec2(index + step, 0), 0).r) index += step;
  }
  return texelFetch(u_colors, ivec2(index, 0), 0);
}

// The part of cell k that lies under the pixel.
float share(float low, float high, int k) {
  return max(min(high, float(k + 1)) - max(low, float(k)), 0.0);
}

void main() {
  vec2 middle = gl_FragCoord.xy * u_scale + u_offset;
  vec2 reach = max(abs(u_scale), 1.0) * 0.5;
  ivec2 last = u_count - 1;
  ivec2 cell = clamp(ivec2(floor(middle)), ivec2(0), last);
  vec4 sum = vec4(0.0);
  if (reach == vec2(0.5)) {
    sum = colorOf(cell);
  } else {
    vec2 low = max(middle - reach, vec2(0.0)), high = min(middle + reach, vec2(u_count));
    ivec2 from = cell, to = cell;
    if (reach.x > 0.5) { from.x = int(floor(low.x)); to.x = min(int(floor(high.x)), last.x); }
    if (reach.y > 0.5) { from.y = int(floor(low.y)); to.y = min(int(floor(high.y)), last.y); }
    ivec2 stride = (to - from) / 16 + 1;
    float total = 0.0;
    for (int y = from.y; y <= to.y; y += stride.y) {
      float tall = reach.y > 0.5 ? share(low.y, high.y, y) : 1.0;
      for (int x = from.x; x <= to.x; x += stride.x) {
        float weight = tall * (reach.x > 0.5 ? share(low.x, high.x, x) : 1.0);
        sum += weight * colorOf(ivec2(x, y));
        total += weight;
      }
    }
    sum /= max(total, 1e-6);
  }
  if (sum.a == 0.0) discard;
  color = sum;
}
)";

QByteArray withHead(const char* source) {
  const bool isEs = QOpenGLContext::currentContext()->isOpenGLES();
  QByteArray head = isEs ? "#version 300 es\nprecision highp float;\nprecision highp int;\n"
                           "precision highp sampler2D;\nprecision highp isampler2D;\n"
                         : "#version 330 core\n";
  return head + source;
}

QOpenGLExtraFunctions& gl() { return *QOpenGLContext::currentContext()->extraFunctions(); }

QVector4D vectorOf(const QColor& color) { return {color.redF(), color.greenF(), color.blueF(), 1.0F}; }

// Floats in order as whole numbers, for bisection without rounding.
qint64 orderOf(float value) {
  const auto bits = std::bit_cast<qint32>(value);
  return bits >= 0 ? bits : qint64{std::numeric_limits<qint32>::min()} - bits;
}
float floatAt(qint64 order) {
  const auto bits = order >= 0 ? order : qint64{std::numeric_limits<qint32>::min()} - order;
  return std::bit_cast<float>(static_cast<qint32>(bits));
}

int indexOf(const ColorScale& scale, float value) {
  return std::min(255, static_cast<int>(std::floor(256.0 * scale.position(value))));
}

}  // namespace

std::vector<CellTile> cellTiles(qint64 rows, qint64 cols, qint64 limit) {
  std::vector<CellTile> tiles;
  for (qint64 row = 0; row < rows; row += limit) {
    for (qint64 col = 0; col < cols; col += limit) {
      tiles.push_back({row, col, std::min(limit, rows - row), std::min(limit, cols - col)});
    }
  }
  return tiles;
}

std::array<float, 256> colorThresholds(const ColorScale& scale) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  std::array<float, 256> thresholds{};
  thresholds[0] = -kLargest;
  qint64 low = orderOf(-kLargest);
  for (int k = 1; k < 256; ++k) {
    qint64 high = orderOf(kLargest);
    // Colors that no value reaches (the range's side of a signed map that is cut off) begin beyond all
    // values.
    if (indexOf(scale, kLargest) < k) {
      thresholds[static_cast<size_t>(k)] = std::numeric_limits<float>::infinity();
      continue;
    }
    while (low < high) {
      const qint64 middle = low + (high - low) / 2;
      if (indexOf(scale, floatAt(middle)) >= k) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    thresholds[static_cast<size_t>(k)] = floatAt(low);
  }
  return thresholds;
}

struct HeatmapCellsGl::Texture {
  Texture() {
    gl().glGenTextures(1, &id);
    bind();
    for (GLenum side : {GL_TEXTURE_MIN_FILTER, GL_TEXTURE_MAG_FILTER}) {
      gl().glTexParameteri(GL_TEXTURE_2D, side, GL_NEAREST);
    }
    for (GLenum side : {GL_TEXTURE_WRAP_S, GL_TEXTURE_WRAP_T}) {
      gl().glTexParameteri(GL_TEXTURE_2D, side, GL_CLAMP_TO_EDGE);
    }
  }
  ~Texture() { gl().glDeleteTextures(1, &id); }
  Texture(const Texture&) = delete;
  Texture& operator=(const Texture&) = delete;

  void bind(GLenum unit = GL_TEXTURE0) const {
    gl().glActiveTexture(unit);
    gl().glBindTexture(GL_TEXTURE_2D, id);
  }
  void upload(GLint inside, qint64 width, qint64 height, GLenum format, GLenum type, const void* data,
              qint64 stride = 0) const {
    bind();
    gl().glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
    gl().glPixelStorei(GL_UNPACK_ROW_LENGTH, static_cast<GLint>(stride));
    gl().glTexImage2D(GL_TEXTURE_2D, 0, inside, static_cast<GLsizei>(width), static_cast<GLsizei>(height), 0,
                      format, type, data);
    gl().glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
  }

  GLuint id = 0;
};

struct HeatmapCellsGl::Tile {
  CellTile part;
  std::unique_ptr<Texture> values, attended;
};

/// The look-up textures of a scale, shared by the contents that have it.
struct HeatmapCellsGl::Colors {
  explicit Colors(const ColorScale& from) : scale(from) {
    std::array<uchar, 1024> bytes{};
    size_t at = 0;
    for (const QRgb color : scale.table()) {
      for (const int part : {qRed(color), qGreen(color), qBlue(color), 255}) {
        bytes[at++] = static_cast<uchar>(part);
      }
    }
    table.upload(GL_RGBA8, 256, 1, GL_RGBA, GL_UNSIGNED_BYTE, bytes.data());
    const auto limits = colorThresholds(scale);
    thresholds.upload(GL_R32F, 256, 1, GL_RED, GL_FLOAT, limits.data());
  }

  ColorScale scale;
  Texture table, thresholds;
};

struct HeatmapCellsGl::Picture {
  std::shared_ptr<const HeatmapContent> content;
  std::vector<Tile> tiles;
  std::shared_ptr<const Colors> colors;
};

HeatmapCellsGl::HeatmapCellsGl() {
  m_program.addShaderFromSourceCode(QOpenGLShader::Vertex, withHead(kVertexShader));
  m_program.addShaderFromSourceCode(QOpenGLShader::Fragment, withHead(kFragmentShader));
  m_program.link();
  // Core profiles draw nothing without one, though no attribute is read.
  gl().glGenVertexArrays(1, &m_vertexArray);
}

HeatmapCellsGl::~HeatmapCellsGl() { gl().glDeleteVertexArrays(1, &m_vertexArray); }

void HeatmapCellsGl::setContents(const HeatmapTiles& contents, qint64 tileLimit) {
  if (tileLimit != m_tileLimit) m_pictures.clear();
  m_tileLimit = tileLimit;
  std::vector<Picture> pictures;
  for (const auto& content : contents) {
    const auto found = std::find_if(m_pictures.begin(), m_pictures.end(),
                                    [&](const Picture& picture) { return picture.content == content; });
    pictures.push_back(found == m_pictures.end() ? uploaded(content) : std::move(*found));
    if (found != m_pictures.end()) found->content = nullptr;
    Picture& picture = pictures.back();
    if (picture.colors == nullptr) picture.colors = colorsOf(content->scale, pictures);
  }
  m_pictures = std::move(pictures);
}

std::shared_ptr<const HeatmapCellsGl::Colors> HeatmapCellsGl::colorsOf(const ColorScale& scale,
                                                                       const std::vector<Picture>& others) {
  for (const std::vector<Picture>* pictures : {&others, &std::as_const(m_pictures)}) {
    for (const Picture& picture : *pictures) {
      if (picture.colors != nullptr && picture.colors->scale == scale) return picture.colors;
    }
  }
  return std::make_shared<const Colors>(scale);
}

HeatmapCellsGl::Picture HeatmapCellsGl::uploaded(const std::shared_ptr<const HeatmapContent>& content) {
  Picture picture{content, {}, nullptr};
  GLint allowed = 0;
  gl().glGetIntegerv(GL_MAX_TEXTURE_SIZE, &allowed);
  qint64 limit = std::min<qint64>(allowed, kLargestTile);
  if (m_tileLimit > 0) limit = std::min(limit, m_tileLimit);
  const Matrix& values = content->shown.values;
  for (const CellTile& part : cellTiles(values.rows, values.cols, limit)) {
    std::vector<GLint> attended(static_cast<size_t>(2 * part.rows));
    for (qint64 i = 0; i < part.rows; ++i) {
      const auto range = content->grid.attendedCols(part.row + i, values.cols);
      attended[static_cast<size_t>(2 * i)] = static_cast<GLint>(range.first - part.col);
      attended[static_cast<size_t>(2 * i + 1)] = static_cast<GLint>(range.second - part.col);
    }
    Tile tile{part, std::make_unique<Texture>(), std::make_unique<Texture>()};
    tile.values->upload(GL_R32F, part.cols, part.rows, GL_RED, GL_FLOAT, values.row(part.row) + part.col,
                        values.cols);
    tile.attended->upload(GL_RG32I, 1, part.rows, GL_RG_INTEGER, GL_INT, attended.data());
    picture.tiles.push_back(std::move(tile));
  }
  return picture;
}

void HeatmapCellsGl::draw(const HeatmapLayout& layout, const Theme& theme, const QSize& pixels,
                          double pixelRatio) {
  if (m_pictures.empty() || layout.cells.isEmpty() || !m_program.isLinked()) return;
  m_program.bind();
  for (const auto& [name, unit] :
       {std::pair{"u_values", 0}, {"u_attended", 1}, {"u_thresholds", 2}, {"u_colors", 3}}) {
    m_program.setUniformValue(name, unit);
  }
  m_program.setUniformValue("u_nan", vectorOf(theme.nanGround));
  gl().glBindVertexArray(m_vertexArray);
  gl().glEnable(GL_BLEND);
  gl().glBlendFunc(GL_ONE, GL_ONE_MINUS_SRC_ALPHA);
  for (const Picture& picture : m_pictures) drawPicture(picture, layout, pixels, pixelRatio);
  gl().glBindVertexArray(0);
  gl().glActiveTexture(GL_TEXTURE0);
  m_program.release();
}

void HeatmapCellsGl::drawPicture(const Picture& picture, const HeatmapLayout& layout, const QSize& pixels,
                                 double pixelRatio) {
  const MapGrid& grid = picture.content->grid;
  const double width = pixels.width(), height = pixels.height();
  picture.colors->thresholds.bind(GL_TEXTURE2);
  picture.colors->table.bind(GL_TEXTURE3);
  for (const Tile& tile : picture.tiles) {
    const auto pool = static_cast<double>(grid.pool);
    const QPointF first = layout.toPoint(static_cast<double>(grid.col0 + tile.part.col * grid.pool),
                                         static_cast<double>(grid.row0 + tile.part.row * grid.pool)) *
                          pixelRatio;
    const QPointF cell = (layout.toPoint(pool, pool) - layout.toPoint(0.0, 0.0)) * pixelRatio;
    const QRectF whole(first, QSizeF(cell.x() * static_cast<double>(tile.part.cols),
                                     cell.y() * static_cast<double>(tile.part.rows)));
    // The last cells of a pooled map stand for fewer tokens.
    const QPointF end = layout.toPoint(static_cast<double>(grid.col1), static_cast<double>(grid.row1));
    const QRectF plot(layout.cells.topLeft() * pixelRatio, QPointF(std::min(layout.cells.right(), end.x()),
                                                                   std::min(layout.cells.bottom(), end.y())) *
                                                               pixelRatio);
    const QRectF rect = whole.intersected(plot);
    if (rect.isEmpty()) continue;
    // OpenGL counts pixels from the bottom.
    m_program.setUniformValue("u_rect", QVector4D(static_cast<float>(2.0 * rect.left() / width - 1.0),
                                                  static_cast<float>(1.0 - 2.0 * rect.bottom() / height),
                                                  static_cast<float>(2.0 * rect.right() / width - 1.0),
                                                  static_cast<float>(1.0 - 2.0 * rect.top() / height)));
    m_program.setUniformValue(
        "u_scale", QVector2D(static_cast<float>(1.0 / cell.x()), static_cast<float>(-1.0 / cell.y())));
    m_program.setUniformValue("u_offset", QVector2D(static_cast<float>(-first.x() / cell.x()),
                                                    static_cast<float>((height - first.y()) / cell.y())));
    gl().glUniform2i(m_program.uniformLocation("u_count"), static_cast<GLint>(tile.part.cols),
                     static_cast<GLint>(tile.part.rows));
    tile.attended->bind(GL_TEXTURE1);
    tile.values->bind(GL_TEXTURE0);
    gl().glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
  }
}

}  // namespace uc
