// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/open_target.h"

#include "core/io/session.h"
#include "core/values/error.h"
#include "widgets/paint/figure.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStringConverter>

namespace uc {

namespace {

constexpr qint64 kMostText = 16 << 20, kMostFigure = 256 << 20, kMostConfig = 4 << 20;

QString words(const char* text) { return QCoreApplication::translate("OpenTarget", text); }

bool isWeights(const QFileInfo& file) {
  static const QStringList endings{QStringLiteral("safetensors"), QStringLiteral("bin"),
                                   QStringLiteral("pth"), QStringLiteral("pt")};
  return endings.contains(file.suffix().toLower());
}

QString sizeText(qint64 bytes) {
  if (bytes >= 1000000000) return QStringLiteral("%1 GB").arg(static_cast<double>(bytes) / 1e9, 0, 'f', 1);
  if (bytes >= 1000000) return QStringLiteral("%1 MB").arg(bytes / 1000000);
  return QStringLiteral("%1 kB").arg(std::max<qint64>(1, bytes / 1000));
}

QString familyTitle(const QString& type) {
  if (type == QLatin1String("mamba")) return QStringLiteral("Mamba");
  if (type == QLatin1String("falcon_mamba")) return QStringLiteral("Falcon-Mamba");
  if (type == QLatin1String("mamba2")) return QStringLiteral("Mamba-2");
  return type;
}

QString modelTitle(const QDir& folder, qint64 bytes) {
  QFile config(folder.filePath(QStringLiteral("config.json")));
  QString family = words("Model");
  int layers = 0;
  if (config.size() <= kMostConfig && config.open(QIODevice::ReadOnly)) {
    const QJsonObject object = QJsonDocument::fromJson(config.readAll()).object();
    const QString type = object.value(QStringLiteral("model_type")).toString();
    if (!type.isEmpty()) family = words("%1 model").arg(familyTitle(type));
    for (const char* key : {"num_hidden_layers", "n_layer"})
      if (layers == 0) layers = object.value(QLatin1String(key)).toInt();
  }
  QStringList parts{family};
  if (layers > 0) parts << words("%1 layers").arg(layers);
  parts << sizeText(bytes);
  return parts.join(QStringLiteral(", "));
}

OpenTarget modelTarget(const QFileInfo& file) {
  OpenTarget target;
  target.kind = OpenTarget::Kind::Model;
  target.path = file.absoluteFilePath();
  target.hint = words("Drop to open it in place of the open model.");
  if (!file.isDir()) {
    target.title = modelTitle(file.dir(), file.size());
    return target;
  }
  const QDir folder(target.path);
  qint64 bytes = 0;
  for (const QFileInfo& entry : folder.entryInfoList(QDir::Files))
    if (isWeights(entry)) bytes += entry.size();
  target.title = modelTitle(folder, bytes);
  return target;
}

std::optional<OpenTarget> figureTarget(const QFileInfo& file) {
  static const QStringList endings{QStringLiteral("png"), QStringLiteral("tif"), QStringLiteral("tiff"),
                                   QStringLiteral("svg"), QStringLiteral("pdf")};
  if (!endings.contains(file.suffix().toLower()) || file.size() > kMostFigure) return std::nullopt;
  QFile figure(file.filePath());
  if (!figure.open(QIODevice::ReadOnly)) return std::nullopt;
  const std::string view = embeddedView(figure.readAll());
  OpenTarget target;
  target.path = file.absoluteFilePath();
  if (view.empty()) return std::nullopt;
  try {
    target.view = parseView(view, file.fileName().toStdString());
  } catch (const Failure& failure) {
    target.title = words("Figure with a view that cannot be read: %1").arg(file.fileName());
    target.hint = QString::fromStdString(failure.error().what);
    return target;
  }
  target.kind = OpenTarget::Kind::Figure;
  const QString model = QFileInfo(QString::fromStdString(target.view->origin.model)).fileName();
  target.title = words("Figure with a view of %1").arg(model);
  target.hint = words("Drop to restore it.");
  return target;
}

std::optional<OpenTarget> sessionTarget(const QFileInfo& file) {
  if (file.suffix().toLower() != QLatin1String("undercurrent")) return std::nullopt;
  OpenTarget target;
  target.kind = OpenTarget::Kind::Session;
  target.path = file.absoluteFilePath();
  target.title = words("Session %1").arg(file.completeBaseName());
  target.hint = words("Drop to open it in place of what is open.");
  return target;
}

std::optional<OpenTarget> pictureTarget(const QFileInfo& file) {
  static const QStringList endings{QStringLiteral("png"), QStringLiteral("jpg"),  QStringLiteral("jpeg"),
                                   QStringLiteral("bmp"), QStringLiteral("webp"), QStringLiteral("tif"),
                                   QStringLiteral("npy"), QStringLiteral("tiff")};
  if (!endings.contains(file.suffix().toLower())) return std::nullopt;
  OpenTarget target;
  target.kind = OpenTarget::Kind::Picture;
  target.path = file.absoluteFilePath();
  target.title = words("Picture without a view: %1").arg(file.fileName());
  target.hint = words("Drop to use it as the input of a vision model.");
  return target;
}

bool looksLikeText(const QFileInfo& file) {
  if (file.size() > kMostText) return false;
  QFile text(file.filePath());
  if (!text.open(QIODevice::ReadOnly)) return false;
  const QByteArray start = text.read(64 << 10);
  if (start.contains('\0')) return false;
  QStringDecoder decoder(QStringDecoder::Utf8);
  const QString decoded = decoder(start);
  return !decoder.hasError() && (!decoded.isEmpty() || file.size() == 0);
}

}  // namespace

OpenTarget recognize(const QString& path) {
  const QFileInfo file(path);
  const QDir folder(path);
  if (file.isDir()) {
    const bool hasConfig = folder.exists(QStringLiteral("config.json"));
    bool hasWeights = false;
    for (const QFileInfo& entry : folder.entryInfoList(QDir::Files))
      hasWeights = hasWeights || isWeights(entry);
    if (hasConfig || hasWeights) return modelTarget(file);
  } else if (file.isFile()) {
    if (isWeights(file)) return modelTarget(file);
    if (file.fileName() == QLatin1String("config.json")) return modelTarget(QFileInfo(file.absolutePath()));
    if (auto session = sessionTarget(file)) return *session;
    if (auto figure = figureTarget(file)) return *figure;
    if (auto picture = pictureTarget(file)) return *picture;
    if (looksLikeText(file)) {
      OpenTarget target;
      target.kind = OpenTarget::Kind::Text;
      target.path = file.absoluteFilePath();
      target.title = words("Text, %1").arg(sizeText(file.size()));
      target.hint = words("Drop to use it as the input.");
      return target;
    }
  }
  OpenTarget target;
  target.path = path;
  target.title = words("Not recognized: %1").arg(file.fileName());
  target.hint =
      words("Drop a model folder, a weights file, a text, a picture, a session or an exported figure.");
  return target;
}

QString readTextFile(const QString& path) {
  QFile file(path);
  const std::string name = QFileInfo(path).fileName().toStdString();
  if (QFileInfo::exists(path) && !QFileInfo(path).isFile())
    fail("The text is not a regular file.", name, "Choose a text file.");
  if (!file.open(QIODevice::ReadOnly))
    fail("The text file cannot be read.", name, "Check that it exists and may be read.");
  if (file.size() > kMostText)
    fail("The text file is too large.", name + ": over 16 MB", "Choose a shorter text.");
  QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
  const QByteArray bytes = file.readAll();
  const QString text = decoder(bytes);
  if (decoder.hasError()) fail("The text file is not UTF-8.", name, "Save it as UTF-8.");
  return text;
}

}  // namespace uc
