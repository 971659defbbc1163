"""The gates of every MAC, processing element and unit beside arithmetic, before they are measured.

A netlist is simulated (gates.py) with corner and random operands, then with sums that run into both
ends of the accumulator as far as END_CYCLES reach; every output bit of sums and overflow flags must
be arithmetic's in every cycle. Arrays and PIM tiles are checked while their energy is measured
(array_bench.py, pim_bench.py). A netlist that passed says so in its folder of the cache.
"""

import hashlib
import pathlib
import random

import array_bench
import gates
import streams
from liberty import SynthesisError

RANDOM_CYCLES = 400
END_CYCLES = 200  # towards each end
CORNER_SHARE = 0.3
MARK = "checked"
SIGNS = ("random", "top", "bottom")


def default(parameters):
    return {"WeightSigned": True, "ActSigned": False, "Overflow": 0, "TrackOverflow": True, "Shadow": True,
            "SumApart": False, **parameters}


def narrowed(total, p):
    """(code, flag): the flag stays low where nobody tracks it."""
    value, flag = array_bench.narrowed(total, p)
    return value & ((1 << p["AccBits"]) - 1), flag if p["TrackOverflow"] else 0


def number(code, bits, is_signed=True):
    return streams.signed(code & ((1 << bits) - 1), bits, is_signed)


class Accumulator:
    """acc <= narrow(acc + addend), with a flag that stays until the next clear."""

    def __init__(self, p):
        self.p, self.code, self.flag = p, 0, 0

    def add(self, addend, clear):
        base = 0 if clear else number(self.code, self.p["AccBits"])
        self.code, flag = narrowed(base + addend, self.p)
        self.flag = flag | (0 if clear else self.flag)

    def outputs(self, name="acc_o"):
        return {name: self.code, "overflow_o": self.flag}


class MacUnit:
    """mac_unit; `product` is what its processing elements share with it."""

    def __init__(self, p):
        self.p, self.sum = p, Accumulator(p)

    def ports(self, draw):
        return {"weight_i": draw("weight", self.p["WeightBits"]), "act_i": draw("act", self.p["ActBits"]),
                "zero_point_i": draw("code", self.p["WeightBits"]), "clear_i": draw.clear()}

    def product(self, weight, act, zero_point):
        return array_bench.weight_value(weight, self.p, zero_point) * \
            streams.signed(act, self.p["ActBits"], self.p["ActSigned"])

    def step(self, v):
        self.sum.add(self.product(v["weight_i"], v["act_i"], v["zero_point_i"]), v["clear_i"])
        return self.sum.outputs()


class PeStationary(MacUnit):
    """pe_stationary that holds a weight, with a shadow register."""

    def __init__(self, p):
        super().__init__(p)
        self.chain = self.active = 0

    def ports(self, draw):
        return {"held_i": draw("weight", self.p["WeightBits"]), "left_i": draw("act", self.p["ActBits"]),
                "zero_point_i": draw("code", self.p["WeightBits"]), "psum_i": draw("sum", self.p["AccBits"]),
                "load_i": draw.bit(), "swap_i": draw.bit(), "overflow_i": draw.bit()}

    def step(self, v):
        held = self.chain if v["swap_i"] else self.active
        psum, flag = narrowed(number(v["psum_i"], self.p["AccBits"]) +
                              self.product(held, v["left_i"], v["zero_point_i"]), self.p)
        self.active, self.chain = held, v["held_i"] if v["load_i"] else self.chain
        return {"psum_o": psum, "overflow_o": (flag | v["overflow_i"]) if self.p["TrackOverflow"] else 0,
                "held_o": self.chain, "left_o": v["left_i"], "load_o": v["load_i"], "swap_o": v["swap_i"]}


class PeOutput(MacUnit):
    """pe_output with a result register."""

    def __init__(self, p):
        super().__init__(p)
        self.result = self.result_flag = self.full = 0

    def ports(self, draw):
        return {"top_i": draw("weight", self.p["WeightBits"]), "left_i": draw("act", self.p["ActBits"]),
                "zero_point_i": draw("code", self.p["WeightBits"]), "valid_i": draw.bit() | draw.bit(),
                "first_i": draw.clear(), "last_i": draw.bit(), "drain_i": draw.bit(),
                "result_i": draw("sum", self.p["AccBits"]), "overflow_i": draw.bit()}

    def step(self, v):
        if v["valid_i"]:
            self.sum.add(self.product(v["top_i"], v["left_i"], v["zero_point_i"]), v["first_i"])
        finish = v["valid_i"] and v["last_i"]
        if finish:
            self.result, self.result_flag = self.sum.code, self.sum.flag
        elif v["drain_i"] or not self.full:
            self.result, self.result_flag = v["result_i"], v["overflow_i"]
        self.full = int(finish or (self.full and not v["drain_i"]))
        return {"result_o": self.result, "overflow_o": self.result_flag, "valid_o": v["valid_i"],
                "first_o": v["first_i"], "last_o": v["last_i"], "top_o": v["top_i"], "left_o": v["left_i"]}


class NarrowAccumulator:
    def __init__(self, p):
        self.p, self.sum = p, Accumulator(p)

    def ports(self, draw):
        return {"en_i": draw.bit() | draw.bit(), "clear_i": draw.clear(), "addend_i": draw("sum", self.p["AddendBits"])}

    def step(self, v):
        if v["en_i"]:
            self.sum.add(number(v["addend_i"], self.p["AddendBits"]), v["clear_i"])
        return self.sum.outputs()


class Split:
    """decomposable_mac and configurable_mac: several products a cycle."""

    def __init__(self, p, kind):
        self.p, self.kind = p, kind
        self.sums = [Accumulator(p) for _ in range(16 if p["SumApart"] else 1)]

    def ports(self, draw):
        common = {"en_i": draw.bit() | draw.bit(), "clear_i": draw.clear(), "weight_signed_i": draw.bit(),
                  "act_signed_i": draw.bit()}
        if self.kind == "configurable_mac":
            return {**common, "split_i": draw.below(4), "weight_i": draw("code", 16), "act_i": draw("code", 16)}
        return {**common, "weight_log_i": draw.below(3), "act_log_i": draw.below(3),
                "weight_i": draw("code", 32), "act_i": draw("code", 32)}

    def products(self, v):
        if self.kind == "configurable_mac":
            weight_bits = act_bits = 16 >> v["split_i"]
            count = 1 << v["split_i"]
        else:
            weight_bits, act_bits = 2 << v["weight_log_i"], 2 << v["act_log_i"]
            count = 16 >> (v["weight_log_i"] + v["act_log_i"])
        return [number(v["weight_i"] >> k * weight_bits, weight_bits, v["weight_signed_i"]) *
                number(v["act_i"] >> k * act_bits, act_bits, v["act_signed_i"]) for k in range(count)]

    def step(self, v):
        products = self.products(v)
        addends = products + [0] * (16 - len(products)) if self.p["SumApart"] else [sum(products)]
        if v["en_i"]:
            for one, addend in zip(self.sums, addends):
                one.add(addend, v["clear_i"])
        return {"acc_o": sum(one.code << k * self.p["AccBits"] for k, one in enumerate(self.sums)),
                "overflow_o": sum(one.flag << k for k, one in enumerate(self.sums))}


class BitSerial:
    def __init__(self, p):
        self.p, self.sum = p, Accumulator(p)
        self.left, self.dot, self.held = 0, 0, {}

    def ports(self, draw):
        if self.left == 0:
            self.left = 1 + draw.below(self.p["MaxActBits"])
            self.held = {"weight_i": draw("code", self.p["Lanes"] * self.p["WeightBits"]), "first_i": 1}
        else:
            self.held["first_i"] = 0
        self.left -= 1
        return {"valid_i": 1, **self.held, "last_i": int(self.left == 0), "clear_i": draw.clear(),
                "act_signed_i": draw.bit(), "act_bit_i": draw("code", self.p["Lanes"])}

    def step(self, v):
        bits = self.p["WeightBits"]
        term = sum(number(v["weight_i"] >> lane * bits, bits, self.p["WeightSigned"])
                   for lane in range(self.p["Lanes"]) if v["act_bit_i"] >> lane & 1)
        self.dot = (-term if v["act_signed_i"] else term) if v["first_i"] else 2 * self.dot + term
        if v["last_i"]:
            self.sum.add(self.dot, v["clear_i"])
        return self.sum.outputs()


class Draw:
    """Operands of one cycle: corners and random codes, or those that drive sums to one end."""

    def __init__(self, seed, p):
        self.random, self.p, self.sign, self.begins = random.Random(seed), p, "random", True

    def __call__(self, role, bits):
        least, most = 1 << (bits - 1), (1 << (bits - 1)) - 1
        if self.sign != "random" and role in ("weight", "act", "sum"):
            return self.towards(role, bits, least, most)
        if self.random.random() < CORNER_SHARE:
            return self.random.choice((0, 1, most, least, (1 << bits) - 1))
        return self.random.getrandbits(bits)

    def towards(self, role, bits, least, most):
        """Largest products of one sign, and sums near that end."""
        if role == "sum":
            return (most if self.sign == "top" else least) ^ self.random.getrandbits(max(1, bits // 2))
        if role == "act":
            return most if self.p["ActSigned"] else (1 << bits) - 1
        is_signed = self.p["WeightSigned"] or self.p.get("Encoding", 0) == 2
        high = most if is_signed and bits > 1 else (1 << bits) - 1
        return high if self.sign == "top" else least if is_signed and bits > 1 else 0

    def bit(self):
        return self.random.getrandbits(1)

    def below(self, count):
        return self.random.randrange(count)

    def clear(self):
        found = int(self.begins or (self.sign == "random" and self.random.random() < 0.02))
        self.begins = False
        return found


MODELS = {"mac_unit": MacUnit, "pe_stationary": PeStationary, "pe_output": PeOutput,
          "narrow_accumulator": NarrowAccumulator, "bit_serial_mac": BitSerial,
          "decomposable_mac": lambda p: Split(p, "decomposable_mac"),
          "configurable_mac": lambda p: Split(p, "configurable_mac")}


def stimulus(model, p, seed):
    """Ports of every cycle: random operands, then each end."""
    draw, vectors = Draw(seed, p), []
    for sign, count in zip(SIGNS, (RANDOM_CYCLES, END_CYCLES, END_CYCLES)):
        draw.sign, draw.begins = sign, True
        vectors += [model.ports(draw) for _ in range(count)]
    return vectors


class Watch:
    """Compares the outputs of every cycle: a cycle shows what the operands of the one before made."""

    def __init__(self, netlist, expected):
        self.expected, self.wrong, self.seen = expected, [], 0
        self.nets = {}
        for name in expected[0]:
            several = [port for port in netlist.ports if port.startswith(f"{name}[")]
            self.nets[name] = [netlist.ports[f"{name}[{bit}]"][1] for bit in range(len(several))] or \
                [netlist.ports[name][1]]

    def __call__(self, cycle, level):
        self.seen += 1
        for name, nets in self.nets.items():
            text = "".join(level(net) for net in reversed(nets))
            if text != format(self.expected[cycle][name], f"0{len(nets)}b"):
                self.wrong.append((cycle, name, text))


def check(module, parameters, library, folder):
    """Raises SynthesisError where the netlist in `folder` is not arithmetic's; once per netlist."""
    mark = pathlib.Path(folder) / MARK
    version = hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()
    if module not in MODELS or (mark.exists() and mark.read_text(encoding="utf-8") == version):
        return
    p = default(parameters)
    vectors = stimulus(MODELS[module](p), p, f"{module} {parameters}")
    model = MODELS[module](p)
    expected = [model.step(v) for v in vectors[:1] + vectors[:-1]]  # the first edge sees the first vector too
    netlist = gates.Netlist(pathlib.Path(folder) / "netlist.json")
    watch = Watch(netlist, expected)
    gates.simulate_segments(netlist, library, vectors, [(0, len(vectors))], watch)
    if watch.wrong or watch.seen != len(vectors):
        cycle, name, text = (watch.wrong or [(watch.seen, "?", "?")])[0]
        raise SynthesisError(f"{module} {parameters}: the gates' results are wrong, first in cycle {cycle}: {name} is {text}, "
                             f"expected {expected[cycle].get(name, 0):b} ({len(watch.wrong)} of {len(vectors)} cycles)")
    mark.write_text(version, encoding="utf-8")
