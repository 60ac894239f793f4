// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/values/error.h"
#include "tests/widgets/heatmap_fixture.h"
#include "widgets/paint/figure.h"

#include <QBuffer>
#include <QImageReader>
#include <QRegularExpression>
#include <QSvgRenderer>
#include <QTemporaryDir>
#include <QXmlStreamReader>

#include <gtest/gtest.h>
#include <tiffio.h>

#include <cmath>

namespace uc {
namespace {

constexpr char kView[] = R"({"model":"mamba-130m","text":"<a> & \"ü\" ]]>","layer":3})";

HeatmapFigure figure(qint64 tokens = 28) {
  HeatmapRecipe recipe;
  recipe.tokens = tokens;
  return HeatmapFigure(madeUpHeatmap(recipe));
}

QByteArray encoded(const std::string& format, const FigureOptions& options = {}) {
  return encodeFigure(figure(), options, format, kView);
}

TEST(FigureFile, EveryFormatGivesItsViewBack) {
  for (const char* format : {"png", "tiff", "svg", "pdf"})
    EXPECT_EQ(embeddedView(encoded(format)), kView) << format;
}

TEST(FigureFile, HoldsNoViewWhenNotAsked) {
  FigureOptions options;
  options.keepView = false;
  for (const char* format : {"png", "tiff", "svg", "pdf"}) {
    const QByteArray bytes = encoded(format, options);
    EXPECT_EQ(embeddedView(bytes), "") << format;
    EXPECT_FALSE(bytes.contains("mamba-130m\",")) << format;
  }
}

TEST(FigureFile, PngHasPixelsResolutionAndAnIntactChunk) {
  FigureOptions options;
  options.dpi = 600.0;
  QByteArray bytes = encoded("png", options);
  QBuffer buffer(&bytes);
  QImageReader reader(&buffer);
  const QImage image = reader.read();
  ASSERT_FALSE(image.isNull());
  EXPECT_EQ(image.width(), 2008);
  EXPECT_EQ(image.dotsPerMeterX(), 23622);
  EXPECT_EQ(image.text(QStringLiteral("undercurrent")), QString::fromUtf8(kView));
}

TEST(FigureFile, TiffIsReadBackByLibtiff) {
  FigureOptions options;
  options.isTransparent = true;
  const QTemporaryDir folder;
  const QString path = folder.filePath(QStringLiteral("figure.tiff"));
  QFile file(path);
  ASSERT_TRUE(file.open(QIODevice::WriteOnly));
  file.write(encoded("tiff", options));
  file.close();
  TIFF* tiff = TIFFOpen(path.toLocal8Bit().constData(), "r");
  ASSERT_NE(tiff, nullptr);
  uint32_t width = 0, height = 0;
  uint16_t samples = 0, compression = 0, unit = 0;
  float resolution = 0.0F;
  const char* description = nullptr;
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height);
  TIFFGetField(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
  TIFFGetField(tiff, TIFFTAG_COMPRESSION, &compression);
  TIFFGetField(tiff, TIFFTAG_RESOLUTIONUNIT, &unit);
  TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &resolution);
  TIFFGetField(tiff, TIFFTAG_IMAGEDESCRIPTION, &description);
  EXPECT_EQ(width, 1004U);
  EXPECT_EQ(samples, 4);
  EXPECT_EQ(compression, COMPRESSION_ADOBE_DEFLATE);
  EXPECT_EQ(unit, RESUNIT_INCH);
  EXPECT_EQ(resolution, 300.0F);
  EXPECT_STREQ(description, kView);
  const QImage image = renderFigure(figure(), options).convertToFormat(QImage::Format_RGBA8888);
  std::vector<uchar> row(static_cast<size_t>(width) * 4);
  for (uint32_t y = 0; y < height; ++y) {
    ASSERT_EQ(TIFFReadScanline(tiff, row.data(), y), 1);
    ASSERT_EQ(std::memcmp(row.data(), image.constScanLine(static_cast<int>(y)), row.size()), 0)
        << "row " << y;
  }
  TIFFClose(tiff);
}

TEST(FigureFile, SvgIsXmlWithItsTextAsText) {
  const QByteArray bytes = encoded("svg");
  QXmlStreamReader reader(bytes);
  QString words;
  int images = 0;
  while (!reader.atEnd()) {
    if (reader.readNext() != QXmlStreamReader::StartElement) continue;
    if (reader.name() == QLatin1String("text"))
      words += reader.readElementText().trimmed() + QLatin1Char('\n');
    if (reader.name() == QLatin1String("image")) ++images;
  }
  EXPECT_FALSE(reader.hasError()) << reader.errorString().toStdString();
  EXPECT_TRUE(words.contains(QStringLiteral("Layer 3, lane 345: unified implicit attention")));
  EXPECT_TRUE(words.contains(QStringLiteral("query token t")));
  EXPECT_TRUE(words.contains(QStringLiteral("current")));
  EXPECT_EQ(images, 2);  // cells and colorbar
  EXPECT_TRUE(bytes.contains("width=\"85.00")) << bytes.left(200).toStdString();
  EXPECT_TRUE(QSvgRenderer(bytes).isValid());
}

TEST(FigureFile, VectorCellsAreRectanglesUnderTwoHundred) {
  FigureOptions options;
  options.vectorCells = true;
  const auto images = [&options](qint64 tokens) {
    return encodeFigure(figure(tokens), options, "svg", {}).count("<image");
  };
  EXPECT_EQ(images(28), 1);
  EXPECT_EQ(images(199), 1);
  EXPECT_EQ(images(200), 2);
}

TEST(FigureFile, PdfHasFontsAndThePageOfTheFigure) {
  const QByteArray bytes = encoded("pdf");
  EXPECT_TRUE(bytes.startsWith("%PDF"));
  EXPECT_TRUE(bytes.contains("/Type /Font"));
  EXPECT_TRUE(bytes.contains("JetBrainsMono"));
  const QRegularExpression box(QStringLiteral(R"(/MediaBox \[0 (-?[\d.]+) ([\d.]+) ([\d.]+) *\])"));
  const QRegularExpressionMatch match = box.match(QString::fromLatin1(bytes));
  ASSERT_TRUE(match.hasMatch());
  const QSizeF mm = figureSizeMm(figure(), {});
  EXPECT_NEAR(match.captured(2).toDouble(), mm.width() / 25.4 * 72.0, 0.001);
  EXPECT_NEAR(match.captured(3).toDouble() - match.captured(1).toDouble(), mm.height() / 25.4 * 72.0, 0.001);
}

TEST(FigureFile, SeveralPagesGoIntoOnePdf) {
  const HeatmapFigure first = figure(5), second = figure(60);
  const QByteArray bytes = encodePages({&first, &second}, {}, kView);
  EXPECT_EQ(bytes.count("/MediaBox ["), 2);
  EXPECT_EQ(embeddedView(bytes), kView);
}

TEST(FigureFile, RefusesUnknownFormatsAndOversizedPictures) {
  EXPECT_THROW(encoded("bmp"), Failure);
  FigureOptions options;
  options.widthMm = 2000.0;
  EXPECT_THROW(encoded("png", options), Failure);
  EXPECT_THROW(encoded("tiff", options), Failure);
  options.widthMm = std::nan("");
  EXPECT_THROW(encoded("svg", options), Failure);
}

TEST(FigureFile, FilesOfOthersHaveNoView) {
  EXPECT_EQ(embeddedView({}), "");
  EXPECT_EQ(embeddedView("not a picture"), "");
  EXPECT_EQ(embeddedView("<svg><metadata><rdf/>text</metadata></svg>"), "");
  for (const char* format : {"png", "tiff", "svg", "pdf"}) {
    const QByteArray bytes = encoded(format);
    for (qsizetype size : {qsizetype{4}, qsizetype{9}, qsizetype{40}, qsizetype{60}, bytes.size() / 2}) {
      embeddedView(bytes.left(size));  // must end, whatever it finds
    }
  }
  QByteArray lying = encoded("png");
  lying[33] = char(0x7F);  // the length of the first chunk behind the header
  EXPECT_EQ(embeddedView(lying), "");
}

}  // namespace
}  // namespace uc
