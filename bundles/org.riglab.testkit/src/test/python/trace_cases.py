"""Writes the resources of network/trace/: parity cases that expect what every layer returns.

    python3 trace_cases.py DIR_OF_REFERENCE OUT_DIR

DIR_OF_REFERENCE holds reference.py, the project's PyTorch reference. Besides what reference.py
writes, expected.safetensors gets, from an evaluation in double precision:

    eval.block.K.tT   output of block K in iteration T
    eval.gated.K.tT   its input behind the gate
    eval.gate.K.tT    what the gate makes of an input of ones
    eval.op.NAME.tT   what the T-th application of the convolution or batch norm NAME returns
"""
import collections
import json
import pathlib
import sys

import torch

sys.path.insert(0, sys.argv[1])
import reference  # noqa: E402

OUT = pathlib.Path(sys.argv[2])
EVALUATION_ONLY = {'sequential', 'aspp', 'gated-image', 'multi-range'}


def cases():
    plain = dict(unroll='feed-forward', feedback=[], iterations=1)
    small = dict(size=(17, 41), batch=1, classes=3)
    return [
        reference.case('parallel', width=1, **{**small, 'size': (33, 33), 'batch': 2}),
        reference.case('sequential', unroll='sequential', feedback=[6], iterations=3, **small),
        reference.case('aspp', output_stride=8, head='aspp', **small, **plain),
        reference.case('gated-image', unroll='network-wide-gated', feedback=[], **small),
        reference.case('multi-range', width=1, routing='multi-range', feedback=[5, 6], **small)]


def trace(spec, state, image):
    """Every intermediate of one evaluation, in the order of execution."""
    model = reference.RigNet(spec).double().eval()
    model.load_state_dict({k: v.double() for k, v in state.items()}, strict=False)
    seen, counts, asleep = collections.OrderedDict(), collections.Counter(), []

    def show(name, value, first=1):
        if asleep: return
        counts[name] += 1
        seen[f'eval.{name}.t{counts[name] + first - 1}'] = value.detach().clone()  # torchvision's ReLUs work in place

    for name, module in model.named_modules():
        if isinstance(module, (torch.nn.Conv2d, torch.nn.BatchNorm2d)):
            module.register_forward_hook(lambda m, i, o, name=name: show('op.' + name, o))
        if isinstance(module, reference.Gate):
            def gated(m, inputs, output, k=name.split('.')[1]):
                asleep.append(1)
                ones = m.forward(torch.ones_like(inputs[0]), *inputs[1:])
                asleep.pop()
                show(f'gate.{k}', ones, 2)  # the first iteration has no gates
                show(f'gated.{k}', output, 2)
            module.register_forward_hook(gated)
    net = model._net[0]
    run = net.block

    def block(k, x):
        y = run(k, x)
        show(f'block.{k}', y)
        return y
    net.block = block
    with torch.no_grad():
        logits = model(image.double())
    for t, y in enumerate(logits, 1): seen[f'eval.logits.t{t}'] = y
    return seen


def main():
    torch.set_num_threads(1)
    for i, c in enumerate(cases()):
        limit = 1 if c['name'] in EVALUATION_ONLY else 2e-6  # of rounding, where gradients are kept
        state, batch, expected, scalars = reference.steady_case(c, 4000 + i, limit)
        seen = {k: v.float() for k, v in trace(c['spec'], state, batch['image']).items()}
        for k, v in expected.items():
            if k in seen: assert torch.allclose(seen[k], v, rtol=1e-5, atol=1e-6), k
        if c['name'] in EVALUATION_ONLY:
            expected, scalars = {}, {k: v for k, v in scalars.items() if k != 'train.loss'}
        directory = OUT / c['name']
        directory.mkdir(parents=True, exist_ok=True)
        reference.save_safetensors(directory / 'weights.safetensors', state)
        reference.save_safetensors(directory / 'batch.safetensors', batch)
        reference.save_safetensors(directory / 'expected.safetensors', {**expected, **seen})
        (directory / 'case.json').write_text(json.dumps({**c, 'expected': scalars}, indent=1) + '\n')
        print(c['name'], len(seen), sum(f.stat().st_size for f in directory.iterdir()))


main()
