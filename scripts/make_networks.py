#!/usr/bin/env python3
"""Writes the networks of workloads/networks/ from their published structure.

Usage: scripts/make_networks.py [DIR]   (default: workloads/networks)
       scripts/make_networks.py --check (exit 1 when a committed file differs)
"""
import argparse
import json
import pathlib
import sys


class Builder:
    """Collects layers; every method returns the name of the layer it added."""

    def __init__(self, name, description, channels, height, width):
        self.head = {"schema_version": 1, "name": name, "description": description,
                     "input": {"channels": channels, "height": height, "width": width}}
        self.layers = []

    def add(self, name, kind, inputs=None, **attributes):
        layer = {"name": name, "type": kind}
        if inputs is not None:
            layer["inputs"] = inputs
        layer.update({key: value for key, value in attributes.items() if value})
        self.layers.append(layer)
        return name

    def conv(self, name, out, kernel, inputs=None, norm=True, **attributes):
        """A convolution; `norm` folds a batch normalization's scale and shift (2 per channel)."""
        return self.add(name, "conv", inputs, out_channels=out, kernel=kernel, **attributes,
                        other_params=2 * out if norm else 0)

    def depthwise(self, name, channels, stride, function):
        return self.add(name, "depthwise", None, kernel=3, stride=stride, padding=1,
                        other_params=2 * channels, function=function)

    def text(self):
        head = json.dumps(self.head, ensure_ascii=False)[1:-1]
        lines = ",\n    ".join(json.dumps(layer) for layer in self.layers)
        return '{%s,\n  "layers": [\n    %s\n  ]\n}\n' % (head, lines)


def basic_block(net, prefix, source, channels, stride, skip):
    """Two 3x3 convolutions; `skip` is "identity", "conv" (1x1) or "subsample"."""
    net.conv(f"{prefix}.conv1", channels, 3, [source], stride=stride, padding=1, function="relu")
    last = net.conv(f"{prefix}.conv2", channels, 3, padding=1)
    if skip == "conv":
        source = net.conv(f"{prefix}.downsample", channels, 1, [source], stride=stride)
    return net.add(f"{prefix}.add", "add", [last, source], function="relu")


def bottleneck(net, prefix, source, width, stride, project):
    """1x1, 3x3 (with the stride: version 1.5), 1x1 to four times the width."""
    net.conv(f"{prefix}.conv1", width, 1, [source], function="relu")
    net.conv(f"{prefix}.conv2", width, 3, stride=stride, padding=1, function="relu")
    last = net.conv(f"{prefix}.conv3", 4 * width, 1)
    if project:
        source = net.conv(f"{prefix}.downsample", 4 * width, 1, [source], stride=stride)
    return net.add(f"{prefix}.add", "add", [last, source], function="relu")


def imagenet_resnet(name, description, block, depths):
    net = Builder(name, description, 3, 224, 224)
    net.conv("conv1", 64, 7, stride=2, padding=3, function="relu")
    last = net.add("maxpool", "pool", pool="max", kernel=3, stride=2, padding=1)
    for stage, depth in enumerate(depths):
        for unit in range(depth):
            stride = 2 if stage > 0 and unit == 0 else 1
            last = block(net, f"layer{stage + 1}.{unit}", last, 64 << stage, stride, stage, unit)
    net.add("avgpool", "pool", pool="global_average")
    net.add("fc", "gemm", out_channels=1000, bias=True)
    return net


def resnet18():
    def block(net, prefix, last, width, stride, stage, unit):
        return basic_block(net, prefix, last, width, stride, "conv" if stride == 2 else "identity")
    return imagenet_resnet("resnet18", "ResNet-18, ImageNet, 224x224, torchvision's layer names; "
                           "batch normalization folded into other_params", block, [2, 2, 2, 2])


def resnet50():
    def block(net, prefix, last, width, stride, stage, unit):
        return bottleneck(net, prefix, last, width, stride, unit == 0)
    return imagenet_resnet("resnet50", "ResNet-50 v1.5 (stride in the 3x3), ImageNet, 224x224, "
                           "torchvision's layer names; batch normalization folded into "
                           "other_params", block, [3, 4, 6, 3])


NETWORKS = [resnet18, resnet50]


def main():
    default = pathlib.Path(__file__).resolve().parent.parent / "workloads/networks"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=default)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args()
    stale = []
    for make in NETWORKS:
        net = make()
        path = options.folder / f"{net.head['name']}.json"
        if not options.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(net.text(), encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != net.text():
            stale.append(str(path))
    if stale:
        print("differs from what this script writes:", *stale, file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
