// SPDX-FileCopyrightText: 2026 The Undercurrent developers
// SPDX-License-Identifier: MIT

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace uc {

/// The factors of y = G (R⁻¹α + S) Z M x (mathematics.md, eq. 1) that a user can switch. `NoStep` drops Δ_s
/// from the scan's keys and means something only together with Scan.
enum class Factor : uint8_t {
  Gate = 1,         // G, rows
  Scan = 2,         // R⁻¹α
  Activation = 4,   // Z, columns
  Convolution = 8,  // M, banded Toeplitz
  Skip = 16,        // S
  NoStep = 32,
};

/// A set of factors. Compares equal by value.
class Factors {
 public:
  constexpr Factors() = default;
  constexpr Factors(std::initializer_list<Factor> list) {
    for (Factor factor : list) m_bits |= static_cast<uint8_t>(factor);
  }
  constexpr bool has(Factor factor) const { return (m_bits & static_cast<uint8_t>(factor)) != 0; }
  constexpr Factors with(Factor factor) const { return Factors(m_bits | static_cast<uint8_t>(factor)); }
  constexpr Factors without(Factor factor) const {
    return Factors(m_bits & static_cast<uint8_t>(~static_cast<uint8_t>(factor)));
  }
  constexpr bool operator==(const Factors&) const = default;

 private:
  constexpr explicit Factors(int bits) : m_bits(static_cast<uint8_t>(bits)) {}
  uint8_t m_bits = 0;
};

/// Named choices of factors (mathematics.md §4), and Custom for any other subset.
enum class Convention { Exact, Unified, ScanOnly, NoStep, Custom };

/// Which factors a map is made of. `factors` is always filled; for a named convention it is that convention's
/// set.
struct MapFactors {
  Convention convention = Convention::Unified;
  Factors factors = {Factor::Gate, Factor::Scan, Factor::Activation, Factor::Convolution};
  bool operator==(const MapFactors&) const = default;
};

MapFactors named(Convention convention);  // not Custom
MapFactors custom(Factors factors);       // a named convention never results: Vim's `exact` also carries a ½

/// How the maps of several lanes become one (conventions.md 8).
enum class Merge { Mean, MeanAbs, MaxAbs, L2, PositiveMean };

/// Which lanes a map covers: one lane, the lanes of one head, or all of the layer.
struct LaneChoice {
  enum class Kind { Lane, Head, All };
  Kind kind = Kind::All;
  int64_t index = 0;             // of the lane or the head
  Merge merge = Merge::MeanAbs;  // for Head and All
  bool operator==(const LaneChoice&) const = default;
};

enum class Direction { Forward, Backward, Both };

/// Which keys s a query t can see in a map; the others are hatched, never colored.
enum class Attended { Earlier, Later, All };  // s ≤ t, s ≥ t, every s
constexpr Attended attendedIn(bool isBidirectional, Direction direction) {
  if (!isBidirectional || direction == Direction::Forward) return Attended::Earlier;
  return direction == Direction::Backward ? Attended::Later : Attended::All;
}

/// Which map: everything that decides its values for a given model and input, but for the part that is cut
/// out of it.
struct MapId {
  int64_t layer = 0;
  LaneChoice lanes;
  MapFactors factors;
  Direction direction = Direction::Both;
  bool operator==(const MapId&) const = default;
};

/// A half-open range of tokens; `end` −1 stands for the last token's successor.
struct TokenRange {
  int64_t begin = 0;
  int64_t end = -1;
  bool operator==(const TokenRange&) const = default;
};

/// What an entry of a pooled map says of the pool × pool entries under it: their mean, or the one of largest
/// magnitude with its sign, so that spikes survive.
enum class Pooling { Mean, MaxAbs };

/// The part of a map that is asked for, pooled by pool × pool entries from its top left corner.
struct MapPart {
  TokenRange rows;
  TokenRange cols;
  int64_t pool = 1;
  Pooling pooling = Pooling::Mean;
  bool operator==(const MapPart&) const = default;
};

/// Names as on the command line, in legends and in files: the only place where they are spelled.
std::string_view name(Factor factor);
std::string_view name(Convention convention);  // "exact" … "no-step"; Custom: "custom"
std::string_view name(Merge merge);
std::string_view name(Direction direction);
std::string_view name(Pooling pooling);   // "mean", "max-abs"
std::string factorList(Factors factors);  // "gate,scan,activation"
std::optional<Factor> factorNamed(std::string_view text);
std::optional<Convention> conventionNamed(std::string_view text);
std::optional<Merge> mergeNamed(std::string_view text);
std::optional<Direction> directionNamed(std::string_view text);
std::optional<Pooling> poolingNamed(std::string_view text);
const std::vector<Factor>& allFactors();          // Gate … Skip, NoStep
const std::vector<Convention>& allConventions();  // without Custom
const std::vector<Merge>& allMerges();

/// True when no entry of such a map can be negative whatever the model (then it is unsigned for color).
bool isUnsigned(const LaneChoice& lanes);

/// "unified", or the factor list of a custom choice.
std::string title(const MapFactors& factors);
/// "lane 345", "head 3, mean", "mean-abs".
std::string title(const LaneChoice& lanes);

}  // namespace uc
