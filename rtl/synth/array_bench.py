"""Streams for the gates of a mac_array and of its processing elements, and the sums they must show.

Folds use the whole array and follow each other as fast as the cycle table on top of mac_array.sv lets
them; operand ports keep their last word while the array does not ask for one. A model of the array's
registers, cycle by cycle, says what every processing element has on its ports, so that the elements
can be simulated alone with the very same signals.
"""

import streams

RESET_CYCLES = 4
RESET_AT_END = 2  # cycles after the counted ones: rst_ni falls in the first and rises in the second
WARM_FOLDS = 2  # until every register holds a number
MOST_BATCHES = 16
WRAP, SATURATE = 0, 1
WEIGHT_STATIONARY, OUTPUT_STATIONARY, INPUT_STATIONARY = range(3)
TWOS_COMPLEMENT, ODD, BIPOLAR, AFFINE = range(4)


def weight_value(code, parameters, zero_point):
    """The number a weight's code stands for (weight_decoder.sv)."""
    bits, encoding = parameters["WeightBits"], parameters.get("Encoding", TWOS_COMPLEMENT)
    if encoding == AFFINE:
        return code - zero_point
    if encoding == BIPOLAR:
        return 2 * code - 1
    value = streams.signed(code, bits, parameters["WeightSigned"])
    return 2 * value + 1 if encoding == ODD else value


def narrowed(total, parameters):
    """(sum, whether it did not fit): narrow.sv."""
    bits = parameters["AccBits"]
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    if low <= total <= high:
        return total, 0
    if parameters["Overflow"] == SATURATE:
        return (low if total < 0 else high), 1
    return streams.signed(total & ((1 << bits) - 1), bits, True), 1


def reset_of(ports, *quiet):
    """Ports of a reset after a cycle's: nothing but rst_ni and the named ones move."""
    still = {**ports, **{name: 0 for name in quiet}}
    return [{**still, "rst_ni": level} for level in (0, 1)]


class Element:
    """Registers of one processing element; all start at zero, in the gates too."""

    def __init__(self):
        self.chain = self.active = self.swap = self.load = self.left = self.psum = self.overflow = 0
        self.valid = self.first = self.last = self.top = self.result = self.result_overflow = self.full = 0


class Run:
    """A run of `folds` folds of `steps` steps: `operands` (ports per cycle), `ports` (of every element
    per cycle), `bottom` (result_o per cycle), `window` (first cycle, end) of the last folds, whose MACs
    are `macs`. The ports go on with a reset in the middle of the work, operands at rest."""

    def __init__(self, parameters, point, steps, counted_folds):
        self.parameters, self.steps = parameters, steps
        self.rows, self.cols = parameters["Rows"], parameters["Cols"]
        self.output = parameters["Dataflow"] == OUTPUT_STATIONARY
        self.swapped = parameters["Dataflow"] == INPUT_STATIONARY
        self.shadow = parameters["Shadow"]
        self.zero_point = 1 << (parameters["WeightBits"] - 1)
        folds = WARM_FOLDS + counted_folds
        self.begins = [self.begin_of(fold) for fold in range(folds + 1)]  # first cycle of its stream
        self.window = self.begins[WARM_FOLDS] - self.load_ahead(), self.begins[folds] - self.load_ahead()
        self.macs = counted_folds * steps * self.rows * self.cols
        self.draw(point, folds + 1)
        self.schedule(folds + 1)
        self.elements = [[Element() for _ in range(self.cols)] for _ in range(self.rows)]
        self.loading = [0] * self.rows
        self.ports, self.bottom = [], []
        for cycle in range(self.window[1]):
            self.step(cycle)

    def period(self):
        if self.shadow:
            return max(self.steps, self.rows)
        return self.steps + 2 * self.rows + self.cols - 2

    def load_ahead(self):
        """Cycles from the load to the stream, where no other fold streams meanwhile."""
        return 0 if self.output or self.shadow else self.rows

    def begin_of(self, fold):
        return RESET_CYCLES + (0 if self.output else self.rows) + fold * self.period()

    def draw(self, point, folds):
        """top_codes[c], left_codes[r]: what enters each port, in order."""
        shape, weight, act, weight_hold, act_hold = point
        p = self.parameters
        weights = (p["WeightBits"], p["WeightSigned"], weight, weight_hold, shape)
        acts = (p["ActBits"], p["ActSigned"], act, act_hold, shape)
        top, left = (acts, weights) if self.swapped else (weights, acts)
        self.top_bits, self.left_bits = top[0], left[0]
        tops, lefts = folds * (self.steps if self.output else self.rows), folds * self.steps
        self.top_codes = [streams.operands(f"top {c}", tops, *top) for c in range(self.cols)]
        self.left_codes = [streams.operands(f"left {r}", lefts, *left) for r in range(self.rows)]

    def schedule(self, folds):
        """Per cycle: indices into the codes (None: nothing enters) and the sequencer's signals."""
        end = self.window[1]
        self.top_at, self.left_at = [None] * end, [None] * end
        self.accepts, self.first, self.last, self.load_first, self.load_last = ([0] * end for _ in range(5))

        def mark(signal, cycle, value=1):
            if cycle < end:
                signal[cycle] = value
        for fold in range(folds):
            begin = self.begins[fold]
            load = begin if self.output or (self.shadow and fold > 0) else begin - self.rows
            if self.shadow and fold > 0 and not self.output:
                load = self.begins[fold - 1]  # while the fold before streams
            mark(self.accepts, load)
            mark(self.load_first, load)
            mark(self.load_last, load + self.rows - 1)
            mark(self.first, begin)
            mark(self.last, begin + self.steps - 1)
            for step in range(self.steps):
                mark(self.left_at, begin + step, fold * self.steps + step)
            tops = self.steps if self.output else self.rows
            for step in range(tops):
                mark(self.top_at, load + step, fold * tops + step)

    @staticmethod
    def ago(signal, cycle, delay, default=0):
        return signal[cycle - delay] if cycle >= delay else default

    def left_into(self, cycle, row):
        at = self.ago(self.left_at, cycle, row, None)
        return 0 if at is None else self.left_codes[row][at]

    def top_into(self, cycle, col):
        at = self.ago(self.top_at, cycle, col, None)
        return 0 if at is None else self.top_codes[col][at]

    def operands(self):
        """Ports of the array, one dictionary per cycle."""
        found, top, left = [], 0, 0
        for cycle in range(self.window[1]):
            if self.top_at[cycle] is not None:
                top = sum(codes[self.top_at[cycle]] << (c * self.top_bits) for c, codes in enumerate(self.top_codes))
            if self.left_at[cycle] is not None:
                left = sum(codes[self.left_at[cycle]] << (r * self.left_bits) for r, codes in enumerate(self.left_codes))
            found.append({"rst_ni": int(cycle >= RESET_CYCLES - 1), "zero_point_i": self.zero_point,
                          "fold_valid_i": self.accepts[cycle], "fold_steps_i": self.steps, "fold_rows_i": self.rows,
                          "fold_cols_i": self.cols, "top_i": top, "left_i": left})
        return found + reset_of(found[-1], "fold_valid_i")

    def batches(self):
        """The counted window in equal parts, for the scatter of its mean."""
        first, end = self.window
        count = min(MOST_BATCHES, end - first)
        edges = [first + number * (end - first) // count for number in range(count + 1)]
        return list(zip(edges, edges[1:]))

    def reset(self):
        return self.window[1], self.window[1] + RESET_AT_END

    def product_added(self, base, top_or_held, left):
        weight, act = (left, top_or_held) if self.swapped else (top_or_held, left)
        value = weight_value(weight, self.parameters, self.zero_point)
        return narrowed(base + value * streams.signed(act, self.parameters["ActBits"], self.parameters["ActSigned"]),
                        self.parameters)

    def step(self, cycle):
        mask = (1 << self.parameters["AccBits"]) - 1
        advance = self.output_element if self.output else self.stationary_element
        ports = [[None] * self.cols for _ in range(self.rows)]
        new = [[None] * self.cols for _ in range(self.rows)]
        self.bottom.append([self.sum_of(pe) & mask for pe in self.elements[-1]])
        if not self.output:
            self.loading_now = [self.ago(self.load_first, cycle, r) or self.loading[r] for r in range(self.rows)]
        for r in range(self.rows):
            for c in range(self.cols):
                ports[r][c], new[r][c] = advance(cycle, r, c)
                ports[r][c]["zero_point_i"] = self.zero_point
                for name in ("psum_i", "result_i"):
                    if name in ports[r][c]:
                        ports[r][c][name] &= mask
        if not self.output:
            self.loading = [int(now and not self.load_last[cycle]) for now in self.loading_now]
        self.ports.append(ports)
        self.elements = new

    def sum_of(self, element):
        return (element.result if self.shadow else element.psum) if self.output else element.psum

    def stationary_element(self, cycle, r, c):
        pe, new = self.elements[r][c], Element()
        west = self.elements[r][c - 1] if c else None
        north = self.elements[r - 1][c] if r else None
        swap_row = self.ago(self.first, cycle, r)
        load = west.load if west else int(bool(self.loading_now[r]))
        swap = (west.swap if self.shadow else swap_row) if west else swap_row
        left = west.left if west else self.left_into(cycle, r)
        held_in = north.chain if north else self.top_into(cycle, c)
        psum, overflow = (north.psum, north.overflow) if north else (0, 0)
        held = (pe.chain if swap else pe.active) if self.shadow else pe.chain
        new.active, new.swap, new.load, new.left = held, swap, load, left
        new.chain = held_in if load else pe.chain
        new.psum, step_overflow = self.product_added(psum, held, left)
        new.overflow = overflow | step_overflow
        return {"load_i": load, "swap_i": swap, "held_i": held_in, "left_i": left, "psum_i": psum,
                "overflow_i": overflow}, new

    def drains(self, cycle, col):
        """drain_i of a column: rows cycles after the last operands, skewed."""
        window = 1 if self.shadow else self.rows
        return int(any(self.ago(self.last, cycle, col + self.rows + k) for k in range(window)))

    def output_element(self, cycle, r, c):
        pe, new = self.elements[r][c], Element()
        west = self.elements[r][c - 1] if c else None
        north = self.elements[r - 1][c] if r else None
        if west:
            valid, first, last, left = west.valid, west.first, west.last, west.left
        else:
            valid = int(self.ago(self.left_at, cycle, r, None) is not None)
            first, last, left = self.ago(self.first, cycle, r), self.ago(self.last, cycle, r), self.left_into(cycle, r)
        top = north.top if north else self.top_into(cycle, c)
        result, overflow = (self.sum_of(north), north.result_overflow if self.shadow else north.overflow) if north else (0, 0)
        drain = self.drains(cycle, c)
        total, step_overflow = self.product_added(0 if first else pe.psum, top, left)
        new.__dict__.update(pe.__dict__)
        new.valid, new.first, new.last, new.top, new.left = valid, first, last, top, left
        if valid:
            new.psum, new.overflow = total, step_overflow | (pe.overflow & (1 - first))
        elif drain and not self.shadow:
            new.psum, new.overflow = result, overflow
        finish = valid and last
        if finish:
            new.result, new.result_overflow = new.psum, new.overflow
        elif drain or not pe.full:
            new.result, new.result_overflow = result, overflow
        new.full = int(finish or (pe.full and not drain))
        return {"valid_i": valid, "first_i": first, "last_i": last, "drain_i": drain, "top_i": top, "left_i": left,
                "result_i": result, "overflow_i": overflow}, new

    def expected(self):
        """Per column, the sums in the order in which they leave the array: from the operands alone."""
        mask = (1 << self.parameters["AccBits"]) - 1
        columns = []
        for c in range(self.cols):
            sums = []
            for fold in range(len(self.begins)):
                if self.output:
                    steps = range(fold * self.steps, (fold + 1) * self.steps)
                    sums += [self.chained((self.top_codes[c][t], self.left_codes[r][t]) for t in steps) & mask
                             for r in reversed(range(self.rows))]
                else:
                    held = self.top_codes[c][fold * self.rows:(fold + 1) * self.rows][::-1]  # bottom row first
                    sums += [self.chained((held[r], self.left_codes[r][t]) for r in range(self.rows)) & mask
                             for t in range(fold * self.steps, (fold + 1) * self.steps)]
            columns.append(sums)
        return columns

    def chained(self, pairs):
        total = 0
        for top_or_held, left in pairs:
            total, _ = self.product_added(total, top_or_held, left)
        return total

    def mac_operands(self, most):
        """(weights, acts, length of a sum): the first dot products of the array, for a MAC alone."""
        length = self.steps if self.output else self.rows
        tops, lefts = [], []
        for number in range(most // length):
            fold, t = divmod(number, self.rows if self.output else self.steps)
            c = number % self.cols
            if self.output:
                steps = slice(fold * self.steps, (fold + 1) * self.steps)
                tops += self.top_codes[c][steps]
                lefts += self.left_codes[t][steps]
            else:
                tops += self.top_codes[c][fold * self.rows:(fold + 1) * self.rows][::-1]
                lefts += [codes[fold * self.steps + t] for codes in self.left_codes]
            if fold + 1 >= len(self.begins):
                break
        return (lefts, tops, length) if self.swapped else (tops, lefts, length)


class Watch:
    """Compares result_o with the model in every counted cycle, and the valid sums with the expected."""

    def __init__(self, run, netlist):
        self.run = run
        p = run.parameters
        width = p["AccBits"]

        def bits(name, count):
            return [netlist.ports[f"{name}[{bit}]" if f"{name}[{bit}]" in netlist.ports else name][1]
                    for bit in range(count)]
        results = bits("result_o", run.cols * width)
        self.results = [results[c * width:(c + 1) * width] for c in range(run.cols)]
        self.valid = bits("result_valid_o", run.cols)
        self.expected = run.expected()
        self.seen = [0] * run.cols
        self.wrong = 0

    def __call__(self, cycle, level):
        if cycle >= self.run.window[1]:
            return  # the reset
        for c in range(self.run.cols):
            text = "".join(level(net) for net in reversed(self.results[c]))
            if cycle >= self.run.window[0] and text != format(self.run.bottom[cycle][c], f"0{len(text)}b"):
                self.wrong += 1
            if level(self.valid[c]) == "1":
                self.wrong += text != format(self.expected[c][self.seen[c]], f"0{len(text)}b")
                self.seen[c] += 1
