"""ESPNet in numbers: python3 reference.py > ../resources/example/espnet/numbers.txt

Weights come from a formula, so that the test can make the same ones. Made with torch 2.7.1.
"""

import zlib

import torch
import torch.nn as nn

P, Q, WIDTH, CLASSES = 1, 2, 7, 3


class Chain(nn.Module):
    def __init__(self, **layers):
        super().__init__()
        for name, layer in layers.items():
            self.add_module(name, layer)

    def forward(self, x):
        for layer in self.children():
            x = layer(x)
        return x


def conv(i, o, k, s=1, d=1):
    return nn.Conv2d(i, o, k, s, k // 2 * d, d, bias=False)


def norm_act(c):
    return dict(bn=nn.BatchNorm2d(c, eps=1e-3), act=nn.PReLU(c))


def double(i, o):
    return nn.ConvTranspose2d(i, o, 2, 2, bias=False)


class Esp(nn.Module):
    def __init__(self, i, o, strided):
        super().__init__()
        n = o // 5
        self.residual = not strided and i == o
        self.c1 = Chain(conv=conv(i, n, 3, 2) if strided else conv(i, n, 1))
        for d in 1, 2, 4, 8, 16:
            self.add_module(f"d{d}", Chain(conv=conv(n, o - 4 * n if d == 1 else n, 3, 1, d)))
        if strided:
            self.bn, self.act = norm_act(o).values()
            self.end = [self.bn, self.act]
        else:
            self.bn = Chain(**norm_act(o))
            self.end = [self.bn]

    def forward(self, x):
        y = self.c1(x)
        parts = [self.d1(y), self.d2(y)]
        for layer in self.d4, self.d8, self.d16:
            parts.append(parts[-1] + layer(y))
        y = torch.cat(parts, 1)
        y = x + y if self.residual else y
        for layer in self.end:
            y = layer(y)
        return y


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        e = self.encoder = nn.Module()
        e.level1 = Chain(conv=conv(3, 16, 3, 2), **norm_act(16))
        e.b1 = Chain(**norm_act(19))
        e.level2_0 = Esp(19, 64, True)
        e.level2 = nn.Sequential(*[Esp(64, 64, False) for _ in range(P)])
        e.b2 = Chain(**norm_act(131))
        e.level3_0 = Esp(131, 128, True)
        e.level3 = nn.Sequential(*[Esp(128, 128, False) for _ in range(Q)])
        e.b3 = Chain(**norm_act(256))
        e.classifier = Chain(conv=conv(256, WIDTH, 1))
        self.level3_C = Chain(conv=conv(131, WIDTH, 1))
        self.br = nn.BatchNorm2d(WIDTH, eps=1e-3)
        self.conv = Chain(conv=conv(19 + WIDTH, WIDTH, 3), **norm_act(WIDTH))
        self.up_l3 = nn.Sequential(double(WIDTH, WIDTH))
        self.combine_l2_l3 = nn.Sequential(
            Chain(**norm_act(2 * WIDTH)), Esp(2 * WIDTH, WIDTH, False)
        )
        self.up_l2 = nn.Sequential(double(WIDTH, WIDTH), Chain(**norm_act(WIDTH)))
        self.classifier = double(WIDTH, CLASSES)

    def forward(self, image):
        e = self.encoder
        half = nn.AvgPool2d(3, 2, 1)
        f1 = e.b1(torch.cat([e.level1(image), half(image)], 1))
        s2 = e.level2_0(f1)
        f2 = e.b2(torch.cat([e.level2(s2), s2, half(half(image))], 1))
        s3 = e.level3_0(f2)
        f3 = e.b3(torch.cat([s3, e.level3(s3)], 1))
        coarse = self.up_l3(self.br(e.classifier(f3)))
        both = self.combine_l2_l3(torch.cat([self.level3_C(f2), coarse], 1))
        return self.classifier(self.conv(torch.cat([self.up_l2(both), f1], 1)))


def value(name, shape):
    """As many numbers from -1 to 1 as the shape has, scaled by what the name is."""
    state = zlib.crc32(name.encode())
    values = []
    for _ in range(shape.numel()):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append((state >> 8) / 2**23 - 1)
    u = torch.tensor(values, dtype=torch.float64).reshape(shape)
    if name.endswith("running_var"):
        u = 1 + u / 2
    elif name == "image":
        pass
    elif len(shape) == 4:
        u = u * (6 / shape[1:].numel()) ** 0.5
    elif name.endswith("bn.weight") or name == "br.weight":
        u = 1 + u / 5
    else:
        u = u / 5
    return u.float()


net = Net()
state = {n: value(n, t.shape) for n, t in net.state_dict().items() if t.dtype.is_floating_point}
net.load_state_dict(state, strict=False)
image = value("image", torch.Size([1, 3, 32, 48]))
for mode in "eval", "train":
    net.train(mode == "train")
    net.load_state_dict(state, strict=False)
    net.zero_grad()
    logits = net(image)
    (logits * logits).sum().backward()
    first = net.encoder.level1.conv.weight.grad
    for name, t in ("logits", logits[:, :, ::4, ::4]), ("gradient", first):
        print(f"{name}.{mode}", *(f"{v:.9g}" for v in t.detach().flatten().tolist()))
print("tensors", len(state))
