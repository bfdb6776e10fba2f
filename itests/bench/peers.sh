#!/bin/sh
# Installs what pytorch_peer.py compares with into a virtual environment: the newest PyTorch that
# this machine can install, torchvision, ONNX Runtime and OpenVINO. No part of the build.
# torch.compile needs a C++ compiler (g++).
#
#   peers.sh DIRECTORY        outside of the repository
#   DIRECTORY/bin/python pytorch_peer.py ...
set -eu
if [ $# -ne 1 ]; then
  echo "usage: peers.sh DIRECTORY, for example peers.sh ~/peers" >&2
  exit 2
fi
python3 -m venv "$1"
"$1/bin/pip" install --quiet --no-cache-dir --upgrade torch torchvision onnx onnxscript onnxruntime openvino
"$1/bin/pip" list --format=freeze | grep -iE '^(torch|torchvision|onnx|onnxruntime|openvino)=='
command -v g++ > /dev/null || echo "g++ is missing: torch.compile will not run" >&2
