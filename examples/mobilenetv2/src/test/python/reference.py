"""torchvision's MobileNetV2 in numbers: python3 reference.py > ../resources/example/mobilenet/numbers.txt

Weights come from a formula, so that the test can make the same ones. torchvision has output stride
32 only: for 16 and 8, strides are set to 1 and what follows is dilated, as DeepLab does.
Made with torch 1.13.1 and torchvision 0.14.1.
"""

import zlib

import torch
import torchvision

WIDTH = 0.5
CLASSES = 3


def uniform(name, count):
    """count numbers from -1 to 1 that depend on the name."""
    state = zlib.crc32(name.encode())
    values = []
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append((state >> 8) / 2**23 - 1)
    return values


def value(name, shape):
    u = torch.tensor(uniform(name, shape.numel()), dtype=torch.float64).reshape(shape)
    if name.endswith("running_var"):
        u = 1 + u / 2
    elif len(shape) == 4:
        u = u * (6 / shape[1:].numel()) ** 0.5
    elif name.endswith("weight"):
        u = 1 + u / 5
    else:
        u = u / 5
    return u.float()


def network(stride):
    model = torchvision.models.mobilenet_v2(weights=None, width_mult=WIDTH)
    features = model.features
    total, dilation = 1, 1
    for layer in features:
        for conv in [m for m in layer.modules() if isinstance(m, torch.nn.Conv2d)]:
            if conv.kernel_size == (1, 1):
                continue
            before, step = dilation, conv.stride[0]
            if total * step > stride:
                dilation *= step
                step = 1
                conv.stride = (1, 1)
            total *= step
            # a unit that had a stride keeps the dilation of those before it
            conv.dilation = (before, before)
            conv.padding = (before, before)
    net = torch.nn.Module()
    net.backbone = torch.nn.Module()
    net.backbone.features = features
    net.classifier = torch.nn.Conv2d(model.last_channel, CLASSES, 1)
    net.load_state_dict(
        {
            name: value(name, v.shape) if v.is_floating_point() else v
            for name, v in net.state_dict().items()
        }
    )
    return net.eval()


def line(name, tensor):
    print(name, *("%.6g" % v for v in tensor.flatten().tolist()))


for stride in (32, 16, 8):
    net = network(stride)
    # a photo without activations so near to a kink of ReLU6 that rounding decides the gradient
    image = value("photo", torch.Size([1, 3, 65, 49])).requires_grad_()
    logits = net.classifier(net.backbone.features(image))
    logits.backward(value("gradient", logits.shape))
    line("logits.%d" % stride, logits)
    line("gradient.%d" % stride, image.grad[0, :, ::16, ::16])
