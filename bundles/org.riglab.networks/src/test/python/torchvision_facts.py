"""torchvision's networks: names, shapes, parameters and features, for TorchvisionTest.

    python3 torchvision_facts.py > ../resources/org/riglab/networks/internal/torchvision.txt

Per network: 'network BACKBONE' as Riglab writes it, 'tensors N PARAMETERS SHA256' of what Riglab takes over
(all but the last linear layer; VGG's fc6 and fc7 as convolutions; the digest is over the sorted lines
'backbone.NAME D0,D1,...'), 'total PARAMETERS' of torchvision's whole network, and a line per block: its output's
shape, norm and products with two vectors of signs. Weights and image follow from networks.py's formula, salt 1;
computed in double precision, in evaluation mode.
"""
import hashlib

import torch
import torch.nn as nn
import torchvision.models as M

from networks import batch, facts, value

SIZE = (1, 64, 96)


def blocks(model):
    if hasattr(model, 'layer1'):
        stem = nn.Sequential(model.conv1, model.bn1, model.relu, model.maxpool)
        return [stem, model.layer1, model.layer2, model.layer3, model.layer4]
    result = [[]]
    for m in model.features:
        result[-1].append(m)
        if isinstance(m, nn.MaxPool2d):
            result.append([])
    return [nn.Sequential(*b) for b in result[:-1]]


def taken(model, name):
    """The tensor as Riglab shapes it, or None."""
    v = model.state_dict()[name]
    if name.endswith('num_batches_tracked') or name.startswith(('fc.', 'classifier.6.')):
        return None
    if name == 'classifier.0.weight':
        return v.reshape(4096, 512, 7, 7)
    return v[:, :, None, None] if name == 'classifier.3.weight' else v


def main():
    for name, make in [('resnet18', M.resnet18), ('resnet34', M.resnet34), ('resnet50', M.resnet50),
                       ('resnet101', M.resnet101), ('resnet152', M.resnet152), ('vgg16:fc=true', M.vgg16),
                       ('vgg16:batch_norm=true:fc=true', M.vgg16_bn)]:
        model = make().eval()
        total = sum(p.numel() for p in model.parameters())
        lines, learned = [], 0
        with torch.no_grad():
            for n, p in model.state_dict().items():
                v = taken(model, n)
                if v is None:
                    continue
                lines.append(f'backbone.{n} {",".join(map(str, v.shape))}')
                learned += 0 if '.running_' in n else v.numel()
                if not n.startswith('classifier'):
                    p.copy_(value(1, 'backbone.' + n, tuple(p.shape)))
        digest = hashlib.sha256(''.join(l + '\n' for l in sorted(lines)).encode()).hexdigest()
        print('network', name)
        print('tensors', len(lines), learned, digest)
        print('total', total)
        x = batch(1, *SIZE, 2)[0].double()
        model.double()
        with torch.no_grad():
            for k, block in enumerate(blocks(model), 1):
                x = block(x)
                print('block', k, ','.join(map(str, x.shape)), *['%.7g' % f for f in facts(f'block.{k}', x)])
        print()


if __name__ == '__main__':
    main()
