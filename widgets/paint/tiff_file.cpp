// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/paint/tiff_file.h"

#include "core/values/error.h"

#include <QBuffer>

#include <tiffio.h>

#include <cstring>
#include <memory>

namespace uc {

namespace {

// libtiff's calls on a QBuffer; it needs no mapping.
QBuffer& bufferOf(thandle_t handle) { return *static_cast<QBuffer*>(handle); }

tmsize_t readBytes(thandle_t handle, void* data, tmsize_t size) {
  return static_cast<tmsize_t>(bufferOf(handle).read(static_cast<char*>(data), size));
}

tmsize_t writeBytes(thandle_t handle, void* data, tmsize_t size) {
  return static_cast<tmsize_t>(bufferOf(handle).write(static_cast<const char*>(data), size));
}

toff_t seekTo(thandle_t handle, toff_t offset, int whence) {
  QBuffer& buffer = bufferOf(handle);
  const qint64 base = whence == SEEK_CUR ? buffer.pos() : whence == SEEK_END ? buffer.size() : 0;
  const qint64 place = base + static_cast<qint64>(offset);
  // A reader that is led behind the end by a broken file is told so without a warning of Qt's.
  if (!buffer.isWritable() && place > buffer.size()) return static_cast<toff_t>(-1);
  return buffer.seek(place) ? static_cast<toff_t>(place) : static_cast<toff_t>(-1);
}

int closeNothing(thandle_t) { return 0; }
toff_t sizeOf(thandle_t handle) { return static_cast<toff_t>(bufferOf(handle).size()); }
int sayNothing(TIFF*, void*, const char*, const char*, va_list) { return 1; }

struct Close {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using TiffPointer = std::unique_ptr<TIFF, Close>;

TiffPointer openTiff(QBuffer& buffer, const char* mode) {
  // Files dropped on the window may be anything: libtiff must neither print nor ask for much memory.
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                 &TIFFOpenOptionsFree);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), sayNothing, nullptr);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), sayNothing, nullptr);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), tmsize_t{1} << 30);
  return TiffPointer(TIFFClientOpenExt("figure.tiff", mode, &buffer, readBytes, writeBytes, seekTo,
                                       closeNothing, sizeOf, nullptr, nullptr, options.get()));
}

void setFields(TIFF* tiff, const QImage& image, double dpi, const QByteArray& description) {
  const bool hasAlpha = image.hasAlphaChannel();
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<uint32_t>(image.width()));
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, static_cast<uint32_t>(image.height()));
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, hasAlpha ? 4 : 3);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE);
  TIFFSetField(tiff, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
  TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
  TIFFSetField(tiff, TIFFTAG_XRESOLUTION, dpi);
  TIFFSetField(tiff, TIFFTAG_YRESOLUTION, dpi);
  TIFFSetField(tiff, TIFFTAG_SOFTWARE, "Undercurrent");
  if (hasAlpha) {
    const uint16_t kind = EXTRASAMPLE_UNASSALPHA;
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &kind);
  }
  if (!description.isEmpty()) TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, description.constData());
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, TIFFDefaultStripSize(tiff, 0));
}

}  // namespace

QByteArray encodeTiff(const QImage& image, double dpi, const QByteArray& description) {
  const QImage plain =
      image.convertToFormat(image.hasAlphaChannel() ? QImage::Format_RGBA8888 : QImage::Format_RGB888);
  QByteArray bytes;
  QBuffer buffer(&bytes);
  buffer.open(QIODevice::ReadWrite);
  TiffPointer tiff = openTiff(buffer, "w");
  bool isWritten = tiff != nullptr;
  if (isWritten) setFields(tiff.get(), plain, dpi, description);
  const auto rowBytes = static_cast<size_t>(plain.width()) * (plain.hasAlphaChannel() ? 4 : 3);
  std::vector<uchar> row(rowBytes);  // the predictor works in place
  for (int y = 0; isWritten && y < plain.height(); ++y) {
    std::memcpy(row.data(), plain.constScanLine(y), rowBytes);
    isWritten = TIFFWriteScanline(tiff.get(), row.data(), static_cast<uint32_t>(y), 0) == 1;
  }
  if (!isWritten || TIFFFlush(tiff.get()) != 1) {
    fail("The figure could not be written as TIFF.", "", "Choose a smaller size or another format.");
  }
  tiff.reset();
  return bytes;
}

std::string tiffView(const QByteArray& bytes) {
  QByteArray copy = bytes;
  QBuffer buffer(&copy);
  buffer.open(QIODevice::ReadOnly);
  const TiffPointer tiff = openTiff(buffer, "rm");
  const char* text = nullptr;
  if (!tiff || TIFFGetField(tiff.get(), TIFFTAG_IMAGEDESCRIPTION, &text) != 1 || text == nullptr) return {};
  return text[0] == '{' ? std::string(text) : std::string();
}

}  // namespace uc
