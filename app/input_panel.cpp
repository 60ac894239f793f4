// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/input_panel.h"

#include "core/values/error.h"
#include "widgets/paint/theme.h"

#include <QHBoxLayout>
#include <QRegularExpression>
#include <QVBoxLayout>

namespace uc {

std::vector<int64_t> parseIds(const QString& text) {
  static const QRegularExpression between(QStringLiteral("[,\\s]+"));
  std::vector<int64_t> ids;
  for (const QString& part : text.split(between, Qt::SkipEmptyParts)) {
    bool isNumber = false;
    const qlonglong id = part.toLongLong(&isNumber);
    if (!isNumber)
      fail("A token id is not a number.", "input: " + printable(part.toStdString(), 40),
           "Write numbers parted by commas or spaces.");
    ids.push_back(id);
  }
  return ids;
}

InputPanel::InputPanel(Workspace& workspace, QWidget* parent)
    : QWidget(parent),
      m_workspace(workspace),
      m_edit(new QPlainTextEdit(this)),
      m_picture(new PictureView(this)),
      m_open(new QPushButton(tr("Open picture…"), this)),
      m_count(new QLabel(this)),
      m_kind(new SegmentedControl({tr("Text"), tr("Ids")}, this)),
      m_outcome(new QLabel(this)),
      m_predictions(new PredictionsList(this)) {
  setProperty("role", QStringLiteral("panel"));
  setAttribute(Qt::WA_StyledBackground);
  m_edit->setAccessibleName(tr("Input text"));
  m_edit->setTabChangesFocus(true);
  m_edit->viewport()->setAutoFillBackground(false);
  m_edit->document()->setDocumentMargin(7);
  m_edit->setMinimumHeight(60);
  m_edit->setPlaceholderText(tr("Type a text"));
  m_count->setProperty("role", QStringLiteral("small"));
  m_kind->setCurrent(0);
  m_kind->setCompact();
  m_kind->button(0)->setAccessibleName(tr("Input as text"));
  m_kind->button(1)->setAccessibleName(tr("Input as token ids"));
  auto* row = new QHBoxLayout;
  row->addWidget(m_count, 1);
  row->addWidget(m_kind);
  row->addWidget(m_open);
  auto* heads = new QHBoxLayout;
  m_outcome->setProperty("role", QStringLiteral("strong"));
  auto* probability = new QLabel(tr("Probability"), this);
  probability->setProperty("role", QStringLiteral("small"));
  heads->addWidget(m_outcome, 1);
  heads->addWidget(probability);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(12, 9, 12, 8);
  column->setSpacing(7);
  column->addWidget(m_edit, 3);
  column->addWidget(m_picture, 3);
  column->addLayout(row);
  column->addSpacing(3);
  column->addLayout(heads);
  column->addWidget(m_predictions, 2);
  connect(m_edit, &QPlainTextEdit::textChanged, this, &InputPanel::typed);
  connect(m_kind, &SegmentedControl::chosen, this, &InputPanel::chooseKind);
  workspace.follow(this, &Document::inputReplaced, &InputPanel::showInput);
  connect(m_open, &QPushButton::clicked, this, &InputPanel::pictureWanted);
  workspace.follow(this, &Document::pictureChanged, &InputPanel::showPicture);
  workspace.follow(this, &Document::tokensChanged, &InputPanel::showTokens);
  workspace.follow(this, &Document::predictionsChanged, [this] {
    std::vector<PredictionsList::Row> rows;
    for (const Prediction& each : document().source().predictions())
      rows.push_back(
          {each.text ? QString::fromStdString(*each.text) : QString::number(each.id), each.probability});
    m_predictions->setRows(std::move(rows));
  });
  showTokens();
  showPicture();
}

QWidget& InputPanel::entry() {
  if (document().isVision()) return *m_open;
  return *m_edit;
}

void InputPanel::showPicture() {
  const bool isVision = document().isVision();
  m_edit->setVisible(!isVision);
  m_kind->setVisible(!isVision);
  m_picture->setVisible(isVision);
  m_open->setVisible(isVision);
  m_outcome->setText(isVision ? tr("Class") : tr("Next token"));
  m_predictions->setSubject(isVision ? tr("Class") : tr("Next token"));
  if (!isVision) return;
  const Picture& picture = document().source().picture();
  QImage image;
  if (!picture.isEmpty()) {
    image = QImage(picture.rgb.data(), static_cast<int>(picture.width), static_cast<int>(picture.height),
                   static_cast<int>(picture.width * 3), QImage::Format_RGB888)
                .copy();
  }
  const VisionInfo& vision = *document().info().vision;
  m_picture->setPicture(image, static_cast<int>(vision.patch), static_cast<int>(vision.stride));
  m_picture->setToolTip(document().source().image());
}

void InputPanel::showInput() {
  m_isShowing = true;
  m_kind->setCurrent(document().source().hasIds() ? 1 : 0);
  QString text = document().source().text();
  if (document().source().hasIds()) {
    QStringList ids;
    for (int64_t id : document().source().ids()) ids << QString::number(id);
    text = ids.join(QStringLiteral(", "));
  }
  if (m_edit->toPlainText() != text) m_edit->setPlainText(text);
  m_isShowing = false;
}

void InputPanel::showTokens() {
  const Tokens* tokens = document().tokens();
  if (!tokens)
    m_count->setText(tr("no tokens"));
  else
    m_count->setText(tokens->size() == 1 ? tr("1 token")
                                         : tr("%1 tokens").arg(uc::countText(tokens->size())));
}

void InputPanel::typed() {
  if (m_isShowing) return;
  if (!isIds()) {
    document().source().setText(m_edit->toPlainText());
    return;
  }
  try {
    document().source().setIds(parseIds(m_edit->toPlainText()));
  } catch (const Failure& failure) {
    document().source().setInputError(failure.error());
  }
}

void InputPanel::chooseKind(int index) {
  m_edit->setAccessibleName(index == 1 ? tr("Input token ids") : tr("Input text"));
  const Tokens* tokens = document().tokens();
  if (index == 1 && !document().source().hasIds() && tokens) {
    // the same input, written the other way
    document().source().setIds(tokens->ids());
    showInput();
  } else if (index == 0 && document().source().hasIds()) {
    document().source().setText(document().source().text());
    showInput();
  }
}

}  // namespace uc
