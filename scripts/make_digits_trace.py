#!/usr/bin/python3
"""Converts the digits network from its JSON form to a trace (workloads/traces/digits_mlp_w4a4).

  scripts/make_digits_trace.py NETWORK.json VECTORS.json FOLDER

The network: layers of integer weights, biases and thresholds; the vectors: inputs and labels.
"""

import argparse
import hashlib
import json
import pathlib
import struct

TYPES = {"int8": ("|i1", "b"), "uint8": ("|u1", "B"), "int64": ("<i8", "q")}
LICENCE = ("BSD-3-Clause. Inputs: UCI optdigits test set as packaged by Debian's python3-sklearn; "
           "weights trained for this project.")


def npy(dtype, dims, values):
    """A version 1.0 .npy file, header padded to 64 bytes."""
    descr, code = TYPES[dtype]
    shape = "(" + ", ".join(map(str, dims)) + (",)" if len(dims) == 1 else ")")
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (-(10 + len(header) + 1) % 64) + "\n"
    return (b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() +
            struct.pack(f"<{len(values)}{code}", *values))


class Folder:
    def __init__(self, path):
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def tensor(self, name, dtype, dims, values):
        content = npy(dtype, dims, values)
        (self.path / f"{name}.npy").write_bytes(content)
        return {"file": f"{name}.npy", "dtype": dtype, "dims": dims,
                "sha256": hashlib.sha256(content).hexdigest()}

    def document(self, trace):
        text = json.dumps(trace, indent=1) + "\n"
        (self.path / "trace.json").write_text(text, encoding="utf-8")
        digest = hashlib.sha256(text.encode()).hexdigest()
        (self.path / "trace.sha256").write_text(f"{digest}  trace.json\n", encoding="utf-8")


def flat(rows):
    return [value for row in rows for value in row]


def codes(name, features, bits):
    return {"name": name, "kind": "codes", "dims": [1, features], "encoding": "twos_complement",
            "bits": bits, "signed": False, "scale": 1.0}


def geometry(index, layer):
    return {"name": layer["name"], "kind": "gemm", "producers": [index - 1],
            "in": [layer["in_features"], 1, 1], "out": [layer["out_features"], 1, 1],
            "has_bias": True}


def node(folder, layer, source, target, index):
    name, rows = layer["name"], layer["weights"]
    dims = [layer["out_features"], layer["in_features"]]
    result = {
        "name": name, "op": "mac", "inputs": [source], "outputs": [target], "layer": index,
        "layout": "channels_last",
        "weights": {"encoding": "twos_complement", "bits": layer["weight_bits"],
                    "signed": layer["weight_signed"],
                    "codes": folder.tensor(f"{name}.codes", "int8", dims, flat(rows)),
                    "scales": 1.0},
        "bias": folder.tensor(f"{name}.bias", "int64", [len(layer["bias"])], layer["bias"])}
    if "thresholds" in layer:
        thresholds = layer["thresholds"]
        dims = [len(thresholds), len(thresholds[0])]
        result["thresholds"] = {
            "values": folder.tensor(f"{name}.values", "int64", dims, flat(thresholds))}
    return result


def make_trace(network, vectors, path):
    folder = Folder(path)
    layers = network["layers"]
    values = [codes("pixels", layers[0]["in_features"], layers[0]["act_in_bits"])]
    for before, layer in zip(layers, layers[1:]):
        values.append(codes(f"{before['name']}_out", layer["in_features"], layer["act_in_bits"]))
    values.append({"name": "logits", "kind": "sums", "dims": [1, layers[-1]["out_features"]]})
    names = [value["name"] for value in values]
    count = len(vectors["inputs"])
    folder.document({
        "schema_version": 1, "name": "digits_mlp_w4a4",
        "description": f"{network['name']}; {network['source']}", "licence": LICENCE,
        "inputs": [{"value": names[0], "dtype": "uint8"}],
        "outputs": [{"value": names[-1], "dtype": "int32"}],
        "samples": {
            "inputs": folder.tensor("samples.inputs", "uint8", [count, len(vectors["inputs"][0])],
                                    flat(vectors["inputs"])),
            "labels": folder.tensor("samples.labels", "int64", [count], vectors["label"])},
        "values": values,
        "layers": [geometry(index, layer) for index, layer in enumerate(layers)],
        "nodes": [node(folder, layer, names[index], names[index + 1], index)
                  for index, layer in enumerate(layers)]})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("network", type=pathlib.Path)
    parser.add_argument("vectors", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    make_trace(json.loads(arguments.network.read_text(encoding="utf-8")),
               json.loads(arguments.vectors.read_text(encoding="utf-8")), arguments.folder)


if __name__ == "__main__":
    main()
