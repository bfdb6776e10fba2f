"""PyTorch's bilinear interpolation, downwards too, and its gradient: numbers for FunctionalTest.

    python3 interpolate.py > ../resources/org/riglab/nn/interpolate.txt

Three lines per size: 'HEIGHT WIDTH', the result, the gradient of sum(result * weights)."""
import torch
import torch.nn.functional as F

x = torch.arange(2 * 5 * 7, dtype=torch.float64).reshape(1, 2, 5, 7)
x = (((x * x * 7 + x) % 23) / 8 - 1).requires_grad_()
for size in [(3, 4), (2, 9), (1, 1), (8, 3), (4, 7), (5, 6), (1, 20), (11, 1)]:
    y = F.interpolate(x, size=size, mode='bilinear', align_corners=False)
    weights = ((torch.arange(y.numel(), dtype=torch.float64) % 5) - 2).reshape(y.shape)
    x.grad = None
    (y * weights).sum().backward()
    print(*size)
    for values in (y, x.grad):
        print(*['%.7g' % v for v in values.flatten().tolist()])
