// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#include "app/cli_arguments.h"

#include "app/cli_help.h"
#include "core/bench/bench.h"

#include <CLI/CLI.hpp>

#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>

namespace uc {
namespace {

using Command = Arguments::Command;

/// What CLI11 fills; turned into Arguments once everything is read.
struct Raw {
  std::string model, layer, device = "cpu", dtype = "float32";
  std::string map, factors, merge, direction, rows, cols, pooling, norm, range, colorMap, theme, title,
      output;
  std::string only;
  std::string text, textFile, ids, idsFile, image, preprocess = "official";
  int64_t lane = 0, head = 0, pool = 1, top = 10, generate = 0, threads = 0, maxTokens = 0;
  double memory = 0, gamma = 1, widthMm = 0, dpi = 0, temperature = 0;
  uint64_t seed = 0;
  bool json = false, quiet = false, progress = false, version = false;
  bool transparent = false, noColorbar = false, full = false;
};

[[noreturn]] void wrong(const CLI::App& command, const std::string& message) {
  throw UsageError{message, command.get_name()};
}

bool isGiven(const CLI::App& command, const std::string& option) {
  const CLI::Option* found = command.get_option_no_throw(option);
  return found != nullptr && found->count() > 0;
}

/// What is wrong with a whole number: decimal digits with an optional minus, not 0x10, +1 or " 1". Empty:
/// nothing.
std::string wholeNumberFault(const std::string& text, bool isSigned) {
  const size_t first = isSigned && text.starts_with('-') ? 1 : 0;
  const bool isWhole =
      text.size() > first && text.find_first_not_of("0123456789", first) == std::string::npos;
  if (!isWhole) return "takes a whole number, not \"" + printable(text, 80) + "\"";
  int64_t small = 0;
  uint64_t large = 0;
  const char *begin = text.data(), *end = begin + text.size();
  const std::errc error =
      (isSigned ? std::from_chars(begin, end, small) : std::from_chars(begin, end, large)).ec;
  return error == std::errc() ? "" : "takes a number of 64 bits, not \"" + printable(text, 80) + "\"";
}

template <typename T>
CLI::Option* option(CLI::App& command, const std::string& names, T& target, const std::string& words,
                    const std::string& type) {
  CLI::Option* added = command.add_option(names, target, words)
                           ->type_name(type)
                           ->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  if constexpr (std::is_integral_v<T>)
    added->check(std::function<std::string(const std::string&)>(
        [](const std::string& text) { return wholeNumberFault(text, std::is_signed_v<T>); }));
  return added;
}

void flag(CLI::App& command, const std::string& names, bool& target, const std::string& words) {
  command.add_flag(names, target, words)
      ->multi_option_policy(CLI::MultiOptionPolicy::Throw)
      ->disable_flag_override();
}

void addCommon(CLI::App& app, Raw& raw) {
  option(app, "--device", raw.device, "where to compute (default cpu)", "cpu|cuda[:i]");
  option(app, "--threads", raw.threads, "threads (default: all cores)", "N");
  option(app, "--dtype", raw.dtype, "arithmetic (default float32)", "float32|float64|bfloat16");
  option(app, "--memory", raw.memory, "memory budget in GB", "GB");
  option(app, "--max-tokens", raw.maxTokens, "cut the input there, with a notice", "N");
  flag(app, "--json", raw.json, "one JSON object on stdout; errors as JSON on stderr");
  flag(app, "--quiet", raw.quiet, "no progress, no notices");
  flag(app, "--progress", raw.progress, "progress lines even when stderr is not a terminal");
}

void addInput(CLI::App& command, Raw& raw) {
  option(command, "--text", raw.text, "a text", "S");
  option(command, "--text-file", raw.textFile, "a UTF-8 file, taken verbatim", "F");
  option(command, "--ids", raw.ids, "token ids parted by commas", "1,2,3");
  option(command, "--ids-file", raw.idsFile, "token ids parted by commas or white space", "F");
  option(command, "--image", raw.image,
         "a picture (vision models): PNG, JPEG, WebP, BMP, TIFF, or a normalized float32 .npy [3, H, W]",
         "F");
  option(command, "--preprocess", raw.preprocess, "of the picture (default official)",
         "official|notebook|squash");
}

void addMap(CLI::App& command, Raw& raw) {
  option(command, "--layer", raw.layer, "a layer, a list such as 3,5,8:12, or all", "I")->required();
  option(command, "--lane", raw.lane, "one lane", "C");
  option(command, "--head", raw.head, "the lanes of one head", "H");
  option(command, "--merge", raw.merge, "over lanes (default mean-abs)",
         "mean|mean-abs|max-abs|l2|positive-mean");
  option(command, "--direction", raw.direction, "of bidirectional models", "forward|backward|both");
  option(command, "--map", raw.map, "convention (default unified)", "exact|unified|scan|no-step");
  option(command, "--factors", raw.factors, "their product only",
         "gate,scan,activation,convolution,skip,no-step");
  option(command, "--rows", raw.rows, "query tokens, half open", "A:B");
  option(command, "--cols", raw.cols, "key tokens, half open", "A:B");
  option(command, "--pool", raw.pool, "join Q × Q entries", "Q");
  option(command, "--pooling", raw.pooling, "their mean, or the one of largest magnitude (default mean)",
         "mean|max-abs");
  option(command, "--norm", raw.norm, "pictures: normalization (default raw)",
         "raw|abs|minmax|softmax|row-l1|row-max|log10|signed-log|percentile|contribution");
  option(command, "--range", raw.range, "pictures: shown values from lo to hi (--range=-1,1)", "LO,HI");
  option(command, "--gamma", raw.gamma, "pictures: gamma of the colors", "G");
  option(command, "--colormap", raw.colorMap, "pictures: colors; -r at the end swaps the ends",
         "viridis|cividis|magma|inferno|gray|RdBu|PuOr|vik|jet");
  option(command, "--theme", raw.theme, "pictures: ground (default light)", "light|dark");
  option(command, "--title", raw.title, "pictures: title", "S");
  option(command, "--width-mm", raw.widthMm, "pictures: width on paper (default 85)", "MM");
  option(command, "--dpi", raw.dpi, "pictures: dots per inch (default 300)", "DPI");
  flag(command, "--transparent", raw.transparent, "pictures: no ground");
  flag(command, "--no-colorbar", raw.noColorbar, "pictures: no colorbar");
  option(command, "-o,--output", raw.output, ".npy .npz .csv .json (data) .png .tiff .svg .pdf (figure)",
         "FILE")
      ->required();
}

CLI::App& addCommand(CLI::App& app, const CommandHelp& help, Raw& raw, bool hasModel) {
  CLI::App& command = *app.add_subcommand(help.name, help.words);
  command.footer(std::string("Example:\n  ") + help.example +
                 "\n\nEverywhere: --device --threads --dtype --memory "
                 "--max-tokens --json --quiet --progress");
  command.fallthrough();
  if (hasModel)
    option(command, "MODEL", raw.model,
           "folder, .safetensors, .bin or .pth file, owner/name in the cache, demo:NAME", "")
        ->required();
  return command;
}

void readInput(const CLI::App& command, const Raw& raw, Arguments& result) {
  const std::pair<const char*, std::optional<std::string>*> kinds[] = {{"--text", &result.text},
                                                                       {"--text-file", &result.textFile},
                                                                       {"--ids-file", &result.idsFile},
                                                                       {"--image", &result.image}};
  const std::string* values[] = {&raw.text, &raw.textFile, &raw.idsFile, &raw.image};
  int given = 0;
  for (size_t i = 0; i < std::size(kinds); ++i) {
    if (!isGiven(command, kinds[i].first)) continue;
    *kinds[i].second = *values[i];
    ++given;
  }
  if (isGiven(command, "--ids")) {
    result.ids = parseIds(raw.ids, "--ids");
    ++given;
  }
  if (given == 0) wrong(command, "An input is needed: --text, --text-file, --ids, --ids-file or --image.");
  if (given > 1) wrong(command, "Only one input can be given.");
  if (raw.preprocess != "official" && raw.preprocess != "notebook" && raw.preprocess != "squash")
    wrong(command, "--preprocess is official, notebook or squash.");
  if (isGiven(command, "--preprocess") && !result.image) wrong(command, "--preprocess goes with --image.");
  result.preprocess = raw.preprocess;
}

template <typename E>
E chosen(const CLI::App& command, const std::string& option, const std::string& text,
         std::optional<E> value) {
  if (!value) wrong(command, option + " does not know \"" + printable(text, 80) + "\".");
  return *value;
}

void readMap(const CLI::App& command, const Raw& raw, Arguments& result) {
  MapId& map = result.view.map;
  const bool hasLane = isGiven(command, "--lane"), hasHead = isGiven(command, "--head");
  const bool hasMerge = isGiven(command, "--merge");
  if (hasLane && (hasHead || hasMerge)) wrong(command, "--lane cannot be given with --head or --merge.");
  if (isGiven(command, "--map") && isGiven(command, "--factors"))
    wrong(command, "--map and --factors cannot be given together.");
  if (hasLane) map.lanes = {LaneChoice::Kind::Lane, raw.lane, Merge::Mean};
  if (hasHead) map.lanes = {LaneChoice::Kind::Head, raw.head, Merge::Mean};
  if (hasMerge) map.lanes.merge = chosen(command, "--merge", raw.merge, mergeNamed(raw.merge));
  if (isGiven(command, "--direction"))
    map.direction = chosen(command, "--direction", raw.direction, directionNamed(raw.direction));
  if (isGiven(command, "--map"))
    map.factors = named(chosen(command, "--map", raw.map, conventionNamed(raw.map)));
  if (isGiven(command, "--factors")) map.factors = custom(parseFactors(raw.factors));
  if (isGiven(command, "--rows")) result.view.part.rows = parseRange(raw.rows, "--rows");
  if (isGiven(command, "--cols")) result.view.part.cols = parseRange(raw.cols, "--cols");
  if (raw.pool < 1) wrong(command, "--pool must be at least 1.");
  result.view.part.pool = raw.pool;
  if (isGiven(command, "--pooling"))
    result.view.part.pooling = chosen(command, "--pooling", raw.pooling, poolingNamed(raw.pooling));
}

void readRange(const CLI::App& command, const std::string& text, Display& display) {
  const size_t comma = text.find(',');
  double low = 0, high = 0;
  const bool isRead = comma != std::string::npos && CLI::detail::lexical_cast(text.substr(0, comma), low) &&
                      CLI::detail::lexical_cast(text.substr(comma + 1), high);
  if (!isRead || !std::isfinite(low) || !std::isfinite(high) || !(low < high))
    wrong(command, "--range takes two numbers lo,hi with lo below hi, not \"" + printable(text, 80) + "\".");
  display.range = ValueRange{low, high};
}

void readLook(const CLI::App& command, const Raw& raw, Arguments& result) {
  Display& display = result.view.display;
  for (const char* name : {"--norm", "--range", "--gamma", "--colormap", "--theme", "--title", "--width-mm",
                           "--dpi", "--transparent", "--no-colorbar"})
    result.hasLook |= isGiven(command, name);
  if (isGiven(command, "--norm"))
    display.normalization = chosen(command, "--norm", raw.norm, normalizationNamed(raw.norm));
  if (isGiven(command, "--range")) readRange(command, raw.range, display);
  if (!(raw.gamma > 0) || !std::isfinite(raw.gamma)) wrong(command, "--gamma must be above 0.");
  display.gamma = raw.gamma;
  if (isGiven(command, "--colormap")) {
    display.isReversed = raw.colorMap.ends_with("-r");
    const std::string name =
        display.isReversed ? raw.colorMap.substr(0, raw.colorMap.size() - 2) : raw.colorMap;
    display.colorMap = chosen(command, "--colormap", raw.colorMap, colorMapNamed(name));
  }
  if (isGiven(command, "--theme")) {
    if (raw.theme != "light" && raw.theme != "dark") wrong(command, "--theme is light or dark.");
    result.paper.isDark = raw.theme == "dark";
  }
  if (isGiven(command, "--title")) result.paper.title = raw.title;
  if (isGiven(command, "--width-mm")) {
    if (!(raw.widthMm >= 20 && raw.widthMm <= 2000)) wrong(command, "--width-mm must be from 20 to 2000.");
    result.paper.widthMm = raw.widthMm;
  }
  if (isGiven(command, "--dpi")) {
    if (!(raw.dpi >= 30 && raw.dpi <= 4800)) wrong(command, "--dpi must be from 30 to 4800.");
    result.paper.dpi = raw.dpi;
  }
  result.paper.isTransparent = raw.transparent;
  result.paper.noColorbar = raw.noColorbar;
}

void readCommon(const CLI::App& app, const CLI::App& command, const Raw& raw, Arguments& result) {
  const bool isCuda =
      raw.device == "cuda" || (raw.device.starts_with("cuda:") && raw.device.size() > 5 &&
                               raw.device.find_first_not_of("0123456789", 5) == std::string::npos);
  if (raw.device != "cpu" && !isCuda) wrong(command, "--device is cpu, cuda or cuda:i.");
  if (raw.dtype != "float32" && raw.dtype != "float64" && raw.dtype != "bfloat16")
    wrong(command, "--dtype is float32, float64 or bfloat16.");
  if (isGiven(app, "--threads") && (raw.threads < 1 || raw.threads > 4096))
    wrong(command, "--threads must be from 1 to 4096.");
  if (isGiven(app, "--memory") && (!(raw.memory > 0) || !std::isfinite(raw.memory)))
    wrong(command, "--memory must be above 0.");
  if (isGiven(app, "--max-tokens") && raw.maxTokens < 1) wrong(command, "--max-tokens must be at least 1.");
  result.model = raw.model;
  result.open = {raw.dtype, raw.device, raw.memory};
  result.threads = static_cast<int>(raw.threads);
  result.maxTokens = raw.maxTokens;
  result.isJson = raw.json;
  result.isQuiet = raw.quiet;
  result.wantsProgress = raw.progress;
}

void readPredict(const CLI::App& command, const Raw& raw, Arguments& result) {
  if (raw.top < 1) wrong(command, "--top must be at least 1.");
  result.top = raw.top;
  const bool generates = isGiven(command, "--generate");
  if (!generates && (isGiven(command, "--temperature") || isGiven(command, "--seed")))
    wrong(command, "--temperature and --seed need --generate.");
  if (!generates) return;
  constexpr int64_t kMostTokens = 1'000'000;
  if (raw.generate < 1 || raw.generate > kMostTokens)
    wrong(command, "--generate must be from 1 to 1,000,000.");
  if (!(raw.temperature >= 0) || !std::isfinite(raw.temperature))
    wrong(command, "--temperature must be 0 or more.");
  result.generate = GenerateOptions{raw.generate, raw.temperature, raw.seed};
}

void readBench(const CLI::App& command, const Raw& raw, Arguments& result) {
  result.benchRows = raw.only;
  result.isFullBench = raw.full;
  const bool isEmpty = isGiven(command, "--only") && raw.only.empty();
  if (!isEmpty && !bench::chosenRows(raw.only, true).empty()) return;
  wrong(command, "There is no row \"" + printable(raw.only, 40) + "\": try " + bench::rowBeginnings() + ".");
}

/// The parser and its commands, alive together.
struct Parser {
  Raw raw;
  CLI::App app{kProgramWords, "undercurrent-cli"};
  CLI::App *info, *tokens, *predict, *map, *verify, *statistics, *devices, *bench;

  Parser() {
    app.footer(kProgramFooter);
    app.require_subcommand(0, 1);
    addCommon(app, raw);
    flag(app, "--version", raw.version, "program, LibTorch, CUDA, CPU and BLAS");
    info = &addCommand(app, kInfoHelp, raw, true);
    tokens = &addCommand(app, kTokensHelp, raw, true);
    predict = &addCommand(app, kPredictHelp, raw, true);
    map = &addCommand(app, kMapHelp, raw, true);
    verify = &addCommand(app, kVerifyHelp, raw, true);
    statistics = &addCommand(app, kStatisticsHelp, raw, true);
    devices = &addCommand(app, kDevicesHelp, raw, false);
    bench = &addCommand(app, kBenchHelp, raw, false);
    for (CLI::App* command : {tokens, predict, map, verify, statistics}) addInput(*command, raw);
    addMap(*map, raw);
    for (CLI::App* command : {verify, statistics})
      option(*command, "--layer", raw.layer, "a layer, a list, or all (default)", "I");
    option(*statistics, "-o,--output", raw.output, "one line a lane: .csv, or .npz with an array a column",
           "FILE")
        ->required();
    option(*predict, "--top", raw.top, "how many (default 10)", "K");
    option(*predict, "-o,--output", raw.output, "all logits, [L, V] or [1, classes] float32", "F.npy");
    option(*predict, "--generate", raw.generate, "continue the text by N tokens", "N");
    option(*predict, "--temperature", raw.temperature, "0 (default): the likeliest token", "T");
    option(*predict, "--seed", raw.seed, "of the sampling", "S");
    option(*bench, "--only", raw.only, "one row, or all that begin so", "NAME");
    flag(*bench, "--full", raw.full, "the long rows too, and whole baselines");
    bench->footer(bench->get_footer() + "\n\n" + bench::rowHelp());
  }

  Arguments read();
};

Arguments Parser::read() {
  Arguments result;
  const std::vector<CLI::App*> given = app.get_subcommands();
  const CLI::App& command = given.empty() ? app : *given.front();
  readCommon(app, command, raw, result);
  if (raw.version) {
    result.command = Command::Version;
    return result;
  }
  if (given.empty())
    throw UsageError{"A command is needed: info, tokens, predict, map, verify, statistics, devices or bench.",
                     {}};
  const std::pair<const CLI::App*, Command> commands[] = {
      {info, Command::Info},       {tokens, Command::Tokens}, {predict, Command::Predict},
      {map, Command::Map},         {verify, Command::Verify}, {statistics, Command::Statistics},
      {devices, Command::Devices}, {bench, Command::Bench}};
  for (const auto& [known, name] : commands)
    if (&command == known) result.command = name;
  if (&command == bench) {
    readBench(command, raw, result);
    return result;
  }
  if (&command != devices && &command != info) readInput(command, raw, result);
  if (&command == predict) readPredict(command, raw, result);
  if (&command == map || &command == verify || &command == statistics) {
    result.layers.isAll = !isGiven(command, "--layer");
    if (!result.layers.isAll) result.layers = parseLayers(raw.layer);
  }
  if (isGiven(command, "-o")) result.output = raw.output;
  if (&command == predict && result.output) result.ending = checkedEnding(*result.output, {".npy"});
  if (&command == statistics) result.ending = checkedEnding(*result.output, {".csv", ".npz"});
  if (&command == map) {
    readMap(command, raw, result);
    readLook(command, raw, result);
    result.ending =
        checkedEnding(*result.output, {".npy", ".npz", ".csv", ".json", ".png", ".tiff", ".svg", ".pdf"});
    if (result.layers.isSeveral() && !result.layers.isAll &&
        (result.ending == ".csv" || result.ending == ".json"))
      wrong(command, "A " + result.ending + " file holds one layer: choose .npy or .npz for several.");
  }
  return result;
}

}  // namespace

bool wantsJson(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i)
    if (std::strcmp(argv[i], "--json") == 0) return true;
  return false;
}

Arguments parseArguments(int argc, const char* const* argv) {
  Parser parser;
  std::string command;
  try {
    parser.app.parse(argc, argv);
    const auto given = parser.app.get_subcommands();
    if (!given.empty()) command = given.front()->get_name();
    return parser.read();
  } catch (const CLI::CallForHelp&) {
    throw TextWanted{parser.app.help()};
  } catch (const CLI::ExtrasError& error) {
    if (!parser.app.get_subcommands().empty())
      throw UsageError{error.what(), parser.app.get_subcommands().front()->get_name()};
    const std::vector<std::string> rest = parser.app.remaining();
    throw UsageError{"There is no command " + printable(rest.empty() ? "" : rest.front(), 80) + ".", {}};
  } catch (const CLI::ParseError& error) {
    for (const CLI::App* sub : parser.app.get_subcommands()) command = sub->get_name();
    throw UsageError{error.what(), command};
  } catch (UsageError& error) {
    if (error.command.empty()) error.command = command;
    throw;
  }
}

}  // namespace uc
