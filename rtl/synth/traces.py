"""Operand streams of real quantized networks: the traces of workloads/traces."""

import ast
import gzip
import json
import pathlib
import struct

from liberty import SynthesisError
from synthesize import ROOT

FORMATS = {"u1": "B", "i1": "b", "i8": "q", "i4": "i", "u2": "H", "i2": "h"}
# A trace that commits no inputs, and whose they are.
FASHION_IMAGES = pathlib.Path("/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz")


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


def read_idx_images(path):
    """Rows of pixels of a gzipped IDX file of bytes."""
    try:
        data = gzip.decompress(path.read_bytes())
    except FileNotFoundError as error:
        raise SynthesisError(f"{path}: no such file; it is in the package 'dataset-fashion-mnist'") from error
    _, count, rows, cols = struct.unpack_from(">4I", data)
    size = rows * cols
    return [list(data[16 + s * size:16 + (s + 1) * size]) for s in range(count)]


class Trace:
    """Codes of weights and activations of every layer, and the network itself."""

    def __init__(self, name):
        self.name = name
        folder = ROOT / "workloads/traces" / name
        trace = json.loads((folder / "trace.json").read_text(encoding="utf-8"))
        self.layers = []
        act_bits = {value["name"]: value.get("bits") for value in trace["values"]}
        for node in trace["nodes"]:
            (outputs, inputs), weights = read_npy(folder / node["weights"]["codes"]["file"])
            self.layers.append({
                "name": node["name"], "weight_bits": node["weights"]["bits"], "act_bits": act_bits[node["inputs"][0]],
                "weights": [weights[n * inputs:(n + 1) * inputs] for n in range(outputs)],
                "bias": read_npy(folder / node["bias"]["file"])[1],
                "thresholds": self.read_thresholds(folder, node.get("thresholds"), outputs)})
        if "samples" in trace:
            (count, pixels), codes = read_npy(folder / trace["samples"]["inputs"]["file"])
            self.samples = [codes[s * pixels:(s + 1) * pixels] for s in range(count)]
        else:
            self.samples = read_idx_images(FASHION_IMAGES)

    @staticmethod
    def read_thresholds(folder, entry, outputs):
        """One list per neuron, or None for a layer whose outputs are sums."""
        if entry is None:
            return None
        shape, values = read_npy(folder / entry["values"]["file"])
        if len(shape) == 1 or shape[0] == 1:
            return [values] * outputs
        return [values[n * shape[1]:(n + 1) * shape[1]] for n in range(outputs)]

    def activations(self, sample):
        """The operands of every layer for one sample, and the logits."""
        codes, found = self.samples[sample], []
        for layer in self.layers:
            found.append(codes)
            sums = [bias + sum(w * a for w, a in zip(row, codes))
                    for row, bias in zip(layer["weights"], layer["bias"])]
            if layer["thresholds"] is None:
                return found, sums
            codes = [sum(value >= threshold for threshold in thresholds)
                     for value, thresholds in zip(sums, layer["thresholds"])]
        raise AssertionError("the last layer has thresholds")

    def dot_products(self, layer, sample, neurons):
        """(weights, acts, length of a sum): an output-stationary element's operands in order."""
        codes = self.activations(sample)[0][layer]
        weights = [w & ((1 << self.layers[layer]["weight_bits"]) - 1)
                   for neuron in neurons for w in self.layers[layer]["weights"][neuron]]
        return weights, codes * len(neurons), len(codes)
