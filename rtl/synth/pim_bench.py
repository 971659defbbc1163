"""Streams for the gates of a pim_array: its cells written twice, then vectors without a gap, and the
sums they must show (cycle table on top of pim_array.sv)."""

import array_bench
import streams

WARM_VECTORS = 2
SUM_LENGTH = 4  # vectors added up before the accumulators start again
MOST_ACT_BITS = 8


class Run:
    """`operands` (ports per cycle), `windows` {"write", "vector"} (first cycle, end), the wordlines
    written and the MACs done in them. The ports go on with a reset in the middle of a vector."""

    def __init__(self, parameters, point, counted_vectors):
        shape, weight, act, _, act_hold = point
        self.parameters = p = parameters
        self.lines, self.cols = p["Wordlines"], p["Cols"]
        self.act_bits = min(p["MaxActBits"], MOST_ACT_BITS)
        vectors = WARM_VECTORS + counted_vectors
        self.weights = [streams.operands(f"weight {c}", 2 * self.lines, p["WeightBits"], p["WeightSigned"], weight, 0.0,
                                         shape) for c in range(self.cols)]
        self.acts = [streams.operands(f"act {w}", vectors + 1, self.act_bits, False, act, act_hold, shape)
                     for w in range(self.lines)]
        write = array_bench.RESET_CYCLES
        self.accepts = [write + 2 * self.lines]
        for vector in range(vectors):
            self.accepts.append(self.accepts[-1] + self.cycles_of(vector))
        self.windows = {"write": (write + self.lines, write + 2 * self.lines),
                        "vector": (self.accepts[WARM_VECTORS] + 1, self.accepts[-1] + 1)}
        self.macs = counted_vectors * self.lines * self.cols

    def batches(self):
        """The window of the vectors, one by one."""
        begins = [cycle + 1 for cycle in self.accepts[WARM_VECTORS:]]
        return list(zip(begins, begins[1:]))

    def reset(self):
        end = self.windows["vector"][1]
        return end, end + array_bench.RESET_AT_END

    def cycles_of(self, vector):
        planes = self.act_bits
        if self.parameters.get("SkipZeroPlanes"):
            merged = 0
            for codes in self.acts:
                merged |= codes[vector]
            planes = max(1, bin(merged).count("1"))
        return planes * self.parameters.get("ColMux", 1)

    def operands(self):
        p = self.parameters
        found, act, line, word, clear, accepted = [], 0, 0, 0, 0, 0
        for cycle in range(self.windows["vector"][1]):
            number = cycle - array_bench.RESET_CYCLES
            writing = 0 <= number < 2 * self.lines
            if writing:
                line = number % self.lines
                word = sum(codes[number] << (c * p["WeightBits"]) for c, codes in enumerate(self.weights))
            offered = accepted < len(self.accepts) and cycle == self.accepts[accepted]
            if offered:
                act = sum(codes[accepted] << (w * p["MaxActBits"]) for w, codes in enumerate(self.acts))
                clear = int(accepted % SUM_LENGTH == 0)
                accepted += 1
            found.append({"rst_ni": int(cycle >= array_bench.RESET_CYCLES - 1), "write_valid_i": int(writing),
                          "write_line_i": line, "write_weight_i": word, "vector_valid_i": int(offered),
                          "vector_clear_i": clear, "act_bits_i": self.act_bits, "act_signed_i": 0, "act_i": act})
        return found + array_bench.reset_of(found[-1], "vector_valid_i", "write_valid_i")

    def expected(self):
        """Per column, the accumulator after each vector."""
        p = self.parameters
        mask = (1 << p["AccBits"]) - 1
        columns = []
        for codes in self.weights:
            values = [streams.signed(code, p["WeightBits"], p["WeightSigned"]) for code in codes[self.lines:]]
            total, sums = 0, []
            for vector in range(len(self.accepts)):
                dot = sum(value * acts[vector] for value, acts in zip(values, self.acts))
                total, _ = array_bench.narrowed((0 if vector % SUM_LENGTH == 0 else total) + dot, p)
                sums.append(total & mask)
            columns.append(sums)
        return columns


class Watch:
    """Compares every result with the expected one."""

    def __init__(self, run, netlist):
        self.run = run
        width, mux = run.parameters["AccBits"], run.parameters.get("ColMux", 1)

        def net(name, bit):
            return netlist.ports[f"{name}[{bit}]" if f"{name}[{bit}]" in netlist.ports else name][1]
        self.columns = [[net("result_o", c * width + bit) for bit in range(width)] for c in range(run.cols)]
        self.valid = [net("result_valid_o", c % mux) for c in range(run.cols)]
        self.expected = run.expected()
        self.seen = [0] * run.cols
        self.wrong = 0

    def __call__(self, cycle, level):
        if cycle >= self.run.windows["vector"][1]:
            return  # the reset
        for c, nets in enumerate(self.columns):
            if level(self.valid[c]) == "1":
                text = "".join(level(net) for net in reversed(nets))
                self.wrong += text != format(self.expected[c][self.seen[c]], f"0{len(text)}b")
                self.seen[c] += 1
