#!/usr/bin/env python3
"""The PyTorch side of `rig bench`: the same network, timed in the same way, in eager PyTorch.

Needs torch and torchvision. Prints one JSON object: trainStepMs and inferMs (medians), passes.

    pytorch_peer.py --backbone resnet50 --feedback 4,5,6 --iterations 2 --batch 4 --size 321x321
    pytorch_peer.py --spec case.json --batch 2 --size 65x97
"""
import argparse
import contextlib
import json
import statistics
import time

import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision

LAYERS = {'resnet18': (2, 2, 2, 2), 'resnet34': (3, 4, 6, 3), 'resnet50': (3, 4, 6, 3),
          'resnet101': (3, 4, 23, 3), 'resnet152': (3, 8, 36, 3)}


class Aspp(nn.ModuleList):
    def __init__(self, channels, classes):
        super().__init__(nn.Conv2d(channels, classes, 3, padding=d, dilation=d) for d in (6, 12, 18, 24))

    def forward(self, x):
        return sum(conv(x) for conv in self)


class Gate(nn.Module):
    def __init__(self, feedback, channels, long_range):
        super().__init__()
        self.reduce = nn.Conv2d(long_range, feedback, 1) if long_range else None
        self.conv = nn.Conv2d(feedback * (2 if long_range else 1), channels, 3, padding=1)

    def forward(self, x, feedback, far=None):
        if self.reduce is not None:
            feedback = torch.cat([resize(self.reduce(far), feedback), feedback], 1)
        g = torch.sigmoid(self.conv(F.avg_pool2d(feedback, 2, 2, ceil_mode=True)))
        return x * resize(g, x)


def resize(x, like):
    size = like.shape[-2:]
    return x if x.shape[-2:] == size else F.interpolate(x, size, mode='bilinear', align_corners=False)


class RigNet(nn.Module):
    def __init__(self, block, layers, width, stride, head, classes, unroll, routing, feedback, iterations):
        super().__init__()
        kind = {'basic': torchvision.models.resnet.BasicBlock,
                'bottleneck': torchvision.models.resnet.Bottleneck}[block]
        if width != 64:
            raise SystemExit('width %d: this script knows torchvision\'s own, 64' % width)
        net = torchvision.models.ResNet(
            kind, list(layers), replace_stride_with_dilation=[False, stride <= 8, stride <= 16])
        stem = nn.Sequential(net.conv1, net.bn1, net.relu, net.maxpool)
        deep = 512 * kind.expansion
        classifier = Aspp(deep, classes) if head == 'aspp' else nn.Conv2d(deep, classes, 1)
        self.blocks = nn.ModuleList([stem, net.layer1, net.layer2, net.layer3, net.layer4, classifier])
        e = kind.expansion
        ins = [3, 64, 64 * e, 128 * e, 256 * e, 512 * e]
        outs = ins[1:] + [classes]
        self.unroll, self.routing, self.iterations = unroll, routing, iterations
        self.gates = nn.ModuleDict(
            {str(k): Gate(classes if routing == 'last' else outs[k - 1], ins[k - 1],
                          classes if routing == 'multi-range' else 0) for k in feedback})
        self.first = min(feedback, default=7)

    def gate(self, k, x, y, last):
        if self.routing == 'last':
            return self.gates[str(k)](x, last)
        return self.gates[str(k)](x, y, last)

    def forward(self, image):
        x, last, logits = image, {}, []
        if self.unroll == 'sequential':
            for k, block in enumerate(self.blocks, 1):
                y = block(x)
                for _ in range(self.iterations - 1 if str(k) in self.gates else 0):
                    y = block(self.gates[str(k)](x, y))
                x = y
            return [x]
        for k, block in enumerate(self.blocks[:self.first - 1], 1):
            x = block(x)
        shared = x
        for t in range(self.iterations):
            x, now = shared, {}
            for k in range(self.first, 7):
                if t and str(k) in self.gates:
                    x = self.gate(k, x, last[k], last[6])
                x = now[k] = self.blocks[k - 1](x)
            last = now
            logits.append(x)
        return logits or [shared]


def timed(body, passes):
    body()
    times = []
    for _ in range(passes):
        start = time.perf_counter()
        body()
        times.append(1000 * (time.perf_counter() - start))
    return round(statistics.median(times), 1)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--spec')
    a.add_argument('--backbone', default='resnet50', choices=LAYERS)
    a.add_argument('--output-stride', type=int, default=32)
    a.add_argument('--head', default='fcn', choices=['fcn', 'aspp'])
    a.add_argument('--classes', type=int, default=21)
    a.add_argument('--unroll', default='parallel', choices=['feed-forward', 'sequential', 'parallel'])
    a.add_argument('--routing', default='own', choices=['own', 'multi-range', 'last'])
    a.add_argument('--feedback', default='')
    a.add_argument('--iterations', type=int, default=1)
    a.add_argument('--batch', type=int, default=4)
    a.add_argument('--size', default='321x321')
    a.add_argument('--passes', type=int, default=5)
    a.add_argument('--precision', default='fp32', choices=['fp32', 'bf16'])
    a.add_argument('--channels-last', action='store_true')
    a.add_argument('--threads', type=int, default=0)
    a.add_argument('--device', default='cpu')
    a.add_argument('--only', choices=['train', 'infer'])
    o = a.parse_args()
    if o.threads:
        torch.set_num_threads(o.threads)
    if o.spec:
        s = json.load(open(o.spec))
        s = s.get('spec', s)
        net = RigNet(s['block'], s['layers'], s['width'], s['output_stride'], s['head'], s['classes'],
                     s['unroll'], s.get('routing', 'own'), s['feedback'], s['iterations'])
        classes = s['classes']
    else:
        feedback = [int(k) for k in o.feedback.split(',') if k]
        kind = 'basic' if o.backbone in ('resnet18', 'resnet34') else 'bottleneck'
        net = RigNet(kind, LAYERS[o.backbone], 64, o.output_stride, o.head, o.classes, o.unroll, o.routing,
                     feedback, o.iterations)
        classes = o.classes
    height, width = map(int, o.size.split('x'))
    torch.manual_seed(0)
    device = torch.device(o.device)
    net = net.to(device)
    image = torch.randn(o.batch, 3, height, width, device=device)
    if o.channels_last:
        net, image = net.to(memory_format=torch.channels_last), image.to(memory_format=torch.channels_last)
    label = torch.randint(0, classes, (o.batch, height, width), device=device)
    label[torch.rand(label.shape, device=device) < 0.1] = 255
    low = lambda: (torch.autocast(device.type, torch.bfloat16) if o.precision == 'bf16'
                   else contextlib.nullcontext())
    wait = torch.cuda.synchronize if device.type == 'cuda' else lambda: None
    sgd = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9, weight_decay=5e-4)

    def step():
        sgd.zero_grad()
        with low():
            logits = net(image)[-1]
        up = F.interpolate(logits.float(), (height, width), mode='bilinear', align_corners=False)
        F.cross_entropy(up, label, ignore_index=255).backward()
        sgd.step()
        wait()

    def infer():
        with torch.no_grad(), low():
            for logits in net(image):
                F.interpolate(logits.float(), (height, width), mode='bilinear', align_corners=False).argmax(1)
        wait()

    result = dict(torch=torch.__version__, threads=torch.get_num_threads(), precision=o.precision,
                  channelsLast=o.channels_last, batch=o.batch, size=[height, width], passes=o.passes)
    if o.only != 'infer':
        result['trainStepMs'] = timed(step, o.passes)
    if o.only != 'train':
        net.eval()
        result['inferMs'] = timed(infer, o.passes)
    print(json.dumps(result))


if __name__ == '__main__':
    main()
