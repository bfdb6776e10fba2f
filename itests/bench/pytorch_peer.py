#!/usr/bin/env python3
"""The PyTorch side of `rig bench`: the same network, timed in the same way.

Needs torch and torchvision (peers.sh). Prints one JSON object per measurement: trainStepMs and
inferMs (medians of wall time), trainStepCpuMs and inferCpuMs (medians of the process's CPU time,
which other work on the machine changes little), passes.

    pytorch_peer.py --backbone resnet50 --feedback 4,5,6 --iterations 2 --batch 4 --size 321x321
    pytorch_peer.py --spec case.json --batch 2 --size 65x97
    pytorch_peer.py --peers --only train ...    eager and compiled, in both precisions, and for
                                                inference ONNX Runtime and OpenVINO
    pytorch_peer.py --peers --rounds ...        prepares all of them, then measures once for each
                                                line of standard input (compare.py)
"""
import argparse
import contextlib
import json
import statistics
import sys
import tempfile
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


class ResNet(torchvision.models.ResNet):
    """torchvision's, of any width."""

    def __init__(self, kind, layers, width, dilate):
        super().__init__(kind, [1, 1, 1, 1])
        self.inplanes, self.dilation = width, 1
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.layer1 = self._make_layer(kind, width, layers[0])
        self.layer2 = self._make_layer(kind, 2 * width, layers[1], 2, dilate[0])
        self.layer3 = self._make_layer(kind, 4 * width, layers[2], 2, dilate[1])
        self.layer4 = self._make_layer(kind, 8 * width, layers[3], 2, dilate[2])


class RigNet(nn.Module):
    def __init__(self, block, layers, width, stride, head, classes, unroll, routing, feedback, iterations):
        super().__init__()
        kind = {'basic': torchvision.models.resnet.BasicBlock,
                'bottleneck': torchvision.models.resnet.Bottleneck}[block]
        net = ResNet(kind, layers, width, [False, stride <= 8, stride <= 16])
        stem = nn.Sequential(net.conv1, net.bn1, net.relu, net.maxpool)
        deep = 8 * width * kind.expansion
        classifier = Aspp(deep, classes) if head == 'aspp' else nn.Conv2d(deep, classes, 1)
        self.blocks = nn.ModuleList([stem, net.layer1, net.layer2, net.layer3, net.layer4, classifier])
        e = kind.expansion
        ins = [3, width] + [n * width * e for n in (1, 2, 4, 8)]
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


def timed(body, passes, warm=2):
    for _ in range(warm):
        body()
    times, cpu = [], []
    for _ in range(passes):
        start, used = time.perf_counter(), time.process_time()
        body()
        cpu.append(1000 * (time.process_time() - used))
        times.append(1000 * (time.perf_counter() - start))
    return round(statistics.median(times), 1), round(statistics.median(cpu), 1)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--spec')
    a.add_argument('--backbone', default='resnet50', choices=LAYERS)
    a.add_argument('--layers', help='a bottleneck ResNet of these, for example 1,1,1,1')
    a.add_argument('--width', type=int, default=64)
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
    a.add_argument('--compile', action='store_true', help='torch.compile with inductor')
    a.add_argument('--peers', action='store_true', help='all of them, one after the other')
    a.add_argument('--threads', type=int, default=0)
    a.add_argument('--device', default='cpu')
    a.add_argument('--only', choices=['train', 'infer'])
    a.add_argument('--rounds', action='store_true', help='one measurement per line of standard input')
    a.add_argument('--eager', action='store_true', help='with --peers: leaves torch.compile out')
    a.add_argument('--fp32', action='store_true', help='with --peers: leaves bf16 out')
    a.add_argument('--bf16', action='store_true', help='with --peers: leaves float32 out')
    o = a.parse_args()
    if o.threads:
        torch.set_num_threads(o.threads)
    ways = [(o.precision, o.channels_last, o.compile)] if not o.peers else [
        ('fp32', False, False), ('fp32', True, False), ('bf16', True, False),
        ('fp32', False, True), ('fp32', True, True), ('bf16', True, True)]
    measures = [m for way in ways
                if not (o.fp32 and way[0] == 'bf16' or o.bf16 and way[0] == 'fp32' or o.eager and way[2]) for m in measure(o, *way)]
    if o.peers and o.only != 'train':
        measures += exported(o)
    if not o.rounds:
        for result, name, body in measures:
            report(result, name, body, 2)
        return
    for _, _, body in measures:
        body()
        body()
    print('ready', flush=True)
    for _ in sys.stdin:
        for result, name, body in measures:
            report(result, name, body, 0)
        print('done', flush=True)


def network(o):
    if o.spec:
        s = json.load(open(o.spec))
        s = s.get('spec', s)
        return s['classes'], RigNet(
            s['block'], s['layers'], s['width'], s['output_stride'], s['head'], s['classes'], s['unroll'],
            s.get('routing', 'own'), s['feedback'], s['iterations'])
    feedback = [int(k) for k in o.feedback.split(',') if k]
    kind = 'basic' if not o.layers and o.backbone in ('resnet18', 'resnet34') else 'bottleneck'
    layers = [int(n) for n in o.layers.split(',')] if o.layers else LAYERS[o.backbone]
    return o.classes, RigNet(
        kind, layers, o.width, o.output_stride, o.head, o.classes, o.unroll, o.routing, feedback, o.iterations)


def measure(o, precision, last, compiled):
    """What is printed, the name of the time, and what is timed."""
    torch.manual_seed(0)
    classes, net = network(o)
    height, width = map(int, o.size.split('x'))
    device = torch.device(o.device)
    net = net.to(device)
    image = torch.randn(o.batch, 3, height, width, device=device)
    if last:
        net, image = net.to(memory_format=torch.channels_last), image.to(memory_format=torch.channels_last)
    label = torch.randint(0, classes, (o.batch, height, width), device=device)
    label[torch.rand(label.shape, device=device) < 0.1] = 255
    low = lambda: (torch.autocast(device.type, torch.bfloat16) if precision == 'bf16'
                   else contextlib.nullcontext())
    wait = torch.cuda.synchronize if device.type == 'cuda' else lambda: None
    sgd = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9, weight_decay=5e-4)
    run = torch.compile(net) if compiled else net

    def step():
        sgd.zero_grad()
        with low():
            logits = run(image)[-1]
        up = F.interpolate(logits.float(), (height, width), mode='bilinear', align_corners=False)
        F.cross_entropy(up, label, ignore_index=255).backward()
        sgd.step()
        wait()

    def infer():
        with torch.no_grad(), low():
            for logits in run(image):
                F.interpolate(logits.float(), (height, width), mode='bilinear', align_corners=False).argmax(1)
        wait()

    result = dict(peer='PyTorch ' + torch.__version__ + (', compiled' if compiled else ''), precision=precision,
                  channelsLast=last, threads=torch.get_num_threads(), batch=o.batch, size=[height, width],
                  passes=o.passes)
    if o.only != 'infer':
        yield result, 'trainStep', lambda: (net.train(), step())
    if o.only != 'train':
        yield result, 'infer', lambda: (net.eval(), infer())


def report(result, name, body, warm):
    wall, cpu = timed(body, result['passes'], warm)
    print(json.dumps({**result, name + 'Ms': wall, name + 'CpuMs': cpu}), flush=True)


class Answers(nn.Module):
    """The class of each pixel, per prediction."""

    def __init__(self, net, size):
        super().__init__()
        self.net, self.size = net, size

    def forward(self, image):
        return [F.interpolate(y, self.size, mode='bilinear', align_corners=False).argmax(1) for y in self.net(image)]


def exported(o):
    """The same inference by ONNX Runtime and OpenVINO, in float32 and as OpenVINO chooses."""
    import onnxruntime
    import openvino
    height, width = map(int, o.size.split('x'))
    image = torch.randn(o.batch, 3, height, width)
    net = Answers(network(o)[1].eval(), (height, width))
    threads = torch.get_num_threads()
    with tempfile.TemporaryDirectory() as folder:
        file = folder + '/net.onnx'
        torch.onnx.export(net, (image,), file, input_names=['image'], dynamo=False)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(file, options, providers=['CPUExecutionProvider'])
        measures = [(exporter(o, 'ONNX Runtime ' + onnxruntime.__version__, 'fp32'), 'infer',
                     lambda: session.run(None, {'image': image.numpy()}))]
        core = openvino.Core()
        for precision in ('f32',) if o.fp32 else ('f32', 'bf16'):
            model = core.compile_model(file, 'CPU', {'INFERENCE_PRECISION_HINT': precision,
                                                     'INFERENCE_NUM_THREADS': threads})
            measures.append((exporter(o, 'OpenVINO ' + openvino.__version__, precision), 'infer',
                             lambda model=model: model(image.numpy())))
        return measures


def exporter(o, peer, precision):
    return dict(peer=peer, precision=precision, threads=torch.get_num_threads(), batch=o.batch, size=o.size,
                passes=o.passes)


if __name__ == '__main__':
    main()
