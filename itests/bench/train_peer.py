#!/usr/bin/env python3
"""Times 'rig train' on CamVid against the same loop in PyTorch with its DataLoader.

    train_peer.py --rig launcher/rig --data CamVid [--rounds 3] [--epochs 3]     alternates both
    train_peer.py --data CamVid --loop bf16 --epochs 3                           PyTorch's loop alone

Run by a Python with torch, torchvision and Pillow (peers.sh). Both processes are timed as a whole:
start, class weights from the labels, training with flips, an evaluation on val and a checkpoint
after every epoch. The home of rig is used before, so that it contains the engine. The network is a bottleneck ResNet 1,1,1,1 of output stride 8, parallel 6..4
u=2, at 180x240, batch 8, AdamW."""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MEAN, STD, CLASSES, VOID = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), 11, 11
SIZE, BATCH = (180, 240), 8


def loop(o):
    import contextlib
    import numpy
    import torch
    import torch.nn.functional as F
    from PIL import Image
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    from pytorch_peer import RigNet

    class CamVid(torch.utils.data.Dataset):
        def __init__(self, split, flip):
            self.names = sorted(p.name for p in Path(o.data, split).glob("*.png"))
            self.split, self.flip = split, flip

        def __len__(self):
            return len(self.names)

        def label(self, i):
            with Image.open(Path(o.data, self.split + "annot", self.names[i])) as image:
                return numpy.asarray(image.resize(SIZE[::-1], Image.NEAREST))

        def __getitem__(self, i):
            with Image.open(Path(o.data, self.split, self.names[i])) as image:
                pixels = numpy.asarray(image.convert("RGB").resize(SIZE[::-1], Image.BILINEAR))
            label = self.label(i)
            if self.flip and torch.rand(()) < 0.5:
                pixels, label = pixels[:, ::-1], label[:, ::-1]
            values = (pixels.astype(numpy.float32) / 255 - numpy.float32(MEAN)) / numpy.float32(STD)
            return torch.from_numpy(values.transpose(2, 0, 1).copy()), torch.from_numpy(label.astype(numpy.int64))

    torch.manual_seed(0)
    train, val = CamVid("train", True), CamVid("val", False)
    counts = sum(numpy.bincount(train.label(i).ravel(), minlength=CLASSES + 1)[:CLASSES] for i in range(len(train)))
    weights = torch.tensor(1 / numpy.log(1.02 + counts / counts.sum()), dtype=torch.float32)
    loader = torch.utils.data.DataLoader(train, BATCH, shuffle=True, drop_last=True, num_workers=2, persistent_workers=True)
    tests = torch.utils.data.DataLoader(val, BATCH, num_workers=2, persistent_workers=True)
    net = RigNet("bottleneck", (1, 1, 1, 1), o.width, 8, "fcn", CLASSES, "parallel", "own", [4, 5, 6], 2)
    net = net.to(memory_format=torch.channels_last)
    low = lambda: torch.autocast("cpu", torch.bfloat16) if o.loop == "bf16" else contextlib.nullcontext()
    steps = o.epochs * len(loader)
    adamw = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=5e-4)
    poly = torch.optim.lr_scheduler.PolynomialLR(adamw, steps, 0.9)
    for epoch in range(o.epochs):
        net.train()
        for images, labels in loader:
            adamw.zero_grad()
            with low():
                logits = net(images.to(memory_format=torch.channels_last))[-1]
            up = F.interpolate(logits.float(), SIZE, mode="bilinear", align_corners=False)
            F.cross_entropy(up, labels, weights, ignore_index=VOID).backward()
            adamw.step()
            poly.step()
        net.eval()
        confusion = torch.zeros(CLASSES, CLASSES, dtype=torch.int64)
        with torch.no_grad(), low():
            for images, labels in tests:
                logits = net(images.to(memory_format=torch.channels_last))[-1]
                up = F.interpolate(logits.float(), SIZE, mode="bilinear", align_corners=False)
                found, known = up.max(1)[1], labels != VOID
                confusion += torch.bincount(labels[known] * CLASSES + found[known], minlength=CLASSES ** 2).view(CLASSES, -1)
        right = confusion.diag().double()
        score = (right / (confusion.sum(0) + confusion.sum(1) - right)).nanmean().item()
        torch.save(dict(net=net.state_dict(), optimizer=adamw.state_dict(), epoch=epoch), Path(o.checkpoint, "last.pt"))
        print(f"epoch {epoch + 1}: mIoU {100 * score:.2f}", flush=True)


def rig(o, folder, *lines):
    return subprocess.run([o.rig, "--home", str(Path(folder, "home"))], input="\n".join(lines) + "\n", text=True,
                          stdout=subprocess.PIPE, check=True).stdout


def spec(o, folder):
    file = Path(folder, "spec.json")
    file.write_text(json.dumps(dict(
        classes=CLASSES, backbone=f"resnet:layers=1,1,1,1:width={o.width}:output_stride=8", unroll="parallel",
        feedback=[4, 5, 6], iterations=2, gate="mul-sigmoid", head="fcn", batch_norm="per-iteration")))
    return file


def train(o, folder, name, precision):
    return rig(o, folder, f"assemble {name} --spec {spec(o, folder)}",
             f"train {name} --dataset camvid --data {o.data} --train-split train --val-split val --resize 180x240"
             f" --size 180x240 --transforms flip --epochs {o.epochs} --batch {BATCH} --optimizer adamw --lr 0.001"
             f" --weight-decay 0.0005 --class-weights log --precision {precision}")


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--rig")
    a.add_argument("--data", required=True)
    a.add_argument("--width", type=int, default=32)
    a.add_argument("--epochs", type=int, default=3)
    a.add_argument("--rounds", type=int, default=3)
    a.add_argument("--precisions", default="fp32,bf16")
    a.add_argument("--loop", choices=["fp32", "bf16"])
    a.add_argument("--checkpoint", default=".")
    o = a.parse_args()
    if o.loop:
        return loop(o)
    if not o.rig:
        a.error("--rig or --loop is needed")
    times = {}

    def timed(who, precision, call):
        start = time.perf_counter()
        call()
        times.setdefault((who, precision), []).append(time.perf_counter() - start)

    with tempfile.TemporaryDirectory() as folder:
        rig(o, folder, f"assemble first --spec {spec(o, folder)}")
        for turn in range(o.rounds):
            for precision in o.precisions.split(","):
                timed("rig train", precision, lambda: train(o, folder, f"n-{precision}-{turn}", precision))
                timed("PyTorch", precision, lambda: subprocess.run(
                    [sys.executable, __file__, "--data", o.data, "--loop", precision, "--epochs", str(o.epochs),
                     "--width", str(o.width), "--checkpoint", folder], check=True, stdout=subprocess.PIPE))
    print(f"width {o.width}, {o.epochs} epochs, load {os.getloadavg()[0]:.1f}")
    for (who, precision), seconds in times.items():
        print(f"  {who}, {precision}: {statistics.median(seconds):.1f} s ({', '.join(f'{s:.1f}' for s in seconds)})")
    best = {who: min(statistics.median(s) for (w, _), s in times.items() if w == who) for who in ("rig train", "PyTorch")}
    print(f"  ratio {best['PyTorch'] / best['rig train']:.2f}")


if __name__ == "__main__":
    main()
