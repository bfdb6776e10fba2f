"""Writes the resource segmenter.json: labels of a small network by several ways of inference.

Run by hand with PyTorch installed. The script also makes sure that the labels tell apart what an
implementation could confuse: the mean of logits instead of probabilities, no flip, other scales.
"""
import itertools
import json
import pathlib

import torch
import torch.nn.functional as F

CLASSES, HEIGHT, WIDTH = 4, 13, 18


def pattern(shape, a, b):
    """Numbers between -1 and 1 by a formula that another language repeats exactly."""
    n = 1
    for side in shape:
        n *= side
    return torch.tensor([((a * i * i + b * i) % 101) / 50 - 1 for i in range(n)]).reshape(shape)


IMAGES = pattern((2, 3, HEIGHT, WIDTH), 3, 17)
WEIGHTS = [pattern((CLASSES, 3, 3, 3), 5, 11), pattern((CLASSES, 3, 3, 3), 7, 2)]


def network(x):
    return [F.conv2d(x, w, stride=2, padding=1) for w in WEIGHTS]


def resize(x, size):
    return F.interpolate(x, size=size, mode="bilinear", align_corners=False)


def starts(size, window, overlap):
    stride = max(1, int(window * (1 - overlap) + 0.5))
    result, start = [], 0
    while start + window < size:
        result.append(start)
        start += stride
    return result + [size - window]


def passes(case, net, fold):
    """What every pass says at the size of the answer; fold is softmax, or nothing."""
    answer = case["answer"]
    for scale, flip in itertools.product(case["scales"], [False, True] if case["flip"] else [False]):
        size = [max(1, int(HEIGHT * scale + 0.5)), max(1, int(WIDTH * scale + 0.5))]
        x = resize(IMAGES, size)
        view = (lambda y: y.flip(3)) if flip else (lambda y: y)
        window = [min(w, s) for w, s in zip(case["window"], size)] or size
        if window == size:
            yield [fold(resize(view(l), answer)) for l in net(view(x))]
            continue
        sums = [torch.zeros(2, CLASSES, *size) for _ in WEIGHTS]
        count = torch.zeros(1, 1, *size)
        for top in starts(size[0], window[0], case["overlap"]):
            for left in starts(size[1], window[1], case["overlap"]):
                rows, columns = slice(top, top + window[0]), slice(left, left + window[1])
                logits = net(view(x[:, :, rows, columns]))
                for total, l in zip(sums, logits):
                    total[:, :, rows, columns] += fold(resize(view(l), window))
                count[:, :, rows, columns] += 1
        yield [resize(total / count, answer) for total in sums]


def mean(case, fold=lambda l: l.softmax(1), net=network):
    every = list(passes(case, net, fold))
    return [sum(p[t] for p in every) / len(every) for t in range(len(WEIGHTS))]


def labels(maps):
    return [m.argmax(1) for m in maps]


def case(name, answer=(HEIGHT, WIDTH), scales=(1.0,), flip=False, window=(), overlap=1 / 3):
    return dict(name=name, answer=list(answer), scales=list(scales), flip=flip,
                window=list(window), overlap=overlap)


CASES = [
    case("plain"),
    case("smaller answer", answer=(5, 4)),
    case("scales", scales=(0.5, 1.0, 1.75)),
    case("scales and flip", scales=(0.75, 1.25), flip=True),
    case("window", window=(8, 8)),
    case("window half overlap", window=(7, 5), overlap=0.5, flip=True),
    case("window wider than image", window=(6, 40)),
    case("window, scales, flip, other answer", answer=(20, 11), scales=(0.5, 1.5), flip=True,
         window=(9, 9), overlap=0.25),
]


def multi_scale(x, scales=(1.0, 0.75, 0.5)):
    """DeepLabV2's input: the largest logit over scales, at the size of scale 1's logits."""
    every = [network(resize(x, [max(1, int(s * r)) for s in x.shape[2:]])) for r in scales]
    return [torch.stack([resize(e[t], every[0][t].shape[2:]) for e in every]).amax(0)
            for t in range(len(WEIGHTS))]


def main():
    rows = []
    for c in CASES:
        for inputs in ([1.0], [1.0, 0.75, 0.5]):
            net = network if len(inputs) == 1 else multi_scale
            maps = mean(c, net=net)
            for m in maps:
                best = m.topk(2, 1).values
                assert (best[:, 0] - best[:, 1]).min() > 1e-5, "a tie in " + c["name"]
            found = labels(maps)
            if c["flip"]:
                assert any((a != b).any() for a, b in zip(found, labels(mean({**c, "flip": False}, net=net))))
            if len(c["scales"]) > 1 or c["flip"] or c["window"]:
                assert any((a != b).any() for a, b in zip(found, labels(mean(c, fold=lambda l: l, net=net))))
            rows.append({**c, "inputScales": inputs,
                         "labels": ["".join(map(str, f.flatten().tolist())) for f in found]})
    target = pathlib.Path(__file__).parent.parent.joinpath(
        "resources/org/riglab/networks/inference/segmenter.json")
    target.write_text("[\n" + ",\n".join(json.dumps(r) for r in rows) + "\n]\n")


main()
