"""Opens an exported archive without Riglab: exported.py ARCHIVE IMAGE N H W OUT

IMAGE holds raw float32. Into the folder OUT it writes, as raw float32, the logits in inference mode
(logits.0, ...) and, of one pass in training mode, every parameter's gradient (gradient.NAME) and
every buffer afterwards (statistics.NAME).
"""
import sys

import numpy
import torch

archive, image, n, height, width, out = sys.argv[1:]
x = torch.from_numpy(numpy.fromfile(image, dtype="<f4"))
x = x.reshape(int(n), 3, int(height), int(width))
net = torch.jit.load(archive)


def write(name, tensor):
    tensor.detach().contiguous().numpy().astype("<f4").tofile(f"{out}/{name}")


with torch.no_grad():
    for t, logits in enumerate(net(x)):
        write(f"logits.{t}", logits)

net.train()
loss = None
for logits in net(x):
    share = logits.log_softmax(1)[:, 0].mean()
    loss = share if loss is None else loss + loss + share
loss.backward()
for name, parameter in net.named_parameters():
    write("gradient." + name, parameter.grad)
for name, buffer in net.named_buffers():
    write("statistics." + name, buffer)

# two steps along the gradient go down
optimizer = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9)
losses = []
for _ in range(3):
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(net(x)[-1], torch.zeros_like(x[:, 0]).long())
    loss.backward()
    optimizer.step()
    losses.append(float(loss))
print(torch.__version__, losses[0] > losses[1] > losses[2])
