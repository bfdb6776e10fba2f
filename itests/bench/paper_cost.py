#!/usr/bin/env python3
"""What the paper's tables cost: the tables of docs/scale.md.

    itests/bench/paper_cost.py --rig launcher/rig [--tflops 40] [--gpus 1,8,64] FOLDER

Each network of config/tables is assembled in a home in FOLDER, counted by 'rig show' at the size of
the crops, and discarded. A training step costs three forward passes of a batch, one multiply-add two
operations. Hours are those of one run per GPU, the longest run first. Costs are kept in
FOLDER/costs.json, so that an interrupted call continues."""
import argparse
import heapq
import json
import pathlib

import rigserver

ROOT = pathlib.Path(__file__).resolve().parents[2]


def count(options, home, spec):
    """Multiply-adds of a forward pass of one image."""
    parts = {k: {"name": v["name"], **v["options"]} if isinstance(v, dict) else v for k, v in spec.items()}
    parts["batch_norm"] = parts.pop("batchNorm")
    file = options.folder / "spec.json"
    file.write_text(json.dumps(parts))
    out = home.rig("exec", f"assemble counted --spec '{file}'; show counted --size {options.size}x{options.size} --json; discard counted")
    start = out.index("{")
    return json.JSONDecoder().raw_decode(out[start:])[0]["analysis"]["multiplyAdds"]


def hours(jobs, gpus, rate):
    free = [0.0] * gpus
    for operations in sorted(jobs, reverse=True):
        heapq.heappush(free, heapq.heappop(free) + operations / rate / 3600)
    return max(free)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--rig", default="launcher/rig")
    a.add_argument("--tflops", type=float, default=40, help="rate of a GPU on these networks")
    a.add_argument("--gpus", default="1,8,64")
    a.add_argument("--size", type=int, default=321)
    a.add_argument("--steps", type=int, default=20000)
    a.add_argument("--batch", type=int, default=10)
    a.add_argument("folder", type=pathlib.Path)
    options = a.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    home = rigserver.Home(options.rig, options.folder / "home")
    kept = options.folder / "costs.json"
    costs = json.loads(kept.read_text()) if kept.exists() else {}
    gpus = [int(n) for n in options.gpus.split(",")]
    print("| table | cells | PFLOP | " + " | ".join(f"{n} GPU" + "s" * (n > 1) for n in gpus) + " |")
    print("|" + " --- |" * (3 + len(gpus)))
    everything, cells = {}, 0
    for file in sorted((ROOT / "config/tables").glob("table*.json")):
        listed = json.loads(home.rig("exec", f"ablate '{file}' --dry-run --json"))
        networks = {}
        for cell in listed:
            name, spec = cell["network"], cell["spec"]
            if name not in costs:
                costs[name] = count(options, home, spec)
                kept.write_text(json.dumps(costs))
            networks[name] = 6 * costs[name] * options.batch * options.steps
        everything.update(networks)
        cells += len(listed)
        row(listed[0]["table"].split(",")[0], len(listed), networks.values(), gpus, options)
    row(f"all, {len(everything)} networks", cells, everything.values(), gpus, options)
    name = max(everything, key=everything.get)
    print(f"\nlongest: {name}, {everything[name] / 1e15:.0f} PFLOP")


def row(name, cells, jobs, gpus, options):
    times = " | ".join(f"{hours(jobs, n, options.tflops * 1e12):.1f}" for n in gpus)
    print(f"| {name} | {cells} | {sum(jobs) / 1e15:.0f} | {times} |", flush=True)


if __name__ == "__main__":
    main()
