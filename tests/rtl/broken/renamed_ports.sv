// Right, with a parameter, its own port names, no reset and no overflow flag; wraps.
module renamed_ports #(
  parameter int unsigned Bits = 8
) (
  input  logic            ck,
  input  logic            start,
  input  logic [     2:0] w,
  input  logic [     4:0] x,
  output logic [Bits-1:0] sum
);
  always_ff @(posedge ck) sum <= (start ? '0 : sum) + Bits'($signed(w)) * Bits'($signed(x));
endmodule
