// The one place where a sum loses bits: SumBits down to AccBits, wrapping or saturating.
// numeric::narrow (arch/numeric/accumulator.h) does the same.
//
//   latency | combinational          stalls | none
//
// overflow_o: sum_i is not representable in AccBits. With SumBits == AccBits (a wrapping sum whose
// overflow nobody asks for, mac_pkg::sum_bits) nothing is dropped and the flag stays low.
module narrow #(
  parameter int unsigned SumBits  = 17,
  parameter int unsigned AccBits  = 16,
  parameter int unsigned Overflow = mac_pkg::Wrap
) (
  input  logic [SumBits-1:0] sum_i,
  output logic [AccBits-1:0] acc_o,
  output logic               overflow_o
);

  if (SumBits < AccBits) begin : g_bad_sum
    $error("narrow: SumBits %0d is below AccBits %0d", SumBits, AccBits);
  end

  if (SumBits == AccBits) begin : g_same
    assign overflow_o = 1'b0;
    assign acc_o      = sum_i;
  end else begin : g_narrow
    // A number fits when all bits from the new sign bit upwards are equal.
    logic [SumBits-AccBits:0] top;
    assign top        = sum_i[SumBits-1:AccBits-1];
    assign overflow_o = (|top) && !(&top);

    if (Overflow == mac_pkg::SaturateEachStep) begin : g_saturate
      logic sign;
      assign sign  = sum_i[SumBits-1];
      assign acc_o = overflow_o ? {sign, {(AccBits - 1) {!sign}}} : sum_i[AccBits-1:0];
    end else begin : g_wrap
      assign acc_o = sum_i[AccBits-1:0];
    end
  end

`ifndef SYNTHESIS
  if (AccBits < mac_pkg::MinAccBits || AccBits > mac_pkg::MaxAccBits) begin : g_bad_acc_bits
    $error("narrow: AccBits %0d is not in 2..48", AccBits);
  end
  if (Overflow > mac_pkg::SaturateEachStep) begin : g_bad_overflow
    $error("narrow: Overflow %0d is neither Wrap nor SaturateEachStep", Overflow);
  end
`endif

endmodule
