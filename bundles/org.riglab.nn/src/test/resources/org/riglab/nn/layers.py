# Writes layers.txt: what PyTorch computes for the cases of TorchLayersTest.
#   python layers.py > layers.txt
# Each case: its name; the shapes and values of the input, the parameters, the output, and the
# gradient of the input for the sum of output times 1, 2, 3, ...
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)


def line(values):
    flat = values.detach().flatten().tolist()
    print(" ".join(map(str, values.shape)), "|", " ".join("%.6g" % v for v in flat))


def case(name, shape, f):
    x = torch.randn(shape)
    x = (x * 1000).round() / 1000
    x.requires_grad_()
    parameters = []
    if isinstance(f, nn.Module):
        parameters = list(f.parameters())
        for p in parameters:
            p.data = (torch.randn(p.shape) * 100).round() / 100
    y = f(x)
    (y * torch.arange(1, y.numel() + 1).reshape(y.shape)).sum().backward()
    print(name)
    line(x)
    for p in parameters:
        line(p)
    print("=")
    line(y)
    line(x.grad)


case("conv-rectangular", (1, 4, 5, 6), nn.Conv2d(4, 2, (3, 1), (2, 1), (1, 0), bias=True))
case("conv-grouped", (1, 4, 6, 5), nn.Conv2d(4, 4, (1, 3), (1, 2), (0, 2), (1, 2), 2, bias=False))
case("conv-padded", (2, 2, 4, 4), nn.Conv2d(2, 3, 2, 2, 1))
case("transposed", (1, 2, 3, 2), nn.ConvTranspose2d(2, 3, 3, 2, 1, 1))
case("transposed-grouped", (1, 4, 2, 3), nn.ConvTranspose2d(4, 2, 2, 3, 0, 2, 2, False, 2))
case("transposed-cut", (1, 1, 3, 3), nn.ConvTranspose2d(1, 2, 2, 2, 2))
case("linear", (2, 3, 4), nn.Linear(4, 3))
case("layer-norm", (2, 3, 4), nn.LayerNorm((3, 4)))
case("group-norm", (2, 4, 2, 3), nn.GroupNorm(2, 4, 1e-3))
case("prelu", (1, 3, 2, 2), nn.PReLU(3))
case("prelu-one", (1, 3, 2, 2), nn.PReLU())
case("gelu", (1, 1, 2, 4), F.gelu)
case("max-pool", (1, 1, 5, 6), lambda x: F.max_pool2d(x, (2, 3), (2, 2), (1, 1), 1, True))
case("avg-pool", (1, 1, 5, 6), lambda x: F.avg_pool2d(x, (2, 3), (2, 2), (1, 1), True, True))
case("avg-pool-inside", (1, 1, 5, 6), lambda x: F.avg_pool2d(x, 3, 2, 1, False, False))
case("nearest", (1, 2, 3, 2), lambda x: F.interpolate(x, (7, 5), mode="nearest"))
case("nearest-down", (1, 1, 7, 5), lambda x: F.interpolate(x, (3, 4), mode="nearest"))
case(
    "aligned",
    (1, 1, 3, 4),
    lambda x: F.interpolate(x, (5, 2), mode="bilinear", align_corners=True),
)
case("shuffle", (1, 8, 2, 3), lambda x: F.pixel_shuffle(x, 2))
case("transposed-groups", (1, 4, 2, 3), nn.ConvTranspose2d(4, 6, 5, 2, 1, 1, 2))
case("transposed-gap", (2, 2, 2, 3), nn.ConvTranspose2d(2, 3, 2, 3, bias=False))
