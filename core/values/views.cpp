// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "core/values/views.h"

#include "core/values/names.h"

namespace uc {
namespace {

constexpr Names<View, 8> kViews{{{{View::Heatmap, "heatmap"},
                                  {View::Graph, "graph"},
                                  {View::Strip, "strip"},
                                  {View::Overlay, "overlay"},
                                  {View::Atlas, "atlas"},
                                  {View::Compare, "compare"},
                                  {View::State, "state"},
                                  {View::Attribution, "attribution"}}}};

constexpr Names<View, 8> kTitles{{{{View::Heatmap, "Heatmap"},
                                   {View::Graph, "Token graph"},
                                   {View::Strip, "Text"},
                                   {View::Overlay, "Image overlay"},
                                   {View::Atlas, "Channel atlas"},
                                   {View::Compare, "Compare"},
                                   {View::State, "State"},
                                   {View::Attribution, "Attribution"}}}};

constexpr Names<GraphChoice::Keep, 3> kKeeps{{{{GraphChoice::Keep::Mass, "keep"},
                                               {GraphChoice::Keep::Top, "top"},
                                               {GraphChoice::Keep::Above, "above"}}}};

constexpr Names<Granularity, 3> kGranularities{
    {{{Granularity::Token, "token"}, {Granularity::Word, "word"}, {Granularity::Sentence, "sentence"}}}};

constexpr Names<Interpolation, 2> kInterpolations{
    {{{Interpolation::Nearest, "nearest"}, {Interpolation::Bilinear, "bilinear"}}}};

constexpr Names<Blend, 3> kBlends{
    {{{Blend::Alpha, "alpha"}, {Blend::Multiply, "multiply"}, {Blend::Mask, "mask"}}}};

constexpr Names<Intervention::Kind, 3> kInterventions{{{{Intervention::Kind::RemoveWrite, "remove-write"},
                                                        {Intervention::Kind::MuteLane, "mute-lane"},
                                                        {Intervention::Kind::MuteFactor, "mute-factor"}}}};

}  // namespace

std::string_view name(View view) { return kViews.of(view); }
std::string_view name(GraphChoice::Keep keep) { return kKeeps.of(keep); }
std::string_view name(Granularity granularity) { return kGranularities.of(granularity); }
std::string_view name(Interpolation interpolation) { return kInterpolations.of(interpolation); }
std::string_view name(Blend blend) { return kBlends.of(blend); }
std::string_view name(Intervention::Kind kind) { return kInterventions.of(kind); }
std::string_view title(View view) { return kTitles.of(view); }

std::optional<View> viewNamed(std::string_view text) { return kViews.find(text); }
std::optional<GraphChoice::Keep> keepNamed(std::string_view text) { return kKeeps.find(text); }
std::optional<Granularity> granularityNamed(std::string_view text) { return kGranularities.find(text); }
std::optional<Interpolation> interpolationNamed(std::string_view text) { return kInterpolations.find(text); }
std::optional<Blend> blendNamed(std::string_view text) { return kBlends.find(text); }
std::optional<Intervention::Kind> interventionNamed(std::string_view text) {
  return kInterventions.find(text);
}

const std::vector<View>& allViews() {
  static const std::vector<View> views = kViews.keys();
  return views;
}

}  // namespace uc
