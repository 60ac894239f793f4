// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

namespace uc {

/// The words of --help; options explain themselves where they are declared.
struct CommandHelp {
  const char* name;
  const char* words;
  const char* example;
};

inline constexpr char kProgramWords[] =
    "Explores the implicit attention of gated-linear recurrent models, without a display.";
inline constexpr char kProgramFooter[] =
    "MODEL   a folder (config.json, weights, tokenizer), a .safetensors, .bin or .pth file, a Hugging Face\n"
    "        cache entry \"owner/name\" on disk, or demo:NAME (mamba, mamba2, griffin, rwkv, vision)\n"
    "INPUT   --text S | --text-file F | --ids 1,2,3 | --ids-file F | --image F (--preprocess official)\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.\n"
    "undercurrent-cli COMMAND --help shows a command's options and an example.";

inline constexpr CommandHelp kInfoHelp{"info", "Family, layers, lanes, parameters, dtype, tokenizer.",
                                       "undercurrent-cli info demo:mamba"};
inline constexpr CommandHelp kTokensHelp{
    "tokens", "Ids, text and byte span of each token.",
    "undercurrent-cli tokens demo:mamba --text \"Emma was very fond of Emma.\""};
inline constexpr CommandHelp kPredictHelp{
    "predict", "Top next tokens or classes; -o writes all logits, --generate continues a text.",
    "undercurrent-cli predict demo:mamba --text \"It was a\" --top 5 --generate 20"};
inline constexpr CommandHelp kMapHelp{
    "map", "Implicit attention of a layer as data or figure.",
    "undercurrent-cli map demo:mamba --text \"Emma was very fond of Emma.\" --layer 2 --lane 17 -o map.png"};
inline constexpr CommandHelp kVerifyHelp{
    "verify", "Per layer: error of α·x + additive terms against the real output.",
    "undercurrent-cli verify demo:mamba --text \"Emma was very fond of Emma.\""};
inline constexpr CommandHelp kStatisticsHelp{
    "statistics", "Per lane: distance, entropy, half-life … of its map, and its roles.",
    "undercurrent-cli statistics demo:mamba --text \"Emma was very fond of Emma.\" -o lanes.csv"};
inline constexpr CommandHelp kDevicesHelp{
    "devices", "Where models can run, with the measured matrix product rate.", "undercurrent-cli devices"};
inline constexpr CommandHelp kBenchHelp{
    "bench", "Speed beside baselines and limits that are measured in the same run.",
    "undercurrent-cli bench --only mean"};

}  // namespace uc
