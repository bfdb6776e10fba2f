#!/usr/bin/env python3
"""Sends a real server what schemathesis makes up from its OpenAPI file, as every role.

    itests/bench/fuzz_api.py [--rig launcher/rig] [--schemathesis schemathesis] [--examples 90] [--plugin JAR] FOLDER

FOLDER gets a home with a network and two runs, and a report of each role. schemathesis 4 is needed
(pip install schemathesis). About 1300 requests per role come from the file alone, and up to 50 for each
of --examples. Prints the number of answers by status and the failed checks; the status is 1 if an answer
is 5xx or not as the file describes it.

Not asked: /api/v1/live, an answer without an end. Not checked: positive_data_acceptance, since the file
cannot say which networks and runs exist; ignored_auth, since wrong tokens are answered with 429 soon.
"""
import argparse, collections, json, os, pathlib, subprocess, sys

import rigserver

parser = argparse.ArgumentParser()
parser.add_argument("--rig", default="launcher/rig")
parser.add_argument("--schemathesis", default="schemathesis")
parser.add_argument("--examples", type=int, default=90)
parser.add_argument("--roles", default="anonymous,viewer,operator,admin")
parser.add_argument("--plugin", type=pathlib.Path, help="a plugin that is installed before")
parser.add_argument("folder", type=pathlib.Path)
args = parser.parse_args()
rigserver.need("ssh-keygen", args.schemathesis)

API = pathlib.Path(__file__).parents[2] / "bundles/org.riglab.web/src/main/resources/org/riglab/web/internal/openapi.json"
TRAIN = "--dataset shapes --size 48x48 --batch 4 --val-limit 4 --threads 1"


def counted(report):
    """Answers by status, and failed checks by name."""
    answers, failed = collections.Counter(), collections.Counter()
    for line in report.read_text().splitlines():
        scenario = json.loads(line).get("ScenarioFinished")
        recorder = (scenario or {}).get("recorder") or {}
        for interaction in recorder.get("interactions", {}).values():
            answers[(interaction.get("response") or {}).get("status_code", "none")] += 1
        for checks in recorder.get("checks", {}).values():
            failed.update(check["name"] for check in checks if check.get("status") == "failure")
    return answers, failed


server = rigserver.Server(args.rig, args.folder)
server.rig("exec", "assemble tiny --backbone resnet:layers=1,1,1,1:width=8 --feedback 6..4 --iterations 2 --dataset"
           f" shapes; submit tiny --steps 3 {TRAIN}; submit tiny --steps 1000000 {TRAIN}")
if args.plugin:
    server.rig("plugin", "install", str(args.plugin))
tokens = {role: server.rig("token", "create", "--role", role, "--days", "2", "--name", role).split()[0]
          for role in ("viewer", "operator", "admin")}
server.start()
total, good = 0, True
for role in args.roles.split(","):
    report = args.folder / f"{role}.ndjson"
    words = [args.schemathesis, "run", str(API), "--url", f"http://127.0.0.1:{server.http}", "--workers", "1",
             "--max-examples", str(args.examples), "--phases", "examples,coverage,fuzzing", "--continue-on-failure",
             "--exclude-path", "/api/v1/live", "--exclude-checks", "positive_data_acceptance,ignored_auth",
             "--request-timeout", "60", "--generation-database", "none", "--no-color", "--max-failures", "1000",
             "--suppress-health-check", "all", "--report", "ndjson", "--report-ndjson-path", str(report)]
    if role in tokens:
        words += ["-H", "Authorization: Bearer " + tokens[role]]
    with open(args.folder / f"{role}.out", "w") as out:
        subprocess.run(words, stdout=out, stderr=subprocess.STDOUT)
    answers, failed = counted(report)
    total += sum(answers.values())
    good &= not failed and not any(status == "none" or status >= 500 for status in answers)
    print(f"{role}: {sum(answers.values())} requests, answers {dict(sorted(answers.items(), key=str))}, failed checks"
          f" {dict(failed) or 'none'}", flush=True)
wrong = server.stop()
print(f"{total} requests, load {os.getloadavg()[0]:.1f}" + (f", {wrong}" if wrong else ""))
sys.exit(0 if good and not wrong else 1)
