// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/values/error.h"
#include "widgets/paint/figure_paint.h"
#include "widgets/paint/tiff_file.h"

#include <QBuffer>
#include <QMarginsF>
#include <QPageSize>
#include <QPdfWriter>
#include <QSvgGenerator>
#include <QXmlStreamReader>
#include <QtEndian>

#include <zlib.h>

#include <cmath>

namespace uc {

namespace {

constexpr double kMaxPixels = 20000.0;
constexpr int kUnitsPerInch = 1440;
constexpr char kKeyword[] = "undercurrent";
constexpr char kNamespace[] = "https://undercurrent.dev/ns/1.0/";
constexpr qsizetype kPngHeader = 8 + 25;  // signature and IHDR chunk

QByteArray bigEndian(quint32 value) {
  QByteArray bytes(4, Qt::Uninitialized);
  qToBigEndian(value, bytes.data());
  return bytes;
}

QByteArray pngChunk(const QByteArray& typeAndData) {
  const uLong sum = crc32(0, reinterpret_cast<const Bytef*>(typeAndData.constData()),
                          static_cast<uInt>(typeAndData.size()));
  return bigEndian(static_cast<quint32>(typeAndData.size() - 4)) + typeAndData +
         bigEndian(static_cast<quint32>(sum));
}

QByteArray encodePng(const QImage& image, const QByteArray& view) {
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  if (!image.save(&buffer, "PNG")) {
    fail("The figure could not be written as PNG.", "", "Choose a smaller size or another format.");
  }
  if (view.isEmpty()) return bytes;
  // Keyword, not compressed, no language, no translated keyword: PNG specification, 11.3.4.5.
  const QByteArray text = QByteArray("iTXt") + kKeyword + QByteArray(5, '\0') + view;
  return bytes.left(kPngHeader) + pngChunk(text) + bytes.mid(kPngHeader);
}

std::string pngView(const QByteArray& bytes) {
  for (qsizetype place = 8; place + 12 <= bytes.size();) {
    const auto size = static_cast<qsizetype>(qFromBigEndian<quint32>(bytes.constData() + place));
    if (size > bytes.size() - place - 12) return {};
    const QByteArray type = bytes.mid(place + 4, 4), data = bytes.mid(place + 8, size);
    place += size + 12;
    if (type != "iTXt" || !data.startsWith(QByteArray(kKeyword) + '\0')) continue;
    const qsizetype flag = qsizetype(sizeof(kKeyword));
    const qsizetype language = flag + 2;
    if (language > data.size() || data[flag] != 0) continue;
    const qsizetype translated = data.indexOf('\0', language);
    const qsizetype text = translated < 0 ? -1 : data.indexOf('\0', translated + 1);
    if (text >= 0) return data.mid(text + 1).toStdString();
  }
  return {};
}

QByteArray escaped(const QByteArray& view) { return QString::fromUtf8(view).toHtmlEscaped().toUtf8(); }

QByteArray encodeSvg(const Figure& figure, const FigureOptions& options, const QByteArray& view) {
  const QSizeF units = figureUnits(figure, options);
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  {
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setResolution(kUnitsPerInch);
    generator.setSize(units.toSize());
    generator.setViewBox(QRectF(QPointF(0.0, 0.0), units));
    generator.setTitle(QStringLiteral("Undercurrent figure"));
    generator.setDescription(QStringLiteral("Drawn by Undercurrent"));
    QPainter painter(&generator);
    paintFigure(painter, figure, options, units);
  }
  // Readers without the shipped fonts take a similar one; cells stay sharp where a viewer enlarges the image.
  bytes.replace("font-family=\"Roboto\"", "font-family=\"Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif\"");
  bytes.replace("font-family=\"JetBrains Mono\"",
                "font-family=\"'JetBrains Mono', 'DejaVu Sans Mono', monospace\"");
  bytes.replace("<image ", "<image style=\"image-rendering:pixelated\" ");
  if (view.isEmpty()) return bytes;
  const qsizetype head = bytes.indexOf('>', bytes.indexOf("<svg")) + 1;
  return bytes.left(head) + "\n<metadata>" + escaped(view) + "</metadata>" + bytes.mid(head);
}

/// Text of the first element with this name, in any namespace.
std::string elementText(const QByteArray& xml, QLatin1String name) {
  QXmlStreamReader reader(xml);
  while (!reader.atEnd()) {
    if (reader.readNext() != QXmlStreamReader::StartElement || reader.name() != name) continue;
    const QString text = reader.readElementText(QXmlStreamReader::SkipChildElements).trimmed();
    if (text.startsWith(QLatin1Char('{'))) return text.toStdString();
  }
  return {};
}

QByteArray xmpPacket(const QByteArray& view) {
  return QByteArray(
             "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
             "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">"
             "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
             "<rdf:Description rdf:about=\"\" xmlns:undercurrent=\"") +
         kNamespace + "\"><undercurrent:view>" + escaped(view) +
         "</undercurrent:view></rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>";
}

std::string pdfView(const QByteArray& bytes) {
  const qsizetype begin = bytes.indexOf("<x:xmpmeta");
  const QByteArray tail("</x:xmpmeta>");
  const qsizetype end = begin < 0 ? -1 : bytes.indexOf(tail, begin);
  return end < 0 ? std::string()
                 : elementText(bytes.mid(begin, end + tail.size() - begin), QLatin1String("view"));
}

/// Qt rounds a page to whole points; the figure's own size fits into the same number of bytes.
void setExactPage(QByteArray& bytes, qsizetype box, const QSizeF& units) {
  const qsizetype end = box < 0 ? -1 : bytes.indexOf(']', box);
  const double top = end < 0 ? 0.0 : bytes.mid(box, end - box).split(' ').last().toDouble();
  const QByteArray exact = "/MediaBox [0 " + QByteArray::number(top - units.height() / 20.0, 'f', 3) + ' ' +
                           QByteArray::number(units.width() / 20.0, 'f', 3) + ' ' +
                           QByteArray::number(top, 'f', 0);
  if (end >= box + exact.size()) bytes.replace(box, end - box, exact.leftJustified(end - box));
}

QPageSize pageSize(const QSizeF& units) {
  return QPageSize(units / 20.0, QPageSize::Point, QStringLiteral("figure"), QPageSize::ExactMatch);
}

QByteArray encodePdf(const std::vector<const Figure*>& pages, const FigureOptions& options,
                     const QByteArray& view) {
  std::vector<QSizeF> sizes;
  for (const Figure* page : pages) sizes.push_back(figureUnits(*page, options));
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::WriteOnly);
  {
    QPdfWriter writer(&buffer);
    writer.setResolution(kUnitsPerInch);
    writer.setPageSize(pageSize(sizes.front()));
    writer.setPageMargins(QMarginsF());
    writer.setTitle(QStringLiteral("Undercurrent figure"));
    writer.setCreator(QStringLiteral("Undercurrent"));
    if (!view.isEmpty()) writer.setDocumentXmpMetadata(xmpPacket(view));
    QPainter painter(&writer);
    painter.setRenderHint(QPainter::LosslessImageRendering);
    for (size_t i = 0; i < pages.size(); ++i) {
      if (i > 0) {
        writer.setPageSize(pageSize(sizes[i]));
        writer.newPage();
      }
      paintFigure(painter, *pages[i], options, sizes[i]);
    }
  }
  qsizetype box = -1;
  for (const QSizeF& size : sizes) {
    box = bytes.indexOf("/MediaBox [", box + 1);
    setExactPage(bytes, box, size);
  }
  return bytes;
}

void checkSize(const Figure& figure, const FigureOptions& options, bool isRaster) {
  const QSizeF mm = figureSizeMm(figure, options);
  const double perMm = options.dpi / 25.4;
  const double longest = std::max(mm.width(), mm.height());
  if (std::isfinite(longest) && mm.width() > 0.0 &&
      (!isRaster || (perMm > 0.0 && longest * perMm <= kMaxPixels)))
    return;
  fail("The figure is too large.",
       QStringLiteral("%1 × %2 mm at %3 dpi")
           .arg(mm.width(), 0, 'f', 1)
           .arg(mm.height(), 0, 'f', 1)
           .arg(options.dpi, 0, 'f', 0)
           .toStdString(),
       "Choose at most 20,000 pixels a side.");
}

}  // namespace

QByteArray encodeFigure(const Figure& figure, const FigureOptions& options, const std::string& format,
                        const std::string& view) {
  const QByteArray kept = options.keepView ? QByteArray::fromStdString(view) : QByteArray();
  const bool isRaster = format == "png" || format == "tiff";
  if (!isRaster && format != "svg" && format != "pdf") {
    fail("This figure format is not known.", format, "Choose png, tiff, svg or pdf.");
  }
  checkSize(figure, options, isRaster);
  if (format == "svg") return encodeSvg(figure, options, kept);
  if (format == "pdf") return encodePdf({&figure}, options, kept);
  const QImage image = renderFigure(figure, options);
  if (image.isNull())
    fail("There is not enough memory for the figure.", "", "Choose a smaller width or resolution.");
  return format == "png" ? encodePng(image, kept) : encodeTiff(image, options.dpi, kept);
}

QByteArray encodePages(const std::vector<const Figure*>& pages, const FigureOptions& options,
                       const std::string& view) {
  for (const Figure* page : pages) checkSize(*page, options, false);
  return encodePdf(pages, options, options.keepView ? QByteArray::fromStdString(view) : QByteArray());
}

std::string embeddedView(const QByteArray& bytes) {
  if (bytes.startsWith("\x89PNG\r\n")) return pngView(bytes);
  if (bytes.startsWith("%PDF")) return pdfView(bytes);
  if (bytes.startsWith("II*") || bytes.startsWith(QByteArray("MM\0*", 4))) return tiffView(bytes);
  if (bytes.left(4096).contains("<svg")) return elementText(bytes, QLatin1String("metadata"));
  return {};
}

}  // namespace uc
