#!/usr/bin/env python3
"""Reference numbers of losses, truncated back-propagation, multi-scale inputs and parameter groups, in PyTorch.

    python3 training.py > ../resources/org/riglab/networks/internal/training.json

Inputs and weights are sines of their index, so that the tests make the same ones. Computed in double precision.
"""
import json
import math

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
VOID = 255


def sines(shape, scale, step, phase):
    n = math.prod(shape)
    return (scale * torch.sin(step * torch.arange(n, dtype=torch.float64) + phase)).float().double().reshape(shape)


def labels(n, h, w, classes):
    i = torch.arange(n * h * w)
    label = (i * 7 + i // 5) % (classes + 1)
    return torch.where(label == classes, VOID, label).reshape(n, h, w)


def digest(t):
    """Two numbers that show any difference: the norm, and the product with cosines."""
    t = t.reshape(-1)
    product = (t * torch.cos(0.9 * torch.arange(len(t)))).sum()
    return [float('%.9g' % v) for v in (t.norm().item(), product.item())]


def resize(x, h, w):
    return F.interpolate(x, size=(h, w), mode='bilinear', align_corners=False)


# ---------------------------------------------------------------- losses
def loss(logits, label, weights, superclasses, fine):
    """Mean over the pixels that count, each with the weight of its class."""
    logs = logits.log_softmax(1)
    counts = label != VOID
    target = torch.where(counts, label, 0)
    value = fine * logs.gather(1, target[:, None])[:, 0]
    if superclasses:
        s = torch.tensor(superclasses)
        coarse = torch.stack([logs[:, s == k].logsumexp(1) for k in range(max(superclasses) + 1)], 1)
        value = value + (1 - fine) * coarse.gather(1, s[target][:, None])[:, 0]
    w = torch.tensor(weights)[target] if weights else torch.ones_like(value)
    w = w * counts
    return -(w * value).sum() / w.sum()


def objective(all_logits, label, iteration_weights, weights, superclasses):
    n = len(all_logits)
    if not iteration_weights:
        iteration_weights = [1] * n if superclasses else [0] * (n - 1) + [1]
    return sum(
        iteration_weights[t]
        * loss(resize(y, *label.shape[1:]), label, weights, superclasses, t / (n - 1) if superclasses else 1)
        for t, y in enumerate(all_logits)
    )


def losses():
    weights, superclasses = [0.5, 2, 1, 0.25, 3], [0, 1, 1, 2, 0]
    label = labels(2, 6, 7, 5)
    result = {}
    for name, i, w, s in [
        ('last', [], [], []),
        ('weighted', [0.3, 0.5, 1], [], []),
        ('classes', [0.3, 0, 1], weights, []),
        ('coarse', [], [], superclasses),
        ('everything', [0.3, 0.5, 1], weights, superclasses),
    ]:
        logits = [sines((2, 5, 3, 4), 3, 0.7, t).requires_grad_() for t in range(3)]
        value = objective(logits, label, i, w, s)
        value.backward()
        result[name] = {
            'loss': value.item(),
            'gradients': [digest(y.grad if y.grad is not None else torch.zeros(120)) for y in logits],
        }
    return result


# ---------------------------------------------------------------- multi-scale inputs
def multi_scale():
    """As DeepLabV2: loss on each scale's logits and on their maximum, labels at the size of the logits (nearest)."""
    image = sines((2, 3, 11, 13), 1, 0.37, 0)
    small = [resize(image, int(11 * s), int(13 * s)) for s in (1, 0.75, 0.5)]
    fused = torch.stack([resize(x, 11, 13) for x in small]).max(0)[0]
    result = {'sizes': [list(x.shape[2:]) for x in small], 'fused': digest(fused)}

    label = labels(2, 17, 18, 4)
    logits = [[sines((2, 4, h, w), 3, 0.7, 2 * k + t).requires_grad_() for t in range(2)]
              for k, (h, w) in enumerate([(6, 7), (4, 5), (3, 3)])]
    fused = [torch.stack([resize(s[t], 6, 7) for s in logits]).max(0)[0] for t in range(2)]
    value = 0
    for group in logits + [fused]:
        h, w = group[0].shape[2:]
        rows = ((torch.arange(h) + 0.5) * 17 / h).long()
        columns = ((torch.arange(w) + 0.5) * 18 / w).long()
        value = value + objective(group, label[:, rows][:, :, columns], [0.4, 1], [], [])
    value.backward()
    result['loss'] = value.item()
    result['gradients'] = [[digest(y.grad) for y in group] for group in logits]
    return result


# ---------------------------------------------------------------- truncated back-propagation
U, C = 3, 3


class Toy:
    """Three blocks: conv 3x3, relu and avg pool, conv 3x3 and relu, conv 1x1; mul-sigmoid gates."""

    def __init__(self, channels, gates):
        shapes = {
            'backbone.b1.conv.weight': (4, channels, 3, 3), 'backbone.b1.conv.bias': (4,),
            'backbone.b2.conv.weight': (5, 4, 3, 3), 'backbone.b2.conv.bias': (5,),
            'classifier.conv.weight': (C, 5, 1, 1), 'classifier.conv.bias': (C,),
        }
        for k, (x, f, far) in gates.items():
            if far:
                shapes[f'gates.{k}.reduce.weight'], shapes[f'gates.{k}.reduce.bias'] = (f, far, 1, 1), (f,)
            shapes[f'gates.{k}.conv.weight'] = (x, f * (2 if far else 1), 3, 3)
            shapes[f'gates.{k}.conv.bias'] = (x,)
        self.p = {name: sines(shapes[name], 0.5, 1.3, j).requires_grad_() for j, name in enumerate(sorted(shapes))}

    def block(self, k, x):
        p = self.p
        if k == 1:
            return F.avg_pool2d(F.conv2d(x, p['backbone.b1.conv.weight'], p['backbone.b1.conv.bias'], 1, 1).relu(), 2, 2)
        if k == 2:
            return F.conv2d(x, p['backbone.b2.conv.weight'], p['backbone.b2.conv.bias'], 1, 1).relu()
        return F.conv2d(x, p['classifier.conv.weight'], p['classifier.conv.bias'])

    def gate(self, k, x, f, far=None):
        p = self.p
        if far is not None:
            f = torch.cat([resize(F.conv2d(far, p[f'gates.{k}.reduce.weight'], p[f'gates.{k}.reduce.bias']), *f.shape[2:]), f], 1)
        f = F.avg_pool2d(f, 2, 2, ceil_mode=True)
        a = F.conv2d(f, p[f'gates.{k}.conv.weight'], p[f'gates.{k}.conv.bias'], 1, 1).sigmoid()
        return x * resize(a, *x.shape[2:])


CHANNELS = {
    'parallel': {2: (4, 5, 0), 3: (5, C, 0)},
    'sequential': {2: (4, 5, 0), 3: (5, C, 0)},
    'parallel-multi-range': {2: (4, 5, C), 3: (5, C, C)},
    'rethinking': {2: (4, C, 0), 3: (5, C, 0)},
    'network-wide': {},
    'network-wide-gated': {1: (3, C, 0)},
}


def toy(strategy):
    return Toy(3 + C if strategy == 'network-wide' else 3, CHANNELS[strategy])


def run(net, strategy, truncate, image):
    def feedback(t, f):
        return f.detach() if truncate and t <= U - truncate + 1 else f

    size, logits = image.shape[2:], []
    if strategy == 'network-wide':
        for t in range(1, U + 1):
            s = torch.zeros(len(image), C, *size) if t == 1 else feedback(t, resize(logits[-1], *size).softmax(1))
            x = torch.cat([image, s], 1)
            for k in (1, 2, 3):
                x = net.block(k, x)
            logits.append(x)
        return logits
    if strategy == 'network-wide-gated':
        for t in range(1, U + 1):
            x = image if t == 1 else net.gate(1, image, feedback(t, logits[-1]))
            for k in (1, 2, 3):
                x = net.block(k, x)
            logits.append(x)
        return logits
    x1 = net.block(1, image)
    if strategy == 'sequential':
        x = x1
        for k in (2, 3):
            y = net.block(k, x)
            for t in range(2, U + 1):
                y = net.block(k, net.gate(k, x, feedback(t, y)))
            x = y
        return [x]
    last = {}
    for t in range(1, U + 1):
        x, features = x1, {}
        for k in (2, 3):
            if t > 1:
                own, far = feedback(t, last[k]), feedback(t, last[3])
                if strategy == 'parallel-multi-range':
                    x = net.gate(k, x, own, far)
                else:
                    x = net.gate(k, x, own if strategy == 'parallel' else far)
            x = features[k] = net.block(k, x)
        logits.append(x)
        last = features
    return logits


def truncation():
    image, label = sines((2, 3, 12, 10), 1, 0.37, 0), labels(2, 12, 10, C)
    result = {}
    for strategy in CHANNELS:
        for truncate in (0, 1, 2):
            for name, weights in ('last', []), ('all', [0.3, 0.5, 1]):
                net = toy(strategy)
                logits = run(net, strategy, truncate, image)
                if len(logits) == 1 and weights:
                    continue
                value = objective(logits, label, weights, [], [])
                value.backward()
                result[f'{strategy} {truncate} {name}'] = {
                    'loss': value.item(),
                    'gradients': {k: digest(torch.zeros(1) if v.grad is None else v.grad) for k, v in net.p.items()},
                }
    return result


# ---------------------------------------------------------------- a whole training
def training():
    """Three steps with everything: Caffe's pixels, two input scales, coarse to fine, groups, poly, truncation."""
    pixels = (torch.arange(2 * 12 * 10 * 3) * 37 + 11) % 256
    rgb = pixels.reshape(2, 12, 10, 3).double()
    mean, std = torch.tensor([104.0, 117, 123]), torch.tensor([60.0, 50, 40])
    image = ((rgb.flip(3) - mean) / std).permute(0, 3, 1, 2)
    label = labels(2, 12, 10, C)
    result = {}
    for strategy in ('parallel', 'parallel-multi-range', 'network-wide', 'network-wide-gated'):
        net = toy(strategy)
        def group(test, factor, decay):
            return {'params': [v for k, v in net.p.items() if test(k)], 'lr': 0, 'weight_decay': decay, 'factor': factor}
        backbone = lambda k: k.startswith('backbone.')
        sgd = torch.optim.SGD([
            group(backbone, 1, 0.05),
            group(lambda k: not backbone(k) and not k.endswith('.bias'), 10, 0.05),
            group(lambda k: not backbone(k) and k.endswith('.bias'), 20, 0),
        ], lr=0.001, momentum=0.9)
        found, before = [], {k: v.detach().clone() for k, v in net.p.items()}
        for step in range(3):
            for g in sgd.param_groups:
                g['lr'] = 0.01 * g['factor'] * (1 - step / 3) ** 0.9
            scales = [run(net, strategy, 2, resize(image, int(12 * s), int(10 * s))) for s in (1, 0.5)]
            h, w = scales[0][0].shape[2:]
            fused = [torch.stack([resize(s[t], h, w) for s in scales]).max(0)[0] for t in range(U)]
            value = 0
            for logits in scales + [fused]:
                h, w = logits[0].shape[2:]
                rows = ((torch.arange(h) + 0.5) * 12 / h).long()
                columns = ((torch.arange(w) + 0.5) * 10 / w).long()
                value = value + objective(logits, label[:, rows][:, :, columns], [0.3, 0.5, 1], [0.5, 2, 1], [0, 1, 1])
            sgd.zero_grad()
            value.backward()
            sgd.step()
            found.append(value.item())
        result[strategy] = {'losses': found, 'changes': {k: digest(v.detach() - before[k]) for k, v in net.p.items()}}
    return result


# ---------------------------------------------------------------- parameter groups
def groups():
    """DeepLab's: backbone x1, weights of classifier and gates x10, their biases x20 and without weight decay."""
    torch.set_default_dtype(torch.float32)
    names = ['backbone.conv1.weight', 'backbone.bn1.bias', 'classifier.weight', 'classifier.bias', 'gates.4.conv.weight', 'gates.4.conv.bias']
    p = {name: torch.nn.Parameter(torch.tensor([1.0 + j, -0.5 * j])) for j, name in enumerate(names)}
    def group(test, factor, decay):
        return {'params': [v for k, v in p.items() if test(k)], 'lr': 0.001 * factor, 'weight_decay': decay, 'factor': factor}
    backbone = lambda k: k.startswith('backbone.')
    sgd = torch.optim.SGD([
        group(backbone, 1, 0.1),
        group(lambda k: not backbone(k) and not k.endswith('.bias'), 10, 0.1),
        group(lambda k: not backbone(k) and k.endswith('.bias'), 20, 0),
    ], lr=0.001, momentum=0.9)
    result = []
    for step in range(3):
        for g in sgd.param_groups:
            g['lr'] = 0.001 * g['factor'] * (1 - step / 3) ** 0.9
        sgd.zero_grad()
        sum((v ** 2).sum() * (j + 1) for j, v in enumerate(p.values())).backward()
        sgd.step()
        result.append({k: v.tolist() for k, v in p.items()})
    return {'after': result}


sections = {'losses': losses(), 'multi_scale': multi_scale(), 'truncation': truncation(), 'training': training(), 'groups': groups()}
print('{')
print(',\n'.join(
    f'"{name}": {{\n' + ',\n'.join(f' "{key}": {json.dumps(value)}' for key, value in section.items()) + '}'
    for name, section in sections.items()) + '}')
