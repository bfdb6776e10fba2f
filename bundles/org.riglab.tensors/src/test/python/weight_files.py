"""Writes the resources of tensors/: small weight files of every format, good and bad ones.

    python3 weight_files.py OUT_DIR

Run by hand with NumPy and PyTorch (1.13 wrote the committed files). Every good file of a family
holds the numbers that numbers() makes, so that a reader is checked against a formula.
"""
import builtins
import collections
import io
import os
import pathlib
import pickle
import struct
import sys
import zipfile

import numpy as np
import torch

OUT = pathlib.Path(sys.argv[1])


def numbers(*shape):
    """0.5, -1, 1.5, -2, ... row by row: exact in every floating type here."""
    n = int(np.prod(shape))
    i = torch.arange(1, n + 1, dtype=torch.float64)
    return (i / 2 * torch.where(i.long() % 2 == 1, 1.0, -1.0)).reshape(shape)


def both(name, value):
    """The zip format and the older one."""
    torch.save(value, OUT / f'{name}.zip.pth')
    torch.save(value, OUT / f'{name}.old.pth', _use_new_zipfile_serialization=False)


def dtypes():
    x = numbers(2, 3)
    types = dict(f16=torch.float16, f32=torch.float32, f64=torch.float64, bf16=torch.bfloat16,
                 i8=torch.int8, i16=torch.int16, i32=torch.int32, i64=torch.int64)
    state = collections.OrderedDict((k, (x * (1 if t.is_floating_point else 2)).to(t)) for k, t in types.items())
    state['u8'] = torch.tensor([[0, 1, 2], [127, 128, 255]], dtype=torch.uint8)
    state['bool'] = torch.tensor([True, False])
    state['scalar'] = torch.tensor(-2.5)
    state['empty'] = torch.zeros(2, 0, 3)
    both('dtypes', state)


def strides():
    base = numbers(4, 6).float()
    cube = numbers(2, 3, 4).float()
    both('strides', dict(
        whole=base, transposed=base.t(), column=base[:, 2], every_second=base[::2, 1::2], narrow=base[1:3],
        permuted=cube.permute(2, 0, 1), channels_last=numbers(2, 3, 2, 2).float().contiguous(memory_format=torch.channels_last),
        expanded=torch.tensor([1.5, -2.5]).expand(3, 2), row=base[3]))


def containers():
    weight = numbers(2, 2).float()
    both('containers', {
        'epoch': 7, 'best': 0.25, 'args': {'lr': [0.1, None, (True, 'x')], 'big': 1 << 80},
        'state_dict': collections.OrderedDict([('module.a.weight', torch.nn.Parameter(weight)), ('module.b', weight[0])]),
        'optimizer': {'state': {0: {'momentum_buffer': weight * 2}}, 'param_groups': [{'lr': 0.1, 'params': [0]}]},
        'list': [weight[1], (weight[:, 0],)]})


class Twice(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(1))

    def forward(self, x):
        return x * 2 * self.weight


def modules():
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 1), torch.nn.BatchNorm2d(2))
    with torch.no_grad():
        for p in net.parameters(): p.copy_(numbers(*p.shape))
    both('state-dict', net.state_dict())          # an OrderedDict with _metadata
    script = io.BytesIO()
    torch.jit.save(torch.jit.script(Twice()), script)
    with zipfile.ZipFile(script) as z, zipfile.ZipFile(OUT / 'torchscript.pt', 'w') as out:
        for entry in z.namelist():
            if not entry.endswith('debug_pkl'): out.writestr(entry, z.read(entry))
    torch.save(torch.tensor([1.0]), OUT / 'bare.pth')
    torch.save({'epoch': 1}, OUT / 'no-tensors.pth')
    return net


# ---------------------------------------------------------------- what nobody should run
class Call:
    """Pickles as a call."""
    def __init__(self, function, *args): self.function, self.args = function, args
    def __reduce__(self): return self.function, self.args


class Stranger:
    pass


def hostile(net):
    bad = {
        'system': Call(os.system, 'echo run'), 'eval': Call(eval, '1'),
        'exec': Call(builtins.exec, 'pass'), 'getattr': Call(getattr, 'x', 'upper'),
        'numpy-array': np.ones(2), 'module': net,
        'stranger': Stranger(), 'fractions': __import__('fractions').Fraction(1, 2)}
    for old in (False, True):
        torch.save({'a': torch.ones(1), 'x': np.float32(1)}, OUT / f'numpy-scalar.{"old" if old else "zip"}.pth',
                   _use_new_zipfile_serialization=not old)
    for name, value in bad.items():
        torch.save({'a': torch.ones(1), 'x': value}, OUT / f'bad-{name}.zip.pth')
        if name == 'module': continue  # the older format holds the module's source text
        torch.save({'a': torch.ones(1), 'x': value}, OUT / f'bad-{name}.old.pth', _use_new_zipfile_serialization=False)
    # numpy-scalar.torch2.pth is by PyTorch 2.7 and NumPy 2.4, which names the function numpy._core.
    for protocol in (0, 1, 2, 4, 5):
        (OUT / f'bad-plain-{protocol}.pkl').write_bytes(pickle.dumps(bad['system'], protocol))
    cycle = {}
    cycle['a'] = torch.ones(1)
    cycle['self'] = cycle
    both('bad-cycle', cycle)
    deep = torch.ones(1)
    for _ in range(200): deep = [deep]
    torch.save(deep, OUT / 'bad-deep.zip.pth')
    tree = {'w': torch.ones(1)}
    for _ in range(15): tree = {'l': tree, 'm': tree, 'r': tree}
    torch.save(tree, OUT / 'bad-billion.zip.pth')


# ---------------------------------------------------------------- npz
def npz():
    x = numbers(2, 3).numpy()
    arrays = {f'{order}{kind}': (x * (2 if kind[0] in 'iu' else 1)).astype(order + kind)
              for order in '<>' for kind in ('f2', 'f4', 'f8', 'i2', 'i4', 'i8')}
    arrays['i1'] = (x * 2).astype('i1')
    arrays['u1'] = np.array([[0, 1, 2], [127, 128, 255]], 'u1')
    arrays['b1'] = np.array([True, False])
    arrays['fortran'] = np.asfortranarray(numbers(2, 3, 4).numpy().astype('f4'))
    arrays['scalar'] = np.float32(-2.5)
    arrays['empty'] = np.zeros((2, 0, 3), 'f4')
    arrays['dir/name'] = np.float64([0.5])
    np.savez(OUT / 'stored.npz', **arrays)
    np.savez_compressed(OUT / 'deflated.npz', **arrays)
    with zipfile.ZipFile(OUT / 'versions.npz', 'w') as z:
        for version in ((1, 0), (2, 0), (3, 0)):
            f = io.BytesIO()
            np.lib.format.write_array(f, x.astype('<f4'), version=version)
            z.writestr(f'v{version[0]}.npy', f.getvalue())
    np.savez(OUT / 'bad-object.npz', a=np.array([{}], object))
    np.savez(OUT / 'bad-record.npz', a=np.zeros(2, [('x', 'f4')]))
    np.savez(OUT / 'bad-complex.npz', a=np.zeros(2, 'c8'))
    np.save(OUT / 'one.npy', x)


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    dtypes(); strides(); containers(); npz()
    hostile(modules())


main()
