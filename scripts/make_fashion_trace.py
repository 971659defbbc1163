#!/usr/bin/python3
"""Trains and quantizes the Fashion-MNIST network (workloads/traces/fashion_mlp_w4a4).

  scripts/make_fashion_trace.py FOLDER [--data /usr/share/datasets/fashion-mnist] [--epochs 12]

Needs python3-numpy and dataset-fashion-mnist. The recipe, whole:
  784-64-32-10 perceptron with ReLU, pixels / 255, cross-entropy, plain SGD with momentum 0.9 on the
  60,000 training images, batches of 64 in an order drawn from seed 1, He initialization, step 0.05
  falling linearly to 0 over the epochs, no augmentation, no validation set, no second try.
  Quantized after training, nothing retrained: weights to 4 signed bits, symmetric, one scale per
  output channel (last layer: one for all) that minimizes the squared error of its weights over a
  grid of 100 clips; hidden activations to 4 unsigned bits, the scale of each layer such that 99.9 %
  of the positive activations of the first 2,000 training images fit; pixels stay bytes. Biases are
  rounded to the layer's sum. Thresholds stand for scale, rounding half up and ReLU.
Seeds are fixed, but another BLAS sums in another order: repeat it and weights may differ slightly.
"""

import argparse
import gzip
import pathlib

import numpy

from make_digits_trace import Folder, codes, geometry, node

SIZES = [784, 64, 32, 10]
WEIGHT_MAX, ACT_MAX, PIXEL_MAX = 7, 15, 255
CALIBRATION_IMAGES, FIT_PERCENT = 2000, 99.9
LICENCE = ("MIT: Fashion-MNIST, Zalando SE, as packaged in Debian's dataset-fashion-mnist; weights "
           "trained for this project.")


def idx(path):
    raw = gzip.decompress(path.read_bytes())
    axes = raw[3]
    dims = numpy.frombuffer(raw, ">u4", axes, 4).astype(int)
    return numpy.frombuffer(raw, numpy.uint8, -1, 4 + 4 * axes).reshape(dims)


def load(data, part):
    images = idx(data / f"{part}-images-idx3-ubyte.gz")
    return images.reshape(len(images), -1), idx(data / f"{part}-labels-idx1-ubyte.gz")


def forward(layers, x):
    activations = [x]
    for index, (weights, bias) in enumerate(layers):
        x = x @ weights + bias
        if index + 1 < len(layers):
            x = numpy.maximum(x, 0)
        activations.append(x)
    return activations


def step(layers, momenta, x, labels, rate):
    activations = forward(layers, x)
    logits = activations[-1]
    grad = numpy.exp(logits - logits.max(axis=1, keepdims=True))
    grad /= grad.sum(axis=1, keepdims=True)
    grad[numpy.arange(len(labels)), labels] -= 1
    grad /= len(labels)
    for index in reversed(range(len(layers))):
        weights, bias = layers[index]
        slopes = (activations[index].T @ grad, grad.sum(axis=0))
        if index > 0:
            grad = (grad @ weights.T) * (activations[index] > 0)
        for value, slope, momentum in zip((weights, bias), slopes, momenta[index]):
            momentum *= 0.9
            momentum -= rate * slope
            value += momentum


def train(images, labels, epochs):
    random = numpy.random.default_rng(1)
    layers = [(random.normal(0, (2 / before) ** 0.5, (before, after)).astype(numpy.float32),
               numpy.zeros(after, numpy.float32)) for before, after in zip(SIZES, SIZES[1:])]
    momenta = [(numpy.zeros_like(w), numpy.zeros_like(b)) for w, b in layers]
    x = images.astype(numpy.float32) / PIXEL_MAX
    batches = len(x) // 64
    for epoch in range(epochs):
        order = random.permutation(len(x))
        for batch in range(batches):
            chosen = order[batch * 64:batch * 64 + 64]
            done = (epoch * batches + batch) / (epochs * batches)
            step(layers, momenta, x[chosen], labels[chosen], 0.05 * (1 - done))
    return layers


def weight_scale(weights):
    """The scale whose codes have the least squared error, of 100 clips."""
    largest = float(numpy.abs(weights).max())
    best = None
    for clip in range(1, 101):
        scale = largest * clip / 100 / WEIGHT_MAX
        rounded = numpy.clip(numpy.rint(weights / scale), -WEIGHT_MAX, WEIGHT_MAX)
        error = float(((rounded * scale - weights) ** 2).sum())
        if best is None or error < best[0]:
            best = (error, scale)
    return best[1]


def quantize(layers, images):
    """Layers as make_digits_trace takes them."""
    sample = images[:CALIBRATION_IMAGES].astype(numpy.float32) / PIXEL_MAX
    activations = forward(layers, sample)
    act_scale, result = 1 / PIXEL_MAX, []
    for index, (weights, bias) in enumerate(layers):
        last = index + 1 == len(layers)
        rows = weights.T
        scales = numpy.array([weight_scale(rows)] * len(rows) if last
                             else [weight_scale(row) for row in rows])
        integers = numpy.clip(numpy.rint(rows / scales[:, None]), -WEIGHT_MAX, WEIGHT_MAX)
        sum_scales = scales * act_scale
        layer = {"name": f"fc{index}", "in_features": rows.shape[1], "out_features": rows.shape[0],
                 "weight_bits": 4, "weight_signed": True, "act_in_bits": 8 if index == 0 else 4,
                 "weights": integers.astype(int).tolist(),
                 "bias": numpy.rint(bias / sum_scales).astype(int).tolist()}
        if not last:
            positive = activations[index + 1][activations[index + 1] > 0]
            act_scale = float(numpy.percentile(positive, FIT_PERCENT)) / ACT_MAX
            levels = numpy.arange(1, ACT_MAX + 1) - 0.5
            layer["thresholds"] = numpy.ceil(
                levels[None, :] * act_scale / sum_scales[:, None]).astype(int).tolist()
        result.append(layer)
    return result


def write(layers, accuracy, path):
    folder = Folder(path)
    values = [codes("pixels", SIZES[0], 8)]
    for layer in layers[1:]:
        values.append(codes(f"fc{int(layer['name'][2:]) - 1}_out", layer["in_features"], 4))
    values.append({"name": "logits", "kind": "sums", "dims": [1, SIZES[-1]]})
    names = [value["name"] for value in values]
    folder.document({
        "schema_version": 1, "name": "fashion_mlp_w4a4",
        "description": "784-64-32-10 perceptron for Fashion-MNIST, trained in float and quantized "
                       "after training by scripts/make_fashion_trace.py; float top-1 on the 10,000 "
                       f"test images {accuracy:.4f}", "licence": LICENCE,
        "inputs": [{"value": names[0], "dtype": "uint8"}],
        "outputs": [{"value": names[-1], "dtype": "int32"}],
        "values": values,
        "layers": [geometry(index, layer) for index, layer in enumerate(layers)],
        "nodes": [node(folder, layer, names[index], names[index + 1], index)
                  for index, layer in enumerate(layers)]})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--data", type=pathlib.Path,
                        default=pathlib.Path("/usr/share/datasets/fashion-mnist"))
    parser.add_argument("--epochs", type=int, default=12)
    arguments = parser.parse_args()
    images, labels = load(arguments.data, "train")
    layers = train(images, labels, arguments.epochs)
    test_images, test_labels = load(arguments.data, "t10k")
    logits = forward(layers, test_images.astype(numpy.float32) / PIXEL_MAX)[-1]
    accuracy = float((logits.argmax(axis=1) == test_labels).mean())
    print(f"float top-1 {accuracy:.4f}")
    write(quantize(layers, images), accuracy, arguments.folder)


if __name__ == "__main__":
    main()
