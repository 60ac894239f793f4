// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/image_overlay.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace uc {

namespace {

enum class Ground : uint8_t { None, Unattended, NotFinite, Value };

/// What becomes of a channel: (p · keep + add) / 256. All three blends are of this form once the color is
/// known.
struct Mix {
  std::array<uint32_t, 3> keep{256, 256, 256}, add{0, 0, 0};

  QRgb of(QRgb pixel) const {
    return qRgb(static_cast<int>((static_cast<uint32_t>(qRed(pixel)) * keep[0] + add[0]) >> 8),
                static_cast<int>((static_cast<uint32_t>(qGreen(pixel)) * keep[1] + add[1]) >> 8),
                static_cast<int>((static_cast<uint32_t>(qBlue(pixel)) * keep[2] + add[2]) >> 8));
  }
};

uint32_t per256(double share) {
  return static_cast<uint32_t>(std::lround(256.0 * std::clamp(share, 0.0, 1.0)));
}

Mix covered(const QColor& color, double opacity) {
  const uint32_t over = per256(opacity);
  Mix mix;
  const std::array<int, 3> channels{color.red(), color.green(), color.blue()};
  for (size_t c = 0; c < 3; ++c) {
    mix.keep[c] = 256 - over;
    mix.add[c] = static_cast<uint32_t>(channels[c]) * over;
  }
  return mix;
}

/// The mixes of every color of the scale, and from a shown value to its color without powers.
class Mixer {
 public:
  Mixer(const OverlayContent& content, const Theme& theme)
      : m_low(content.scale.range().low),
        m_perStep((kSteps - 1) / (content.scale.range().high - content.scale.range().low)),
        m_unattended(covered(theme.hatchGround, content.choice.opacity)),
        m_notFinite(covered(theme.nanGround, content.choice.opacity)) {
    const ColorScale& scale = content.scale;
    const auto table = scale.table();
    for (int i = 0; i < 256; ++i)
      m_mixes[static_cast<size_t>(i)] =
          mixOf(content.choice, QColor(table[static_cast<size_t>(i)]), (i + 0.5) / 256.0, scale.isSigned());
    for (int step = 0; step < kSteps; ++step) {
      const double place = scale.position(m_low + step / m_perStep);
      m_index[static_cast<size_t>(step)] =
          static_cast<uint8_t>(std::min(255, static_cast<int>(place * 256.0)));
    }
  }

  const Mix& of(double shown) const {
    const double step = std::clamp((shown - m_low) * m_perStep, 0.0, kSteps - 1.0);
    return m_mixes[m_index[static_cast<size_t>(step + 0.5)]];
  }
  const Mix& of(Ground ground) const {
    if (ground == Ground::Unattended) return m_unattended;
    return ground == Ground::NotFinite ? m_notFinite : m_none;
  }

 private:
  static constexpr int kSteps = 4096;

  static Mix mixOf(const OverlayChoice& choice, const QColor& color, double place, bool isSigned) {
    if (choice.blend == Blend::Alpha) return covered(color, choice.opacity);
    Mix mix;
    // Through the mask one sees the picture where the value is large, and black where it is not.
    const double size = isSigned ? std::abs(2.0 * place - 1.0) : place;
    const std::array<double, 3> through =
        choice.blend == Blend::Mask
            ? std::array{size, size, size}
            : std::array{color.redF() * 1.0, color.greenF() * 1.0, color.blueF() * 1.0};
    for (size_t c = 0; c < 3; ++c) mix.keep[c] = per256(1.0 - choice.opacity * (1.0 - through[c]));
    return mix;
  }

  double m_low, m_perStep;
  std::array<Mix, 256> m_mixes;
  std::array<uint8_t, kSteps> m_index{};
  Mix m_none, m_unattended, m_notFinite;
};

/// One direction of the picture cut where the set of covering patches changes.
struct Cuts {
  std::vector<double> places;                         // ends of the stretches, ascending
  std::vector<std::pair<int64_t, int64_t>> coverers;  // of each stretch: patches, half open

  size_t size() const { return coverers.size(); }
};

/// Bilinear: a stretch belongs to the patch with the nearest center. Nearest: to all that cover it.
Cuts cutsOf(int64_t patch, int64_t stride, int64_t count, Interpolation interpolation) {
  Cuts cuts;
  const auto start = [&](int64_t i) { return static_cast<double>(i * stride); };
  if (interpolation == Interpolation::Bilinear) {
    const double margin = static_cast<double>(patch - stride) / 2.0;
    for (int64_t i = 0; i < count; ++i) cuts.coverers.emplace_back(i, i + 1);
    for (int64_t i = 0; i <= count; ++i) cuts.places.push_back(start(i) + margin);
    cuts.places.front() = 0.0;
    cuts.places.back() = start(count - 1) + static_cast<double>(patch);
    return cuts;
  }
  for (int64_t i = 0; i < count; ++i) {
    cuts.places.push_back(start(i));
    cuts.places.push_back(start(i) + static_cast<double>(patch));
  }
  std::sort(cuts.places.begin(), cuts.places.end());
  cuts.places.erase(std::unique(cuts.places.begin(), cuts.places.end()), cuts.places.end());
  for (size_t k = 0; k + 1 < cuts.places.size(); ++k) {
    const double middle = (cuts.places[k] + cuts.places[k + 1]) / 2.0;
    const double before = std::floor((middle - static_cast<double>(patch)) / static_cast<double>(stride));
    const double at = std::floor(middle / static_cast<double>(stride));
    cuts.coverers.emplace_back(std::clamp(static_cast<int64_t>(before) + 1, int64_t{0}, count),
                               std::clamp(static_cast<int64_t>(at) + 1, int64_t{0}, count));
  }
  return cuts;
}

/// What covers a block of the picture, and the mean of its attended values.
struct Block {
  Ground ground = Ground::None;
  double value = 0.0;
};

class Blocks {
 public:
  explicit Blocks(const OverlayContent& content)
      : columns(cutsOf(content.vision.patch, content.vision.stride, content.vision.gridCols,
                       content.choice.interpolation)),
        rows(cutsOf(content.vision.patch, content.vision.stride, content.vision.gridRows,
                    content.choice.interpolation)) {
    for (const auto& down : rows.coverers)
      for (const auto& across : columns.coverers) m_blocks.push_back(blockOf(content, down, across));
  }
  const Block& at(size_t row, size_t col) const { return m_blocks[row * columns.size() + col]; }

  Cuts columns, rows;

 private:
  static Block blockOf(const OverlayContent& content, std::pair<int64_t, int64_t> down,
                       std::pair<int64_t, int64_t> across) {
    Block block;
    double sum = 0.0;
    int64_t count = 0;
    for (int64_t row = down.first; row < down.second; ++row) {
      for (int64_t col = across.first; col < across.second; ++col) {
        const int64_t token = tokenOfPatch(content.vision, row * content.vision.gridCols + col);
        const float value = content.shown[static_cast<size_t>(token)];
        Ground ground = Ground::Unattended;
        if (content.isAttended(token)) ground = std::isfinite(value) ? Ground::Value : Ground::NotFinite;
        block.ground = std::max(block.ground, ground);
        if (ground != Ground::Value) continue;
        sum += static_cast<double>(value);
        ++count;
      }
    }
    if (count > 0) block.value = sum / static_cast<double>(count);
    return block;
  }

  std::vector<Block> m_blocks;
};

/// For each pixel along one direction: the stretch that holds its center; nothing beyond the patches.
std::vector<int> stretches(const Cuts& cuts, double begin, double length, int pixels) {
  std::vector<int> result(static_cast<size_t>(pixels), -1);
  for (int i = 0; i < pixels; ++i) {
    const double place = begin + (i + 0.5) * length / pixels;
    const auto after = std::upper_bound(cuts.places.begin(), cuts.places.end(), place);
    if (after != cuts.places.begin() && after != cuts.places.end())
      result[static_cast<size_t>(i)] = static_cast<int>(after - cuts.places.begin()) - 1;
  }
  return result;
}

/// Between which two patches' centers a pixel lies, and how far from the first.
struct Between {
  size_t first = 0, second = 0;
  double part = 0.0;
};

Between betweenCenters(double place, int64_t patch, int64_t stride, int64_t count) {
  const double last = static_cast<double>(count - 1);
  const double index =
      std::clamp((place - static_cast<double>(patch) / 2.0) / static_cast<double>(stride), 0.0, last);
  const double first = std::min(std::floor(index), std::max(0.0, last - 1.0));
  return {static_cast<size_t>(first), static_cast<size_t>(std::min(first + 1.0, last)), index - first};
}

/// Values between the centers, by rows: sums of weighted values and of weights for each column of patches.
class RowBetween {
 public:
  RowBetween(const Blocks& blocks, const Between& rows)
      : m_values(blocks.columns.size()), m_weights(blocks.columns.size()) {
    for (const auto& [row, weight] :
         {std::pair(rows.first, 1.0 - rows.part), std::pair(rows.second, rows.part)}) {
      for (size_t col = 0; col < m_values.size(); ++col) {
        const Block& block = blocks.at(row, col);
        if (block.ground != Ground::Value) continue;
        m_values[col] += weight * block.value;
        m_weights[col] += weight;
      }
    }
  }
  double at(const Between& cols) const {
    const double left = 1.0 - cols.part, right = cols.part;
    return (left * m_values[cols.first] + right * m_values[cols.second]) /
           (left * m_weights[cols.first] + right * m_weights[cols.second]);
  }

 private:
  std::vector<double> m_values, m_weights;
};

/// Lines at 45°, that many pixels of the image a painter unit.
struct Hatch {
  Hatch(const HeatmapStyle& style, double perUnit)
      : line(style.theme.hatchLine.rgb()),
        step(std::max(3, static_cast<int>(std::lround(style.hatchStep * perUnit * std::sqrt(2.0))))),
        width(std::max(1, static_cast<int>(std::lround(style.line * perUnit)))) {}
  bool isLine(int sum) const { return sum % step < width; }

  QRgb line;
  int step, width;
};

}  // namespace

QImage scaledPicture(const QImage& picture, const QRectF& part, const QSize& pixels) {
  QImage result(pixels, QImage::Format_RGB32);
  QPainter painter(&result);
  painter.setRenderHint(QPainter::SmoothPixmapTransform);
  painter.drawImage(QRectF(QPointF(), QSizeF(pixels)), picture, part);
  return result;
}

QImage blendedPicture(const OverlayContent& content, const QImage& scaled, const QRectF& part,
                      const HeatmapStyle& style, double perUnit) {
  QImage result(scaled.size(), QImage::Format_RGB32);
  const Mixer mixer(content, style.theme);
  const Hatch hatch(style, perUnit);
  const Blocks blocks(content);
  const VisionInfo& vision = content.vision;
  const bool isSmooth = content.choice.interpolation == Interpolation::Bilinear;
  const int width = scaled.width(), height = scaled.height();
  const auto colOf = stretches(blocks.columns, part.left(), part.width(), width);
  const auto rowOf = stretches(blocks.rows, part.top(), part.height(), height);
  std::vector<Between> cols(isSmooth ? static_cast<size_t>(width) : 0);
  for (size_t x = 0; x < cols.size(); ++x)
    cols[x] = betweenCenters(part.left() + (static_cast<double>(x) + 0.5) * part.width() / width,
                             vision.patch, vision.stride, vision.gridCols);
  for (int y = 0; y < height; ++y) {
    const auto* from = reinterpret_cast<const QRgb*>(scaled.constScanLine(y));
    auto* to = reinterpret_cast<QRgb*>(result.scanLine(y));
    const int row = rowOf[static_cast<size_t>(y)];
    if (row < 0) {
      std::copy(from, from + width, to);
      continue;
    }
    const double place = part.top() + (y + 0.5) * part.height() / height;
    const RowBetween between(
        blocks, isSmooth ? betweenCenters(place, vision.patch, vision.stride, vision.gridRows) : Between{});
    for (int x = 0; x < width;) {
      const int col = colOf[static_cast<size_t>(x)];
      int end = x + 1;
      while (end < width && colOf[static_cast<size_t>(end)] == col) ++end;
      const Block block = col < 0 ? Block{} : blocks.at(static_cast<size_t>(row), static_cast<size_t>(col));
      if (block.ground == Ground::Value && isSmooth) {
        for (; x < end; ++x) to[x] = mixer.of(between.at(cols[static_cast<size_t>(x)])).of(from[x]);
      } else {
        const Mix mix = block.ground == Ground::Value ? mixer.of(block.value) : mixer.of(block.ground);
        if (block.ground == Ground::Unattended) {
          for (; x < end; ++x) to[x] = hatch.isLine(x + y) ? hatch.line : mix.of(from[x]);
        }
        for (; x < end; ++x) to[x] = mix.of(from[x]);
      }
    }
  }
  return result;
}

}  // namespace uc
