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
        layer.update({key: value for key, value in attributes.items()
                      if value or key == "flatten"})
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
        head = ",\n".join(f'  "{key}": {json.dumps(value)}' for key, value in self.head.items())
        layers = ",\n".join(f"    {json.dumps(layer)}" for layer in self.layers)
        return "{\n" + head + ',\n  "layers": [\n' + layers + "\n  ]\n}\n"


def basic_block(net, prefix, source, channels, stride, skip):
    """Two 3x3 convolutions; `skip` is "identity", "conv" (1x1) or "subsample" (every second pixel,
    missing channels zero: option A of He et al., CVPR 2016)."""
    net.conv(f"{prefix}.conv1", channels, 3, [source], stride=stride, padding=1, function="relu")
    last = net.conv(f"{prefix}.conv2", channels, 3, padding=1)
    if skip == "conv":
        source = net.conv(f"{prefix}.downsample", channels, 1, [source], stride=stride)
    if skip == "subsample":
        source = net.add(f"{prefix}.subsample", "pool", [source], pool="max", kernel=1,
                         stride=stride)
    return net.add(f"{prefix}.add", "add", [last, source], pad_channels=skip == "subsample",
                   function="relu")


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
                           "torchvision's structure; batch normalization as "
                           "other_params", block, [3, 4, 6, 3])


def alexnet():
    net = Builder("alexnet", "AlexNet, ImageNet, 224x224: torchvision's single-tower variant "
                  "(64-192-384-256-256 channels, no groups)", 3, 224, 224)
    plan = [(64, 11, 4, 2, True), (192, 5, 1, 2, True), (384, 3, 1, 1, False),
            (256, 3, 1, 1, False), (256, 3, 1, 1, True)]
    for index, (out, kernel, stride, padding, pool) in enumerate(plan, 1):
        net.conv(f"conv{index}", out, kernel, norm=False, bias=True, stride=stride,
                 padding=padding, function="relu")
        if pool:
            net.add(f"pool{index}", "pool", pool="max", kernel=3, stride=2)
    net.add("fc6", "gemm", flatten=True, out_channels=4096, bias=True, function="relu")
    net.add("fc7", "gemm", out_channels=4096, bias=True, function="relu")
    net.add("fc8", "gemm", out_channels=1000, bias=True)
    return net


def vgg_features(net, plan, norm):
    """Stages of 3x3 convolutions (how many, channels), each ended by a 2x2 max pool."""
    for stage, (count, out) in enumerate(plan, 1):
        for index in range(1, count + 1):
            net.conv(f"conv{stage}_{index}", out, 3, norm=norm, bias=not norm, padding=1,
                     function="relu")
        net.add(f"pool{stage}", "pool", pool="max", kernel=2, stride=2)


def vgg16():
    net = Builder("vgg16", "VGG-16 (configuration D, no batch normalization), ImageNet, 224x224",
                  3, 224, 224)
    vgg_features(net, [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)], norm=False)
    net.add("fc6", "gemm", flatten=True, out_channels=4096, bias=True, function="relu")
    net.add("fc7", "gemm", out_channels=4096, bias=True, function="relu")
    net.add("fc8", "gemm", out_channels=1000, bias=True)
    return net


def vgg19_cifar10():
    net = Builder("vgg19_cifar10", "VGG-19 for CIFAR-10, 32x32: 16 convolutions with batch "
                  "normalization (other_params) and one 512x10 classifier", 3, 32, 32)
    vgg_features(net, [(2, 64), (2, 128), (4, 256), (4, 512), (4, 512)], norm=True)
    net.add("fc", "gemm", out_channels=10, bias=True)
    return net


def cifar_resnet(name, description, stages, skip_of):
    net = Builder(name, description, 3, 32, 32)
    last = net.conv("conv1", stages[0][1], 3, padding=1, function="relu")
    for stage, (depth, width) in enumerate(stages):
        for unit in range(depth):
            stride = 2 if stage > 0 and unit == 0 else 1
            last = basic_block(net, f"layer{stage + 1}.{unit}", last, width, stride,
                               skip_of(stride))
    net.add("avgpool", "pool", pool="global_average")
    return net


RESNET18_STAGES = [(2, 64), (2, 128), (2, 256), (2, 512)]


def resnet18_cifar100():
    net = cifar_resnet("resnet18_cifar100", "ResNet-18 for CIFAR-100, 32x32: 3x3 stem without "
                       "pooling, 1x1 convolutions on the skips that change shape",
                       RESNET18_STAGES, lambda stride: "conv" if stride == 2 else "identity")
    net.add("fc", "gemm", out_channels=100, bias=True)
    return net


def resnet18_cifar100_skip_conv():
    net = cifar_resnet("resnet18_cifar100_skip_conv", "ResNet-18 for CIFAR-100, 32x32, with every "
                       "skip counted as a 1x1 convolution, identity skips too: the count behind "
                       "the energy totals of arXiv 2101.04354", RESNET18_STAGES,
                       lambda stride: "conv")
    net.add("fc", "gemm", out_channels=100, bias=True)
    return net


def resnet20_cifar10():
    net = cifar_resnet("resnet20_cifar10", "ResNet-20 for CIFAR-10, 32x32, parameter-free skips "
                       "(option A: subsample and pad channels with zeros)",
                       [(3, 16), (3, 32), (3, 64)],
                       lambda stride: "subsample" if stride == 2 else "identity")
    net.add("linear", "gemm", out_channels=10, bias=True)
    return net


def mobilenet_v1():
    net = Builder("mobilenet_v1", "MobileNetV1 1.0, ImageNet, 224x224; batch normalization as "
                  "other_params", 3, 224, 224)
    net.conv("conv0", 32, 3, stride=2, padding=1, function="relu6")
    channels = 32
    plan = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 5
    for index, (out, stride) in enumerate(plan + [(1024, 2), (1024, 1)], 1):
        net.depthwise(f"block{index}.depthwise", channels, stride, "relu6")
        net.conv(f"block{index}.pointwise", out, 1, function="relu6")
        channels = out
    net.add("avgpool", "pool", pool="global_average")
    net.add("fc", "gemm", out_channels=1000, bias=True)
    return net


def inverted_residual(net, prefix, source, channels, out, stride, factor):
    """Expand 1x1, depthwise 3x3, project 1x1 without activation; a skip when the shape allows."""
    if factor != 1:
        net.conv(f"{prefix}.expand", channels * factor, 1, function="relu6")
    net.depthwise(f"{prefix}.depthwise", channels * factor, stride, "relu6")
    last = net.conv(f"{prefix}.project", out, 1)
    if stride == 1 and channels == out:
        last = net.add(f"{prefix}.add", "add", [last, source])
    return last


def mobilenet_v2():
    net = Builder("mobilenet_v2", "MobileNetV2 1.0, ImageNet, 224x224; batch normalization as "
                  "other_params", 3, 224, 224)
    last = net.conv("conv0", 32, 3, stride=2, padding=1, function="relu6")
    channels, index = 32, 0
    for factor, out, count, stride in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2),
                                       (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]:
        for unit in range(count):
            index += 1
            last = inverted_residual(net, f"block{index}", last, channels, out,
                                     stride if unit == 0 else 1, factor)
            channels = out
    net.conv("head", 1280, 1, function="relu6")
    net.add("avgpool", "pool", pool="global_average")
    net.add("fc", "gemm", out_channels=1000, bias=True)
    return net


def transformer_layer(net, prefix, source, width, heads, hidden):
    """Post-norm encoder layer of Devlin et al., NAACL 2019."""
    def linear(name, out, inputs):
        return net.add(f"{prefix}.{name}", "gemm", inputs, out_channels=out, flatten=False,
                       bias=True)

    def norm(name, inputs):
        return net.add(f"{prefix}.{name}", "activation", inputs, function="layer_norm",
                       other_params=2 * width)

    query, key, value = (linear(name, width, [source]) for name in ("query", "key", "value"))
    net.add(f"{prefix}.scores", "matmul", [query, key], heads=heads, transpose_second=True)
    weights = net.add(f"{prefix}.softmax", "activation", function="softmax")
    context = net.add(f"{prefix}.context", "matmul", [weights, value], heads=heads)
    attended = linear("attention_output", width, [context])
    added = net.add(f"{prefix}.attention_add", "add", [attended, source])
    source = norm("attention_norm", [added])
    linear("intermediate", hidden, [source])
    active = net.add(f"{prefix}.gelu", "activation", function="gelu")
    output = linear("output", width, [active])
    added = net.add(f"{prefix}.output_add", "add", [output, source])
    return norm("output_norm", [added])


def bert_base_128():
    net = Builder("bert_base_128", "BERT-base encoder, sequence length 128: 12 layers over the "
                  "embedded tokens; embeddings and pooler are not part of it", 768, 128, 1)
    last = "input"
    for index in range(12):
        last = transformer_layer(net, f"layer{index}", last, 768, 12, 3072)
    return net


NETWORKS = [alexnet, vgg16, vgg19_cifar10, resnet18, resnet50, resnet18_cifar100,
            resnet18_cifar100_skip_conv, resnet20_cifar10, mobilenet_v1, mobilenet_v2,
            bert_base_128]


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
