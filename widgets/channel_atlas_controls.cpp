// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/channel_atlas_controls.h"

#include "widgets/widget_theme.h"

#include <QAbstractItemView>
#include <QFontMetrics>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QSignalBlocker>

#include <algorithm>

namespace uc {

namespace {

constexpr int kMargin = 12, kTop = 5, kLine = 26, kBetweenLines = 6;
constexpr int kGap = 12, kChipGap = 6;
constexpr int kComboFrame = 40;  // text margins and arrow

/// A role as a pill that is on or off: a check mark, not only another ground.
class RoleChip : public QAbstractButton {
 public:
  explicit RoleChip(QWidget* parent) : QAbstractButton(parent) {
    setCheckable(true);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
  }
  QSize sizeHint() const override {
    const double words = QFontMetricsF(textFont(12)).horizontalAdvance(text());
    return {static_cast<int>(words) + 24 + (isChecked() ? 14 : 0), 24};
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme& theme = themeOf(*this);
    const QRectF pill = QRectF(rect()).adjusted(0.5, 1.5, -0.5, -1.5);
    painter.setPen(QPen(isChecked() ? theme.accent : theme.border, 1));
    painter.setBrush(isChecked() ? theme.selection : isDown() || underMouse() ? theme.hover : theme.base);
    painter.drawRoundedRect(pill, 0.5 * pill.height(), 0.5 * pill.height());
    QRectF words = rect();
    if (isChecked()) {
      paintIcon(painter, QRectF(9, 6, 12, 12), QStringLiteral("check"), theme.selectionText);
      words.setLeft(16);
    }
    painter.setFont(textFont(12));
    painter.setPen(isChecked() ? theme.selectionText : theme.text);
    painter.drawText(words, Qt::AlignCenter, text());
  }
};

QString ruleOf(Role role) {
  switch (role) {
    case Role::PreviousToken:
      return ChannelAtlasControls::tr("At least half of the mass lies at distance 1.");
    case Role::Window:
      return ChannelAtlasControls::tr("At least 90 % of the mass lies within 8 tokens.");
    case Role::FirstTokenSink:
      return ChannelAtlasControls::tr("At least 30 % of the mass lies on the first token.");
    case Role::Delimiter:
      return ChannelAtlasControls::tr("At least 40 % of the mass lies on delimiters.");
    case Role::Periodic:
      return ChannelAtlasControls::tr("The mass comes back at even distances.");
    case Role::InductionLike:
      return ChannelAtlasControls::tr(
          "At least 10 % of the mass lies after earlier occurrences of the row’s token.");
    case Role::Dead:
      return ChannelAtlasControls::tr("At least 99 % of the rows have next to no mass.");
  }
  return {};
}

void addColumn(QComboBox& combo, const AtlasColumn& column) {
  combo.addItem(columnTitle(column), QString::fromLatin1(column.name));
}

/// As wide as what is chosen, so that the row stays short; its list is as wide as its longest entry.
void setCurrent(QComboBox& combo, const std::string& name) {
  const QSignalBlocker blocker(combo);
  combo.setCurrentIndex(combo.findData(QString::fromStdString(name)));
  const QFontMetrics metrics(combo.font());
  combo.setFixedWidth(metrics.horizontalAdvance(combo.currentText()) + kComboFrame);
  int widest = combo.width();
  for (int i = 0; i < combo.count(); ++i)
    widest = std::max(widest, metrics.horizontalAdvance(combo.itemText(i)) + kComboFrame);
  combo.view()->setMinimumWidth(widest);
}

std::string nameOf(const QComboBox& combo) { return combo.currentData().toString().toStdString(); }

}  // namespace

ChannelAtlasControls::ChannelAtlasControls(QWidget* parent) : QWidget(parent) {
  QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
  m_shape = new SegmentedControl({tr("Points"), tr("Tiles")}, this);
  m_groups.push_back(m_shape);
  m_x = addCombo(tr("x"), tr("Horizontal axis"));
  m_y = addCombo(tr("y"), tr("Vertical axis"));
  m_color = addCombo(tr("Color by"), tr("Color by"));
  m_color->addItem(tr("layer"), QStringLiteral("layer"));
  m_color->addItem(tr("roles"), QStringLiteral("roles"));
  auto* label = new QLabel(tr("Roles"), this);
  label->setProperty("role", QStringLiteral("secondary"));
  m_groups.push_back(m_rolesLabel = label);
  for (const Role role : allRoles()) {
    auto* chip = new RoleChip(this);
    chip->setText(roleTitle(role));
    chip->setAccessibleName(tr("Only lanes with the role %1").arg(roleTitle(role)));
    connect(chip, &QAbstractButton::clicked, this, [this, role](bool isOn) { toggleRole(role, isOn); });
    m_chips.emplace_back(role, chip);
    m_groups.push_back(chip);
  }
  m_sort = addCombo(tr("Sort"), tr("Order of the lanes"));
  for (const AtlasColumn& column : atlasColumns()) {
    if (column.measure == Measure::Index) continue;
    for (QComboBox* combo : {m_x, m_y, m_color, m_sort}) addColumn(*combo, column);
  }
  connect(m_shape, &SegmentedControl::chosen, this, &ChannelAtlasControls::chooseShape);
  const auto on = [this](QComboBox* combo, std::string AtlasChoice::*name) {
    connect(combo, &QComboBox::activated, this, [this, combo, name] {
      if (!m_content) return;
      AtlasChoice choice = m_content->choice;
      choice.*name = nameOf(*combo);
      ask(choice);
    });
  };
  on(m_x, &AtlasChoice::x);
  on(m_y, &AtlasChoice::y);
  on(m_color, &AtlasChoice::color);
  on(m_sort, &AtlasChoice::sort);
  setEnabled(false);
}

QComboBox* ChannelAtlasControls::addCombo(const QString& label, const QString& spoken) {
  auto* group = new QWidget(this);
  auto* row = new QHBoxLayout(group);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  auto* words = new QLabel(label, group);
  words->setProperty("role", QStringLiteral("secondary"));
  auto* combo = new QComboBox(group);
  combo->setAccessibleName(spoken);
  words->setBuddy(combo);
  row->addWidget(words);
  row->addWidget(combo);
  m_groups.push_back(group);
  return combo;
}

QAbstractButton& ChannelAtlasControls::chip(Role role) const {
  return *std::find_if(m_chips.begin(), m_chips.end(), [role](const auto& each) {
            return each.first == role;
          })->second;
}

void ChannelAtlasControls::setContent(std::shared_ptr<const AtlasContent> content) {
  const bool areSameLanes = m_content && content && m_content->cloud->lanes == content->cloud->lanes;
  m_content = std::move(content);
  setEnabled(m_content != nullptr);
  if (!m_content) return;
  const AtlasChoice& choice = m_content->choice;
  const bool isTiled = m_content->cloud->isTiled;
  m_shape->setCurrent(isTiled ? 1 : 0);
  for (QComboBox* combo : {m_x, m_y}) combo->parentWidget()->setVisible(!isTiled);
  setCurrent(*m_x, choice.x);
  setCurrent(*m_y, choice.y);
  setCurrent(*m_color, choice.color);
  setCurrent(*m_sort, choice.sort);
  for (const auto& [role, chip] : m_chips) {
    chip->setChecked(choice.roles.has(role));
    if (areSameLanes) continue;
    const auto& lanes = m_content->lanes().lanes;
    const auto count = std::count_if(lanes.begin(), lanes.end(), [role = role](const LaneStatistics& lane) {
      return lane.roles.has(role);
    });
    chip->setVisible(count > 0 || choice.roles.has(role));
    chip->setToolTip(tr("%1 lanes. %2").arg(countText(count), ruleOf(role)));
  }
  m_rolesLabel->setVisible(
      std::any_of(m_chips.begin(), m_chips.end(), [](const auto& each) { return !each.second->isHidden(); }));
  updateGeometry();
  arrange(width(), true);
}

void ChannelAtlasControls::ask(const AtlasChoice& choice) {
  AtlasChoice wanted = choice;
  if (wanted.x != m_content->choice.x || wanted.y != m_content->choice.y) wanted.brush.reset();
  if (!(wanted == m_content->choice)) Q_EMIT choiceEdited(wanted);
}

void ChannelAtlasControls::chooseShape(int shape) {
  if (!m_content) return;
  AtlasChoice choice = m_content->choice;
  const AtlasChoice usual;
  choice.x = shape == 1 ? "lane" : usual.x;
  choice.y = shape == 1 ? "layer" : usual.y;
  // Tiles lie in rows of layers already.
  if (shape == 1 && choice.color == "layer") choice.color = usual.x;
  if (shape == 0 && choice.color == usual.x) choice.color = "layer";
  ask(choice);
}

void ChannelAtlasControls::toggleRole(Role role, bool isOn) {
  if (!m_content) return;
  AtlasChoice choice = m_content->choice;
  Roles roles;
  for (const Role each : allRoles())
    if (each == role ? isOn : choice.roles.has(each)) roles = roles.with(each);
  choice.roles = roles;
  ask(choice);
}

int ChannelAtlasControls::arrange(int width, bool isPlacing) const {
  int x = kMargin, y = kTop;
  for (QWidget* group : m_groups) {
    if (group->isHidden()) continue;
    const QSize size = group->sizeHint();
    if (x > kMargin && x + size.width() > width - kMargin) {
      x = kMargin;
      y += kLine + kBetweenLines;
    }
    if (group == m_groups.back() && y == kTop) x = std::max(x, width - kMargin - size.width());
    if (isPlacing) group->setGeometry(x, y + (kLine - size.height()) / 2, size.width(), size.height());
    const bool isChip = std::any_of(m_chips.begin(), m_chips.end(),
                                    [group](const auto& each) { return each.second == group; });
    x += size.width() + (isChip || group == m_rolesLabel ? kChipGap : kGap);
  }
  return y + kLine + kTop;
}

QSize ChannelAtlasControls::sizeHint() const { return {600, arrange(std::max(600, width()), false)}; }

void ChannelAtlasControls::resizeEvent(QResizeEvent*) { arrange(width(), true); }

void ChannelAtlasControls::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& theme = themeOf(*this);
  painter.fillRect(rect(), theme.panel);
  painter.fillRect(0, height() - 1, width(), 1, theme.line);
}

}  // namespace uc
