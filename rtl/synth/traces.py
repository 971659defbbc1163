"""Operand streams of a real quantized network: the digits network of workloads/traces."""

import ast
import json
import struct

from synthesize import ROOT

TRACE = ROOT / "workloads/traces/digits_mlp_w4a4"
FORMATS = {"u1": "B", "i1": "b", "i8": "q", "i4": "i", "u2": "H", "i2": "h"}


def read_npy(path):
    """(shape, flat list) of a little-endian integer array (NumPy's format, versions 1 and 2)."""
    data = path.read_bytes()
    wide = data[6] > 1
    size = struct.unpack_from("<I" if wide else "<H", data, 8)[0]
    start = (12 if wide else 10) + size
    header = ast.literal_eval(data[12 if wide else 10:start].decode("latin1"))
    kind = FORMATS[header["descr"].lstrip("<|")]
    values = struct.unpack(f"<{(len(data) - start) // struct.calcsize(kind)}{kind}", data[start:])
    return header["shape"], list(values)


class Digits:
    """Codes of weights and activations of every layer, and the network itself."""

    def __init__(self):
        trace = json.loads((TRACE / "trace.json").read_text(encoding="utf-8"))
        self.layers = []
        act_bits = {value["name"]: value.get("bits") for value in trace["values"]}
        for node in trace["nodes"]:
            (outputs, inputs), weights = read_npy(TRACE / node["weights"]["codes"]["file"])
            thresholds = node.get("thresholds")
            self.layers.append({
                "name": node["name"], "weight_bits": node["weights"]["bits"], "act_bits": act_bits[node["inputs"][0]],
                "weights": [weights[n * inputs:(n + 1) * inputs] for n in range(outputs)],
                "bias": read_npy(TRACE / node["bias"]["file"])[1],
                "thresholds": read_npy(TRACE / thresholds["values"]["file"])[1] if thresholds else None})
        (count, pixels), codes = read_npy(TRACE / trace["samples"]["inputs"]["file"])
        self.samples = [codes[s * pixels:(s + 1) * pixels] for s in range(count)]
        self.labels = read_npy(TRACE / trace["samples"]["labels"]["file"])[1]

    def activations(self, sample):
        """The operands of every layer for one sample, and the logits."""
        codes, found = self.samples[sample], []
        for layer in self.layers:
            found.append(codes)
            sums = [bias + sum(w * a for w, a in zip(row, codes))
                    for row, bias in zip(layer["weights"], layer["bias"])]
            if layer["thresholds"] is None:
                return found, sums
            codes = [sum(value >= threshold for threshold in layer["thresholds"]) for value in sums]
        raise AssertionError("the last layer has thresholds")

    def dot_products(self, layer, sample, neurons):
        """(weights, acts, length of a sum): an output-stationary element's operands in order."""
        codes = self.activations(sample)[0][layer]
        weights = [w & ((1 << self.layers[layer]["weight_bits"]) - 1)
                   for neuron in neurons for w in self.layers[layer]["weights"][neuron]]
        return weights, codes * len(neurons), len(codes)
