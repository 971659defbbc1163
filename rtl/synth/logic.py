"""Verilog models of Liberty cells: their logic functions, with or without one unit of delay."""

import re

from liberty import SynthesisError

TOKEN = re.compile(r"\s*([\w\[\]]+|[!'^*&+|()])")


class Expression:
    """Liberty's operators, strongest first: ' and !, ^, * & or nothing, + |."""

    def __init__(self, text):
        self.text, self.tokens, self.at = text, [], 0
        position = 0
        while position < len(text.rstrip()):
            match = TOKEN.match(text, position)
            if match is None:
                raise SynthesisError(f"cannot read the function \"{text}\"")
            self.tokens.append(match[1])
            position = match.end()

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self):
        token = self.peek()
        self.at += 1
        return token

    def verilog(self):
        result = self.sum()
        if self.peek():
            raise SynthesisError(f"cannot read the function \"{self.text}\"")
        return result

    def joined(self, operators, operator, lower):
        parts = [lower()]
        while self.peek() and (self.peek() in operators or ("" in operators and self.peek() not in "+|)^")):
            if self.peek() in operators:
                self.take()
            parts.append(lower())
        return parts[0] if len(parts) == 1 else "(" + f" {operator} ".join(parts) + ")"

    def sum(self):
        return self.joined(("+", "|"), "|", self.product)

    def product(self):
        return self.joined(("*", "&", ""), "&", self.difference)

    def difference(self):
        return self.joined(("^",), "^", self.factor)

    def factor(self):
        if self.peek() == "!":
            self.take()
            return f"(~{self.factor()})"
        if self.peek() == "(":
            self.take()
            result = self.sum()
            if self.take() != ")":
                raise SynthesisError(f"cannot read the function \"{self.text}\"")
        else:
            result = self.take()
            result = f"1'b{result}" if result in ("0", "1") else result
        while self.peek() == "'":
            self.take()
            result = f"(~{result})"
        return result


def model(cell, delay):
    """A Verilog module of the cell; every output follows its inputs after `delay` units. Flip-flops begin
    at zero: from unknown, a register that a mapped netlist clears as x & ~x would never become known."""
    ports = [f"input {pin.name}" for pin in cell.inputs()] + [f"output {pin.name}" for pin in cell.outputs()]
    lines = [f"module {cell.name} ({', '.join(ports)});"]
    inner = delay
    if cell.flip_flop is not None:
        state, inverse = (cell.flip_flop.args + [""])[:2]
        clock = Expression(cell.flip_flop.values["clocked_on"]).verilog()
        value = Expression(cell.flip_flop.values["next_state"]).verilog()
        forced = [(Expression(cell.flip_flop.values[kind]).verilog(), level)
                  for kind, level in (("clear", "0"), ("preset", "1")) if kind in cell.flip_flop.values]
        lines += [f"  reg {state} = 1'b0;", f"  wire clock = {clock};"]
        lines += [f"  wire force_{level} = {condition};" for condition, level in forced]
        edges = "".join(f" or posedge force_{level}" for _, level in forced)
        first = "".join(f"if (force_{level}) {state} <= #{delay} 1'b{level}; else " for _, level in forced)
        lines.append(f"  always @(posedge clock{edges}) {first}{state} <= #{delay} {value};")
        if inverse:
            lines.append(f"  wire {inverse} = ~{state};")
        inner = 0
    for pin in cell.outputs():
        wait = f"#{inner} " if inner else ""
        lines.append(f"  assign {wait}{pin.name} = {Expression(pin.function).verilog()};")
    return "\n".join(lines + ["endmodule"])
