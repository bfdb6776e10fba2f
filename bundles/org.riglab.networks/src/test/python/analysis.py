#!/usr/bin/env python3
"""Counts for AnalysisTest, taken from PyTorch by hooks, independently of any graph.

    python3 analysis.py REFERENCE_DIRECTORY > analysis.jsonl

REFERENCE_DIRECTORY holds the reference.py that makes the parity cases. Per network one line: spec, parameters,
multiply-adds of one image (forward hooks on convolutions), and the bytes that autograd keeps of a forward pass in
training mode with the whole batch (saved-tensor hooks; parameters and buffers left out, each tensor counted once).
The last lines are torchvision's FCNs: multiply-adds of the backbone, of both heads, and of the whole model.
"""
import json, sys, weakref
import torch, torch.nn as nn, torchvision


def multiply_adds(model, run):
    count = [0]

    def hook(layer, inputs, output):
        count[0] += output[0].numel() * layer.weight[0].numel()
    hooks = [m.register_forward_hook(hook) for m in model.modules() if isinstance(m, nn.Conv2d)]
    with torch.no_grad():
        run()
    for h in hooks:
        h.remove()
    return count[0]


class Saved:
    def __init__(self, tensor):
        self.tensor = tensor


def kept(model, run):
    own = {t.storage().data_ptr() for t in list(model.parameters()) + list(model.buffers())}
    saved = weakref.WeakSet()  # what belongs to a result that nobody holds is let go

    def pack(tensor):
        holder = Saved(tensor.detach())  # a result that held its own history would never go
        saved.add(holder)
        return holder
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda holder: holder.tensor):
        logits = run()
    bytes_at = {s.tensor.storage().data_ptr(): s.tensor.storage().nbytes() for s in saved}
    del logits
    return sum(size for at, size in bytes_at.items() if at not in own)


def main():
    sys.path.insert(0, sys.argv[1])
    import reference
    for case in reference.visible_cases():
        spec, (h, w), n = case['spec'], case['size'], case['batch']
        model = reference.RigNet(spec)
        net = model._net[0]
        run = {'feed-forward': model._feed_forward, 'sequential': model._sequential, 'parallel': model._parallel,
               'network-wide': model._network_wide, 'network-wide-gated': model._network_wide_gated}[spec['unroll']]
        one, batch = torch.randn(1, 3, h, w), torch.randn(n, 3, h, w)
        model.eval()
        adds = multiply_adds(model, lambda: run(net, one))
        model.train()
        print(json.dumps(dict(name=case['name'], size=[h, w], batch=n, spec=spec,
                              parameters=sum(p.numel() for p in model.parameters()),
                              multiplyAdds=adds, kept=kept(model, lambda: run(net, batch)))))
    for name in ('fcn_resnet50', 'fcn_resnet101'):
        model = getattr(torchvision.models.segmentation, name)(weights=None, weights_backbone=None, aux_loss=True).eval()
        image = torch.randn(1, 3, 520, 520)
        run = lambda: model(image)
        print(json.dumps(dict(name=name, size=[520, 520], total=multiply_adds(model, run),
                              backbone=multiply_adds(model.backbone, run), head=multiply_adds(model.classifier, run),
                              aux=multiply_adds(model.aux_classifier, run),
                              parameters=sum(p.numel() for p in model.parameters()),
                              backboneParameters=sum(p.numel() for p in model.backbone.parameters()))))


if __name__ == '__main__':
    main()
