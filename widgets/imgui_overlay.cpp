// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "widgets/imgui_overlay.h"

#include <QFile>
#include <QOpenGLContext>
#include <QOpenGLFunctions>

#include <backends/imgui_impl_opengl3.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>

namespace uc {
namespace {

constexpr float kWidth = 212.0F;
constexpr float kPaddingX = 10.0F;
constexpr float kPaddingY = 8.0F;
constexpr float kInner = kWidth - 2.0F * kPaddingX;
// ImGui measures fonts from ascent to descent, Qt by the em: Roboto's two differ by this factor.
constexpr float kTextSize = 12.0F * 2400.0F / 2048.0F;
constexpr float kRow = 17.0F;
constexpr float kSliderRow = 23.0F;
constexpr float kSliderHeight = 17.0F;
constexpr float kSliderLeft = 52.0F;
constexpr double kGammaSpan = 4.0;  // gamma from 1/4 to 4
constexpr double kMargin = 12.0;

ImVec4 vectorOf(const QColor& color, double alpha = 1.0) {
  return {color.redF(), color.greenF(), color.blueF(), static_cast<float>(alpha)};
}

ImVec2 vectorOf(const QPointF& point) {
  return {static_cast<float>(point.x()), static_cast<float>(point.y())};
}

void applyTheme(const Theme& theme) {
  ImGuiStyle& style = ImGui::GetStyle();
  style.WindowRounding = 3.0F;
  style.FrameRounding = 2.0F;
  style.WindowPadding = {kPaddingX, kPaddingY};
  style.ItemSpacing = {0.0F, 0.0F};
  style.WindowBorderSize = 1.0F;
  style.WindowMinSize = {1.0F, 1.0F};
  style.Colors[ImGuiCol_WindowBg] = vectorOf(theme.panel, 0.94);
  style.Colors[ImGuiCol_Border] = vectorOf(theme.line);
  style.Colors[ImGuiCol_Text] = vectorOf(theme.text);
  style.Colors[ImGuiCol_TextDisabled] = vectorOf(theme.text2);
  style.Colors[ImGuiCol_FrameBg] = vectorOf(theme.base);
  style.Colors[ImGuiCol_SliderGrab] = vectorOf(theme.accent);
  style.Colors[ImGuiCol_Header] = vectorOf(theme.selection);
  style.Colors[ImGuiCol_Separator] = vectorOf(theme.border);
}

// What the font's loaded ranges lack is replaced by what reads the same: ∞ is the only such sign that the
// program writes itself.
QByteArray shownText(QString text) { return text.replace(QChar(0x221E), QLatin1String("Inf")).toUtf8(); }

void textRight(const QByteArray& text, float right) {
  const float width = ImGui::CalcTextSize(text.constData()).x;
  ImGui::SetCursorPosX(std::max(ImGui::GetCursorPosX(), right - width));
  ImGui::TextUnformatted(text.constData());
}

QString rangeText(const ValueRange& range) {
  if (range.low == -range.high) return QStringLiteral("± ") + numberText(range.high, 3);
  return numberText(range.low, 3) + QStringLiteral(" … ") + numberText(range.high, 3);
}

float left(const ImVec2& corner, double share) {
  return corner.x + static_cast<float>(share) * (kInner - kSliderLeft);
}

// The frame of a slider, with its place for the pointer. The share of the slider at which the pointer is.
struct Slider {
  ImVec2 corner, end;
  double pointer = 0.0;
  bool isActive = false, isPressed = false;
};
Slider beginSlider(const char* label) {
  const float top = ImGui::GetCursorPosY();
  ImGui::SetCursorPosY(top + (kSliderHeight - ImGui::GetTextLineHeight()) / 2.0F);
  ImGui::TextDisabled("%s", label);
  ImGui::SetCursorPos({kPaddingX + kSliderLeft, top});
  Slider slider;
  slider.corner = ImGui::GetCursorScreenPos();
  ImGui::InvisibleButton(label, {kInner - kSliderLeft, kSliderHeight});
  slider.end = {slider.corner.x + kInner - kSliderLeft, slider.corner.y + kSliderHeight};
  slider.isActive = ImGui::IsItemActive();
  slider.isPressed = ImGui::IsItemActivated();
  const float along = (ImGui::GetIO().MousePos.x - slider.corner.x) / (slider.end.x - slider.corner.x);
  slider.pointer = std::clamp(static_cast<double>(along), 0.0, 1.0);
  ImGui::GetWindowDrawList()->AddRectFilled(slider.corner, slider.end, ImGui::GetColorU32(ImGuiCol_FrameBg),
                                            2.0F);
  ImGui::SetCursorPosY(top + kSliderRow);
  return slider;
}

void drawHandle(const Slider& slider, double share) {
  const float x = left(slider.corner, share);
  const float at = std::clamp(x, slider.corner.x + 2.0F, slider.end.x - 2.0F);
  ImGui::GetWindowDrawList()->AddRectFilled({at - 1.5F, slider.corner.y}, {at + 1.5F, slider.end.y},
                                            ImGui::GetColorU32(ImGuiCol_SliderGrab));
}

void endSlider(const Slider& slider, const QByteArray& text, float center) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRect(slider.corner, slider.end, ImGui::GetColorU32(ImGuiCol_Separator), 2.0F);
  const ImVec2 size = ImGui::CalcTextSize(text.constData());
  list.AddText(
      {std::round(center - size.x / 2.0F), std::round((slider.corner.y + slider.end.y - size.y) / 2.0F)},
      ImGui::GetColorU32(ImGuiCol_Text), text.constData());
}

// All that the range slider can reach: every shown value and the present range, 0 in the middle when signed.
ValueRange spanOf(const OverlayState& state) {
  const ValueRange range = state.scale.range();
  ValueRange span{std::min(range.low, state.extent.low), std::max(range.high, state.extent.high)};
  if (state.scale.isSigned()) {
    const double reach = std::max(std::abs(span.low), std::abs(span.high));
    span = {-reach, reach};
  }
  return span;
}

}  // namespace

ImguiOverlay::ImguiOverlay() : m_context(ImGui::CreateContext()) {
  ImGui::SetCurrentContext(m_context);
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;  // places are the session's
  io.LogFilename = nullptr;
  QFile file(QStringLiteral(":/undercurrent/fonts/Roboto-Regular.ttf"));
  if (file.open(QIODevice::ReadOnly)) m_fontFile = file.readAll();
}

ImguiOverlay::~ImguiOverlay() {
  releaseGl();
  ImGui::DestroyContext(m_context);
}

void ImguiOverlay::hide() {
  m_rect = {};
  m_isDown = m_isPressUnseen = m_isPressedInside = false;
}

void ImguiOverlay::releaseGl() {
  ImGui::SetCurrentContext(m_context);
  if (m_pixelRatio == 0.0) return;
  if (m_tokenTexture != 0)
    QOpenGLContext::currentContext()->functions()->glDeleteTextures(1, &m_tokenTexture);
  m_tokenTexture = 0;
  m_tokenKey.clear();
  ImGui_ImplOpenGL3_Shutdown();
  m_pixelRatio = 0.0;
}

void ImguiOverlay::loadFont(double pixelRatio) {
  if (pixelRatio == m_pixelRatio) return;
  ImGuiIO& io = ImGui::GetIO();
  if (m_pixelRatio == 0.0) {
    ImGui_ImplOpenGL3_Init("#version 330 core");
  } else {
    ImGui_ImplOpenGL3_DestroyFontsTexture();
  }
  m_pixelRatio = pixelRatio;
  m_tokenKey.clear();
  // Latin, Greek, dashes to ellipsis, minus. ×, ÷, ± and · are in Latin-1.
  static const ImWchar kRanges[] = {0x20, 0x17F, 0x370, 0x3FF, 0x2010, 0x2026, 0x2212, 0x2212, 0};
  ImFontConfig config;
  config.FontDataOwnedByAtlas = false;
  config.OversampleH = 2;
  io.Fonts->Clear();
  if (m_fontFile.isEmpty()) {
    io.Fonts->AddFontDefault();
  } else {
    io.Fonts->AddFontFromMemoryTTF(m_fontFile.data(), static_cast<int>(m_fontFile.size()),
                                   kTextSize * static_cast<float>(pixelRatio), &config, kRanges);
  }
  io.FontGlobalScale = 1.0F / static_cast<float>(pixelRatio);
}

ImguiOverlay::Edits ImguiOverlay::draw(const OverlayState& state, const Theme& theme, const Place& place,
                                       const QSizeF& canvas, double pixelRatio) {
  ImGui::SetCurrentContext(m_context);
  loadFont(pixelRatio);
  applyTheme(theme);
  ImGuiIO& io = ImGui::GetIO();
  io.DisplaySize = {static_cast<float>(canvas.width()), static_cast<float>(canvas.height())};
  io.DisplayFramebufferScale = {static_cast<float>(pixelRatio), static_cast<float>(pixelRatio)};
  io.DeltaTime = 1.0F / 60.0F;
  io.MouseDown[0] = m_isDown || m_isPressUnseen;
  ImGui_ImplOpenGL3_NewFrame();
  ImGui::NewFrame();

  const bool hasCell = !(state.query.isEmpty() && state.key.isEmpty());
  const auto rows = static_cast<float>(state.lines.size()) + (hasCell ? 1.0F : 0.0F) +
                    (state.detail.isEmpty() ? 0.0F : 1.0F) + (state.timing.isEmpty() ? 0.0F : 1.0F);
  const float height =
      2.0F * kPaddingY + rows * kRow + 2.0F * kSliderRow - (kSliderRow - kSliderHeight) + 3.0F;
  placeWindow(place, canvas, height);
  Edits edits;
  ImGui::Begin("overlay", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoNav |
                   ImGuiWindowFlags_NoFocusOnAppearing | ImGuiWindowFlags_NoScrollWithMouse);
  if (hasCell) drawTokens(state, theme, pixelRatio);
  for (const ReadOutLine& line : state.lines) drawLine(line.label, line.value);
  if (!state.detail.isEmpty()) drawLine(QStringLiteral("level of detail"), state.detail);
  if (!state.timing.isEmpty()) drawLine(state.timing, state.drawing);
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() + 3.0F);
  edits.range = drawRange(state);
  edits.gamma = drawGamma(state);
  const ImVec2 corner = ImGui::GetWindowPos();
  ImGui::End();
  ImGui::Render();
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());

  const QPointF at(corner.x, corner.y);
  if (m_isPressedInside && at != m_rect.topLeft()) m_moved = at;
  m_rect = QRectF(at, QSizeF(kWidth, height));
  edits.isMoving = m_isPressUnseen;
  m_isPressUnseen = false;
  if (!m_isDown) m_isPressedInside = edits.isMoving;
  return edits;
}

void ImguiOverlay::placeWindow(const Place& place, const QSizeF& canvas, double height) {
  ImGui::SetNextWindowSize({kWidth, static_cast<float>(height)});
  // While it is dragged, ImGui moves the window itself.
  if (m_isPressedInside) return;
  const QRectF& plot = place.plot;
  const QPointF corner = place.isLowerLeft ? QPointF(plot.left() + kMargin, plot.bottom() - kMargin - height)
                                           : QPointF(plot.right() - kMargin - kWidth, plot.top() + kMargin);
  const QPointF wanted = m_moved.value_or(corner);
  const QPointF inside(std::clamp(wanted.x(), 0.0, std::max(0.0, canvas.width() - kWidth)),
                       std::clamp(wanted.y(), 0.0, std::max(0.0, canvas.height() - height)));
  ImGui::SetNextWindowPos(
      {std::round(static_cast<float>(inside.x())), std::round(static_cast<float>(inside.y()))});
}

void ImguiOverlay::drawTokens(const OverlayState& state, const Theme& theme, double pixelRatio) {
  auto& gl = *QOpenGLContext::currentContext()->functions();
  const QString key = state.query + QChar(0) + state.key + QChar(0) + theme.text.name();
  if (m_tokenTexture == 0) gl.glGenTextures(1, &m_tokenTexture);
  if (key != m_tokenKey) {
    const QImage image =
        tokenPairImage(state.query, state.key, theme, static_cast<double>(kInner), pixelRatio);
    gl.glBindTexture(GL_TEXTURE_2D, m_tokenTexture);
    gl.glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    gl.glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    gl.glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, image.width(), image.height(), 0, GL_RGBA, GL_UNSIGNED_BYTE,
                    image.constBits());
    gl.glBindTexture(GL_TEXTURE_2D, 0);
    m_tokenKey = key;
  }
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  ImGui::GetWindowDrawList()->AddImage(reinterpret_cast<ImTextureID>(static_cast<quintptr>(m_tokenTexture)),
                                       corner, {corner.x + kInner, corner.y + kRow});
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() + kRow);
}

void ImguiOverlay::drawLine(const QString& label, const QString& value) {
  const float top = ImGui::GetCursorPosY();
  ImGui::TextDisabled("%s", shownText(label).constData());
  ImGui::SetCursorPosY(top);
  textRight(shownText(value), kPaddingX + kInner);
  ImGui::SetCursorPosY(top + kRow);
}

std::optional<ValueRange> ImguiOverlay::drawRange(const OverlayState& state) {
  const Slider slider = beginSlider("range");
  ValueRange range = state.scale.range();
  // A drag keeps the span of its start: it would run away from the pointer otherwise.
  if (!slider.isActive || slider.isPressed) m_rangeSpan = spanOf(state);
  const double length = m_rangeSpan.high - m_rangeSpan.low;
  const auto share = [&](double value) { return std::clamp((value - m_rangeSpan.low) / length, 0.0, 1.0); };
  std::optional<ValueRange> edited;
  if (slider.isPressed) {
    m_rangeEnd =
        std::abs(slider.pointer - share(range.low)) < std::abs(slider.pointer - share(range.high)) ? -1 : 1;
  }
  if (slider.isActive) {
    const bool isSymmetric = range.low == -range.high;
    const double value = m_rangeSpan.low + slider.pointer * length;
    const double gap = length / 200.0;
    ValueRange next = range;
    if (isSymmetric) {
      next.high = std::max(m_rangeEnd * value, gap);
      next.low = -next.high;
    } else if (m_rangeEnd < 0) {
      next.low = std::min(value, range.high - gap);
    } else {
      next.high = std::max(value, range.low + gap);
    }
    if (!(next == range)) edited = range = next;
  }
  ImGui::GetWindowDrawList()->AddRectFilled({left(slider.corner, share(range.low)), slider.corner.y},
                                            {left(slider.corner, share(range.high)), slider.end.y},
                                            ImGui::GetColorU32(ImGuiCol_Header));
  drawHandle(slider, share(range.low));
  drawHandle(slider, share(range.high));
  endSlider(slider, shownText(rangeText(range)), (slider.corner.x + slider.end.x) / 2.0F);
  return edited;
}

std::optional<double> ImguiOverlay::drawGamma(const OverlayState& state) {
  const Slider slider = beginSlider("gamma");
  double gamma = state.scale.gamma();
  std::optional<double> edited;
  if (slider.isActive) {
    double next = std::pow(kGammaSpan, 2.0 * slider.pointer - 1.0);
    // Hundredths, and 1 is easy to hit.
    next = std::abs(slider.pointer - 0.5) < 0.02 ? 1.0 : std::round(next * 100.0) / 100.0;
    if (next != gamma) edited = gamma = next;
  }
  const double share = 0.5 + 0.5 * std::log(gamma) / std::log(kGammaSpan);
  drawHandle(slider, std::clamp(share, 0.0, 1.0));
  const float quarter = (slider.end.x - slider.corner.x) / 4.0F;
  endSlider(slider, shownText(QString::number(gamma, 'f', 2)),
            share > 0.55 ? slider.corner.x + quarter : slider.end.x - quarter);
  return edited;
}

bool ImguiOverlay::wantsPointer(const QPointF& point) const {
  return m_isPressedInside || m_rect.contains(point);
}

void ImguiOverlay::pointerMoved(const QPointF& point) {
  ImGui::SetCurrentContext(m_context);
  ImGui::GetIO().MousePos = vectorOf(point);
}

void ImguiOverlay::pointerPressed(const QPointF& point) {
  pointerMoved(point);
  m_isPressedInside = m_rect.contains(point);
  m_isDown = m_isPressUnseen = m_isPressedInside;
}

void ImguiOverlay::pointerReleased(const QPointF& point) {
  pointerMoved(point);
  m_isDown = false;
  if (!m_isPressUnseen) m_isPressedInside = false;
}

void ImguiOverlay::pointerLeft() { pointerMoved({-1e6, -1e6}); }

QImage tokenPairImage(const QString& query, const QString& key, const Theme& theme, double width,
                      double pixelRatio) {
  const QSize size(static_cast<int>(std::ceil(width * pixelRatio)),
                   static_cast<int>(std::ceil(kRow * pixelRatio)));
  QImage image(size, QImage::Format_ARGB32_Premultiplied);
  image.setDevicePixelRatio(pixelRatio);
  image.fill(Qt::transparent);
  QPainter painter(&image);
  painter.setRenderHint(QPainter::Antialiasing);
  const QFont font = tokenFont(12);
  constexpr double kArrow = 22.0;
  const double room = (width - kArrow) / 2.0;
  // A token keeps half the room, or what the other one leaves.
  const auto shortened = [&](const QString& token, double limit) {
    QString text = token;
    while (text.size() > 1 && tokenWidth(text + QChar(0x2026), font) > limit) text.chop(1);
    return text.size() == token.size() || tokenWidth(token, font) <= limit ? token : text + QChar(0x2026);
  };
  const double keyRoom = std::max(room, width - kArrow - tokenWidth(query, font));
  const double queryRoom = std::max(room, width - kArrow - tokenWidth(key, font));
  const QString first = shortened(query, queryRoom), second = shortened(key, keyRoom);
  const double baseline = 12.5;
  paintToken(painter, {0.0, baseline}, first, font, theme.text);
  const double arrow = tokenWidth(first, font) + 5.0;
  painter.setPen(QPen(theme.text2, 1.2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  const QPointF tip(arrow + 11.0, baseline - 4.0);
  painter.drawLine(QPointF(arrow, tip.y()), tip);
  painter.drawPolyline(QPolygonF{tip + QPointF(-3.5, -3.5), tip, tip + QPointF(-3.5, 3.5)});
  paintToken(painter, {arrow + 17.0, baseline}, second, font, theme.text);
  painter.end();
  return image.convertToFormat(QImage::Format_RGBA8888);
}

}  // namespace uc
