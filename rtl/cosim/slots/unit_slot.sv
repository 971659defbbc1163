// One unit with its own protocol (narrow_accumulator, bit_serial_mac, decomposable_mac,
// configurable_mac) behind ports that are the same for all of them, for the unit bank.
//
//   Module | 0 narrow_accumulator: addend = weight_i[AddendBits-1:0]
//          | 1 bit_serial_mac: lane l has weight_i[l * WeightBits +: WeightBits] and act_i[l]
//          | 2 decomposable_mac: mode_i = {act_log, weight_log}; rests where one of them is 3
//          | 3 configurable_mac: mode_i[1:0] = split
// Accumulator k is acc_o[k * 64 +: 64], extended with zeros.
//
//   latency | the unit's          stalls | the unit's: en_i = 0 holds it
module unit_slot #(
  parameter int unsigned Module       = 0,
  parameter int unsigned AddendBits   = 16,
  parameter int unsigned WeightBits   = 8,
  parameter int unsigned MaxActBits   = 16,
  parameter int unsigned Lanes        = 1,
  parameter int unsigned AccBits      = 32,
  parameter bit          SumApart     = 1'b0,
  parameter bit          WeightSigned = 1'b1,
  parameter int unsigned Overflow     = mac_pkg::Wrap
) (
  input  logic          clk_i,
  input  logic          en_i,
  input  logic          clear_i,
  input  logic          first_i,
  input  logic          last_i,
  input  logic [   3:0] mode_i,
  input  logic          weight_signed_i,
  input  logic          act_signed_i,
  input  logic [ 255:0] weight_i,
  input  logic [  31:0] act_i,
  output logic [1023:0] acc_o,
  output logic [  15:0] overflow_o
);

  localparam int unsigned Accumulators = (Module == 2 && SumApart) ? 16 : 1;

  logic [Accumulators*AccBits-1:0] acc;
  logic [        Accumulators-1:0] overflow;

  if (Module == 0) begin : g_accumulator
    narrow_accumulator #(
      .AddendBits(AddendBits), .AccBits(AccBits), .Overflow(Overflow)
    ) u_unit (
      .clk_i, .en_i, .clear_i, .addend_i(weight_i[AddendBits-1:0]), .acc_o(acc),
      .overflow_o(overflow[0])
    );
  end else if (Module == 1) begin : g_bit_serial
    bit_serial_mac #(
      .WeightBits(WeightBits), .MaxActBits(MaxActBits), .Lanes(Lanes), .AccBits(AccBits),
      .WeightSigned(WeightSigned), .Overflow(Overflow)
    ) u_unit (
      .clk_i, .valid_i(en_i), .first_i, .last_i, .clear_i, .act_signed_i,
      .weight_i(weight_i[Lanes*WeightBits-1:0]), .act_bit_i(act_i[Lanes-1:0]), .acc_o(acc),
      .overflow_o(overflow[0])
    );
  end else if (Module == 2) begin : g_decomposable
    decomposable_mac #(
      .AccBits(AccBits), .SumApart(SumApart), .Overflow(Overflow)
    ) u_unit (
      .clk_i, .en_i(en_i && mode_i[1:0] != 2'd3 && mode_i[3:2] != 2'd3), .clear_i, .weight_log_i(mode_i[1:0]), .act_log_i(mode_i[3:2]),
      .weight_signed_i, .act_signed_i, .weight_i(weight_i[31:0]), .act_i, .acc_o(acc),
      .overflow_o(overflow)
    );
  end else begin : g_configurable
    configurable_mac #(
      .AccBits(AccBits), .Overflow(Overflow)
    ) u_unit (
      .clk_i, .en_i, .clear_i, .split_i(mode_i[1:0]), .weight_signed_i, .act_signed_i,
      .weight_i(weight_i[15:0]), .act_i(act_i[15:0]), .acc_o(acc), .overflow_o(overflow[0])
    );
  end

  for (genvar k = 0; k < 16; k++) begin : g_word
    if (k < Accumulators) begin : g_used
      assign acc_o[k*64+:64] = 64'(acc[k*AccBits+:AccBits]);
      assign overflow_o[k]   = overflow[k];
    end else begin : g_unused
      assign acc_o[k*64+:64] = '0;
      assign overflow_o[k]   = 1'b0;
    end
  end

  logic unused_inputs;
  assign unused_inputs = ^{weight_i, act_i, mode_i, first_i, last_i, weight_signed_i, act_signed_i};

endmodule
