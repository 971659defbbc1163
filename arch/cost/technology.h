// One process with everything the cost model needs, read from configs/tech/*.json and validated:
// MAC area and energy tables, an SRAM table, and single figures. Every table and figure says where
// it comes from, how sure it is, and for which process point it holds.
//
// A table or figure of another node is an error unless it says "scale": true; then it is scaled on
// reading (arch/cost/scaling.h) and its status becomes `scaled`. Memory supplies may differ from
// the logic supply at the same node: a voltage is scaled only on request, too.
#ifndef BITSCALE_ARCH_COST_TECHNOLOGY_H_
#define BITSCALE_ARCH_COST_TECHNOLOGY_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "arch/base/json_reader.h"
#include "arch/cost/estimate.h"
#include "arch/cost/glitch_factors.h"
#include "arch/cost/scaling.h"
#include "arch/numeric/precision.h"

namespace bitscale::cost {

inline constexpr int kTechSchemaVersion = 1;

/// How sure a figure is. Recalled: from memory, not confirmed in a text.
enum class Status { Measured, Published, Recalled, Assumed, Scaled };
inline const base::NameTable<Status> kStatusNames = {{Status::Measured, "measured"},
                                                     {Status::Published, "published"},
                                                     {Status::Recalled, "recalled"},
                                                     {Status::Assumed, "assumed"},
                                                     {Status::Scaled, "scaled"}};

struct Origin {
  std::string source;  ///< never empty; the word "assumed" when there is none
  Status status = Status::Assumed;
  std::string valid;  ///< range of use, in words
  ProcessPoint point;
};

/// The synthesized circuits MAC tables speak of. The two PEs are a MAC with its accumulator and the
/// pass-through (or stationary) operand registers of a systolic array.
enum class MacDesign {
  MacAccRegister,
  PeWeightStationary,
  PeOutputStationary,
  DecomposablePe,
  BitSerialPe,
  ConfigurablePe
};
inline const base::NameTable<MacDesign> kMacDesignNames = {
    {MacDesign::MacAccRegister, "mac_acc_register"},
    {MacDesign::PeWeightStationary, "pe_weight_stationary"},
    {MacDesign::PeOutputStationary, "pe_output_stationary"},
    {MacDesign::DecomposablePe, "decomposable_pe"},
    {MacDesign::BitSerialPe, "bit_serial_pe"},
    {MacDesign::ConfigurablePe, "configurable_pe"}};

struct MacRow {
  MacDesign design = MacDesign::MacAccRegister;
  int weight_bits = 0;
  int act_bits = 0;
  int acc_bits = 0;
  double value = 0;    ///< µm², or pJ per MAC without the clock pins' share
  double path_ns = 0;  ///< critical path, in tables of area that give it; 0: not given
};

/// Relative error of a fit on widths kept out of it, one pair of operand widths at a time.
struct HoldOutError {
  double mean = 0;
  double max = 0;
  int rows = 0;
};

/// The fit of mac_surface.h as the file gives it, so that loading need not repeat it.
struct MacFit {
  std::vector<double> coefficients;
  HoldOutError hold_out;
};

/// Number of coefficients of a fit (mac_surface.h).
inline constexpr std::size_t kAreaCoefficients = 8;
inline constexpr std::size_t kEnergyCoefficients = 4;

/// Values of some circuits at some widths. The interval of a value is value × [low, high]; high is
/// that of its widths where the table has glitch factors.
struct MacTable {
  Origin origin;
  std::vector<MacRow> rows;
  std::optional<MacFit> fit;
  double low_factor = 1;
  double high_factor = 1;
  std::optional<GlitchFactors> glitches;

  double high(int weight_bits, int act_bits, int acc_bits, numeric::OverflowPolicy policy) const {
    return glitches ? glitches->at(weight_bits, act_bits, acc_bits, policy) : high_factor;
  }
};

struct SramRow {
  std::int64_t capacity_bytes = 0;
  std::int64_t word_bits = 0;
  double read_pj = 0;   ///< one access of a whole word
  double write_pj = 0;  ///< one access of a whole word
  double leakage_mw = 0;
  double area_um2 = 0;
  double access_ns = 0;
  double cycle_ns = 0;
};

struct SramTable {
  Origin origin;
  std::vector<SramRow> rows;
  /// Accesses overlap, so a macro's cycle time limits the clock; otherwise the access time of the
  /// whole memory does too.
  bool pipelined = true;
};

struct Figure {
  Estimate estimate;
  Origin origin;
};

/// A correction that is listed but applied only when enabled.
struct SwitchedFigure {
  bool enabled = false;
  Figure figure;
};

/// How the MAC tables came about, when scripts/characterize.sh wrote them.
struct Characterization {
  std::string library;
  std::string liberty_sha256;
  std::string tool;
  std::string flow;
  double target_period_ns = 0;
};

/// Data energy per unit of each feature of operand_energy.h where the toggles of sums are known.
struct SumTerms {
  double pp_pj = 0;
  double weight_pj = 0;
  double act_pj = 0;
  double sum_pj = 0;
  double ones_pj = 0;
};

/// Data energy of a MAC of equal operand widths per unit of each feature of operand_energy.h.
struct ActivityRow {
  int bits = 0;
  int acc_bits = 0;
  double pp_pj = 0;
  double weight_pj = 0;
  double act_pj = 0;
  double acc_pj = 0;
  double ones_pj = 0;
  std::optional<SumTerms> with_sums = std::nullopt;
};

struct ActivityTable {
  Origin origin;
  std::vector<ActivityRow> rows;
};

struct Technology {
  std::string name;
  std::string description;
  ProcessPoint point;
  std::optional<Characterization> characterization;
  std::optional<ActivityTable> mac_activity;
  MacTable mac_area;
  MacTable mac_energy;
  SramTable sram;

  // Registers and the parts of a PE that tables leave out.
  Figure register_area_um2_per_bit;
  Figure register_clock_pj_per_bit;  ///< clock pins, every cycle that is not gated
  Figure register_data_pj_per_bit;   ///< data toggling at random operands, per write
  Figure saturation_area_um2_per_acc_bit;
  Figure saturation_pj_per_acc_bit;
  Figure narrow_operand_share;  ///< see PeCost: 0 = sign bits are free, 1 = they cost all
  // PE kinds relative to a fixed PE of their widest operands.
  Figure decomposable_area_factor;    ///< for two levels of fusion (8 bits from 2-bit bricks)
  Figure decomposable_energy_factor;  ///< per cycle, for two levels of fusion
  Figure bit_serial_area_time_factor;
  Figure bit_serial_energy_factor;
  Figure configurable_area_factor;
  Figure configurable_energy_factor;
  // Other blocks.
  Figure sram_area_per_extra_port;  ///< area and leakage of one more port, relative to the first
  Figure sram_macro_bytes;          ///< larger memories consist of pipelined macros of this size
  Figure post_processing_area_um2_per_lane;
  Figure post_processing_pj_per_operation;
  Figure dma_area_um2_per_core;
  Figure dma_pj_per_bit;
  Figure link_area_um2_per_bit;
  Figure wire_pj_per_bit_mm;
  Figure logic_leakage_mw_per_mm2;
  Figure mac_delay_base_ns;
  Figure mac_delay_level_ns;
  Figure mac_delay_carry_ns;  ///< per accumulator bit of a ripple-carry adder; 0 unless given
  // Critical path over that of the fixed PE; 1 unless given.
  Figure decomposable_delay_factor{Estimate::exact(1), {}};  ///< for two levels of fusion
  Figure configurable_delay_factor{Estimate::exact(1), {}};
  // Corrections from synthesis towards layout, off unless enabled.
  SwitchedFigure placement_utilization;  ///< logic area is divided by it
  SwitchedFigure clock_tree_factor;      ///< clock energy is multiplied by it
  SwitchedFigure wire_load_factor;       ///< MAC data energy is multiplied by it
};

/// Reads and scales one technology. Problems are collected in the reader.
Technology read_technology(base::JsonReader& reader);

/// Reads a file. Throws UserError with all problems.
Technology load_technology(const std::filesystem::path& path);

}  // namespace bitscale::cost

#endif  // BITSCALE_ARCH_COST_TECHNOLOGY_H_
