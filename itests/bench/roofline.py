#!/usr/bin/env python3
"""Where the time of a pass of 'rig bench' goes, and what the machine allows.

    roofline.py --rig launcher/rig --spec FILE --only train --batch 4 --size 321x321 --precision bf16

Runs 'rig bench' with -Driglab.bench.profile, which profiles libtorch's kernels in 11 passes. Per kind
of kernel: the median time of a pass, multiply-adds and bytes by the shapes of its operands, and the
least time that these take at the machine's rates: the matrix product of the bench, and a copy of
large arrays in as many processes as there are cores. Multiply-adds of forward convolutions are those
that 'rig show' counts less those of the products."""
import argparse
import collections
import json
import math
import os
import statistics
import subprocess
import tempfile
import time
from multiprocessing import Pool
from pathlib import Path

PASSES = 11
KINDS = {
    "matrix products": ("mm", "addmm", "bmm"),
    "convolutions, forward": ("mkldnn_convolution", "_convolution_pointwise", "_convolution_pointwise_", "convolution"),
    "convolutions, backward": ("convolution_backward",),
    "columns of pixels": ("im2col", "col2im"),
    "batch norm, forward": ("native_batch_norm",),
    "batch norm, backward": ("native_batch_norm_backward",),
    "ReLU, sums, gate products": ("add_", "add", "mul", "mul_", "threshold_backward", "clamp_min_", "clamp_min", "relu",
                                  "sigmoid", "sigmoid_", "sigmoid_backward", "sum"),
    "copies and conversions": ("copy_", "fill_", "zero_", "cat"),
    "pooling": ("max_pool2d_with_indices", "max_pool2d_with_indices_backward", "avg_pool2d", "avg_pool2d_backward"),
    "interpolation, loss, labels": ("upsample_bilinear2d", "_upsample_bilinear2d_aa", "upsample_bilinear2d_backward",
                                    "_log_softmax", "_log_softmax_backward_data", "nll_loss2d_forward",
                                    "nll_loss2d_backward", "max"),
    "update": ("_fused_sgd_", "_fused_adamw_", "linalg_vector_norm"),
}
KIND = {name: kind for kind, names in KINDS.items() for name in names}
#: Times that a kernel reads or writes its first operand; the others: once each, and the result once.
TOUCHES = {"native_batch_norm": 3, "native_batch_norm_backward": 3, "zero_": 0, "fill_": 0, "linalg_vector_norm": 0}
FP32 = {"_log_softmax", "_log_softmax_backward_data", "upsample_bilinear2d", "_upsample_bilinear2d_aa",
        "upsample_bilinear2d_backward", "linalg_vector_norm", "max", "nll_loss2d_forward", "nll_loss2d_backward"}


def bench(o, folder):
    file = str(Path(folder, "profile.json"))
    env = dict(os.environ, JAVA_TOOL_OPTIONS=f"-Driglab.bench.profile={file}")
    done = subprocess.run([o.rig, "--home", folder, "bench", "--spec", o.spec, "--only", o.only, "--batch", str(o.batch), "--size",
                           o.size, "--precision", o.precision, "--passes", "11", "--json"], stdout=subprocess.PIPE, text=True,
                          check=True, env=env)
    return json.loads(done.stdout), [json.load(open(f"{file}.{i}")) for i in range(PASSES)]


def kernels(profiles):
    """Median time without what it calls, name and shapes of each operation of a pass."""
    passes = [operations(p) for p in profiles]
    if len({len(p) for p in passes}) > 1:
        raise SystemExit("the passes differ: " + ", ".join(f"{len(p)} operations" for p in passes))
    for same in zip(*passes):
        yield statistics.median(e["self"] for e in same) / 1000, same[0]["name"].split("::")[-1], same[0].get("shape", [])


def operations(profile):
    events = sorted((e for e in profile if e.get("ph") == "X"), key=lambda e: (e["tid"], e["ts"], -e["dur"]))
    stack = []
    for e in events:
        while stack and (stack[-1]["tid"] != e["tid"] or stack[-1]["ts"] + stack[-1]["dur"] <= e["ts"]):
            stack.pop()
        e["self"] = e["dur"]
        if stack:
            stack[-1]["self"] -= e["dur"]
        stack.append(e)
    return events


def macs(name, shapes):
    if name == "mm":
        return shapes[0][0] * shapes[0][1] * shapes[1][1]
    if name == "addmm":
        return shapes[1][0] * shapes[1][1] * shapes[2][1]
    if name == "bmm":
        return math.prod(shapes[0]) * shapes[1][2]
    if name == "convolution_backward":
        gradient, _, weight = shapes[:3]
        both = 2 if weight[1] > 3 else 1  # the image needs no gradient
        return both * math.prod(weight) * math.prod(gradient) // gradient[1]
    return 0


def moved(name, shapes, width):
    sizes = [math.prod(s) for s in shapes if s]
    if not sizes:
        return 0
    return (sum(sizes[1:]) + sizes[0] * TOUCHES.get(name, 1) + sizes[0]) * (4 if name in FP32 else width)


def copying(seconds):
    """Bytes read and written per nanosecond by one process."""
    a, n = bytes(1 << 27), 0
    b = memoryview(bytearray(a))
    end = time.time() + seconds
    while time.time() < end:
        b[:] = a
        n += 1
    return 2 * len(a) * n / seconds / 1e9


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--rig", required=True)
    a.add_argument("--spec", required=True)
    a.add_argument("--only", required=True, choices=["train", "infer"])
    a.add_argument("--batch", type=int, required=True)
    a.add_argument("--size", required=True)
    a.add_argument("--precision", default="bf16", choices=["fp32", "bf16"])
    a.add_argument("--gmacs", type=float, required=True, help="of a forward pass of one image, by rig show")
    o = a.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        timing, profile = bench(o, folder)
    cores = len(os.sched_getaffinity(0))
    with Pool(cores) as pool:
        bandwidth = sum(pool.map(copying, [2.0] * cores))
    rate, width = timing["matrixGflops"], {"fp32": 4, "bf16": 2}[o.precision]
    rows = collections.defaultdict(lambda: [0, 0.0, 0.0, 0.0])
    for ms, name, shapes in kernels(profile):
        row = rows[KIND.get(name, "other")]
        if name in KIND:
            row[0] += 1
            row[2] += macs(name, shapes) / 1e9
            row[3] += moved(name, shapes, width) / 1e6
        row[1] += ms
    forward = rows["convolutions, forward"]
    factor = 3 if o.only == "train" else 1
    rest = o.gmacs * o.batch * factor - sum(r[2] for r in rows.values())
    forward[2] = max(0.0, rest)
    total = sum(r[1] for r in rows.values())
    step = timing["trainStepMs" if o.only == "train" else "inferMs"]
    print(f"{step:.1f} ms without the profiler; matrix product {rate:.0f} GFLOP/s, copy {bandwidth:.1f} GB/s\n")
    print("| kernels | number | ms | share | GMAC | GFLOP/s | MB | GB/s | least ms |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    least = 0.0
    for kind in [*KINDS, "other"]:
        n, ms, g, mb = rows[kind]
        if not ms:
            continue
        bound = max(2 * g / rate * 1000, mb / bandwidth)
        least += bound
        flops = f"{g:.1f} | {2 * g / ms * 1000:.0f}" if g else " | "
        print(f"| {kind} | {n or ''} | {ms:.1f} | {ms / total:.2f} | {flops} | {mb:.0f} | {mb / ms:.0f} | {bound:.1f} |")
    print(f"| all | | {total:.1f} | 1 | {sum(r[2] for r in rows.values()):.1f} | | {sum(r[3] for r in rows.values()):.0f} | | {least:.1f} |")


if __name__ == "__main__":
    main()
