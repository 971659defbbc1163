# Turns rtl/named_sets.json (one set per line) into Verilated models: bank modules that hold every
# MAC set, one model per array and PIM set, and the list of them that models/*.cpp include.

# Reads one line of named_sets.json: name, module, and the parameters as ".Key(value), …".
function(bitscale_parse_set line name module parameters)
  string(REGEX MATCH "\"name\": \"([a-z0-9_]+)\", \"module\": \"([a-z0-9_]+)\"" _ "${line}")
  set(${name} ${CMAKE_MATCH_1} PARENT_SCOPE)
  set(${module} ${CMAKE_MATCH_2} PARENT_SCOPE)
  string(REGEX MATCH "\"parameters\": {([^}]*)}" _ "${line}")
  string(REGEX REPLACE "\"([A-Za-z]+)\": ([a-z0-9]+)" ".\\1(\\2)" text "${CMAKE_MATCH_1}")
  string(REPLACE "(true)" "(1'b1)" text "${text}")
  string(REPLACE "(false)" "(1'b0)" text "${text}")
  set(${parameters} "${text}" PARENT_SCOPE)
endfunction()

# The named set's parameters as Verilator's -G options.
function(bitscale_options_of_set wanted options)
  file(STRINGS ${PROJECT_SOURCE_DIR}/rtl/named_sets.json lines REGEX "\"name\": \"${wanted}\"")
  bitscale_parse_set("${lines}" name module parameters)
  string(REGEX REPLACE "\\.([A-Za-z]+)\\(([^)]*)\\),? ?" "-G\\1=\\2;" text "${parameters}")
  set(${options} "${text}" PARENT_SCOPE)
endfunction()

# bitscale_verilate(TARGET PREFIX TOP OPTIONS FILES…): one model, its class V… in TARGET.
function(bitscale_verilate target prefix top options)
  # Generated code is not ours to warn about or to instrument.
  set(quiet -w -fno-sanitize=all)
  # Large arrays run whole layers, and their code is one straight line that no cache of instructions
  # holds: what it costs is its bytes. So the shortest code, which reads values again where it would
  # otherwise keep copies of them (rtl/cosim/README.md, Speed).
  set(speed -O1)
  if(prefix MATCHES "_16x16_")
    set(speed -Os)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      list(APPEND speed -fno-tree-fre -fno-tree-pre -fno-tree-dominator-opts -fno-gcse
        -fno-rerun-cse-after-loop -fno-code-hoisting -fno-tree-ter)
    endif()
  endif()
  verilate(${target} PREFIX ${prefix} TOP_MODULE ${top}
    DIRECTORY ${PROJECT_BINARY_DIR}/verilated/${prefix} SOURCES ${ARGN}
    VERILATOR_ARGS -O3 --assert --x-assign fast --x-initial fast --output-split 10000 ${options}
    OPT_FAST ${speed} ${quiet} OPT_SLOW -O0 ${quiet} OPT_GLOBAL -O1 ${quiet})
endfunction()

# Writes `content` unless the file already holds it, so that nothing is verilated in vain.
function(bitscale_write_if_changed file content)
  file(CONFIGURE OUTPUT "${file}" CONTENT "${content}" @ONLY)
endfunction()

# The bench's write into an accumulator register and its flag, at the falling edge before the operands
# count: the hardware has no such port. Sums that no run of operands reaches in reasonable time begin
# next to the accumulator's ends so.
function(bitscale_preload_line parameters path preload start line)
  string(REGEX MATCH "AccBits\\(([0-9]+)\\)" _ "${parameters}")
  math(EXPR top "${CMAKE_MATCH_1} - 1")
  set(${line} "    if (${preload}) begin ${path}.acc_q <= ${start}[${top}:0]\\; ${path}.overflow_q <= \
1'b0\\; end\n" PARENT_SCOPE)
endfunction()

# The bank of all mac_unit sets. `sets`: their parameters, one list element each. Its operand
# registers (one cycle) keep Verilator from evaluating every multiplier at both clock edges.
function(bitscale_write_mac_bank file sets)
  list(LENGTH sets count)
  set(text "// Generated from rtl/named_sets.json: every mac_unit set, side by side.\n")
  string(APPEND text "module mac_bank (\n  input logic clk_i, input logic clear_i,\n"
    "  input logic [15:0] weight_i, input logic [15:0] zero_point_i, input logic [15:0] act_i,\n"
    "  input logic preload_i, input logic [47:0] start_i,\n"
    "  output logic [63:0] acc_o [${count}], output logic overflow_o [${count}]\n);\n"
    "  logic clear_q, preload_q; logic [15:0] weight_q, zero_point_q, act_q; logic [47:0] start_q;\n"
    "  always_ff @(posedge clk_i) {clear_q, weight_q, zero_point_q, act_q, preload_q, start_q} <=\n"
    "      {clear_i, weight_i, zero_point_i, act_i, preload_i, start_i};\n")
  string(REPLACE ";" "\\;" text "${text}")
  set(preloads "")
  set(index 0)
  foreach(parameters IN LISTS sets)
    string(APPEND text "  mac_slot #(${parameters}) u_${index} (.clk_i, .clear_i(clear_q), "
      ".weight_i(weight_q), .zero_point_i(zero_point_q), .act_i(act_q), .acc_o(acc_o[${index}]), .overflow_o(overflow_o[${index}]))\\;\n")
    bitscale_preload_line("${parameters}" "u_${index}.u_mac" preload_q start_q line)
    string(APPEND preloads "${line}")
    math(EXPR index "${index} + 1")
  endforeach()
  string(APPEND text "  always @(negedge clk_i) begin\n${preloads}  end\n")
  string(REPLACE "\\;" ";" text "${text}endmodule\n")
  bitscale_write_if_changed(${file} "${text}")
endfunction()

# The bank of all units with a protocol of their own.
function(bitscale_write_unit_bank file sets)
  list(LENGTH sets count)
  set(text "// Generated from rtl/named_sets.json: the units with a protocol of their own.\n")
  string(APPEND text "module unit_bank (\n  input logic clk_i, input logic en_i, input logic "
    "clear_i,\n  input logic first_i, input logic last_i, input logic [3:0] mode_i,\n"
    "  input logic weight_signed_i, input logic act_signed_i, input logic [255:0] weight_i,\n"
    "  input logic [31:0] act_i, input logic preload_i, input logic [47:0] start_i,\n"
    "  output logic [1023:0] acc_o [${count}],\n"
    "  output logic [15:0] overflow_o [${count}]\n);\n")
  set(blocks g_accumulator g_bit_serial g_decomposable g_configurable)  # of slots/unit_slot.sv
  set(preloads "")
  set(index 0)
  foreach(parameters IN LISTS sets)
    string(APPEND text "  unit_slot #(${parameters}) u_${index} (.clk_i, .en_i, .clear_i, "
      ".first_i, .last_i, .mode_i, .weight_signed_i, .act_signed_i, .weight_i, .act_i, "
      ".acc_o(acc_o[${index}]), .overflow_o(overflow_o[${index}]))\\;\n")
    string(REGEX MATCH "Module\\(([0-3])\\)" _ "${parameters}")
    list(GET blocks ${CMAKE_MATCH_1} block)
    set(accumulators ${block}.u_unit.u_accumulator)
    if(block STREQUAL "g_accumulator")
      set(accumulators ${block}.u_unit)
    elseif(block STREQUAL "g_decomposable")
      set(accumulators ${block}.u_unit.g_accumulator[0].u_accumulator)
      if(parameters MATCHES "SumApart\\(1'b1\\)")
        foreach(k RANGE 1 15)
          list(APPEND accumulators ${block}.u_unit.g_accumulator[${k}].u_accumulator)
        endforeach()
      endif()
    endif()
    foreach(accumulator IN LISTS accumulators)
      bitscale_preload_line("${parameters}" "u_${index}.${accumulator}" preload_i start_i line)
      string(APPEND preloads "${line}")
    endforeach()
    math(EXPR index "${index} + 1")
  endforeach()
  string(APPEND text "  always @(negedge clk_i) begin\n${preloads}  end\n")
  string(REPLACE "\\;" ";" text "${text}endmodule\n")
  bitscale_write_if_changed(${file} "${text}")
endfunction()

# models/<kind>.h adapts any model of its kind; this writes the function that makes one by name.
function(bitscale_write_factory file class kind names)
  set(text "// Generated from rtl/named_sets.json.\n#include \"rtl/cosim/models/${kind}.h\"\n\n")
  foreach(name IN LISTS names)
    string(APPEND text "#include \"V${name}.h\"\n")
  endforeach()
  string(APPEND text "\nnamespace bitscale::cosim {\n\nstd::unique_ptr<${class}Model> make_${kind}"
    "_model(const std::string& name) {\n")
  foreach(name IN LISTS names)
    string(APPEND text "  if (name == \"${name}\") return std::make_unique<Verilated${class}"
      "<V${name}>>(name)\\;\n")
  endforeach()
  string(APPEND text "  return nullptr\\;\n}\n\n}  // namespace bitscale::cosim\n")
  string(REPLACE "\\;" ";" text "${text}")
  bitscale_write_if_changed(${file} "${text}")
endfunction()
