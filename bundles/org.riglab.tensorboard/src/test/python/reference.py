"""Writes with TensorBoard's own code what EventFileTest writes; needs pip install tensorboard.

usage: reference.py write FILE | reference.py show DIRECTORY
"""

import sys

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

PNG = bytes.fromhex("89504e470d0a1a0a") + bytes(range(32))


def events():
    yield event_pb2.Event(wall_time=1546862400.5, file_version="brain.Event:2")
    start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
    yield event_pb2.Event(wall_time=1546862400.5, step=3, session_log=start)
    for tag, step, value in [("loss", 3, 0.1), ("mIoU/t2", 4, 0.0), ("IoU/Straße", 1 << 40, -1e30)]:
        value = summary_pb2.Summary.Value(tag=tag, simple_value=value)
        yield event_pb2.Event(
            wall_time=1546862400.5, step=step, summary=summary_pb2.Summary(value=[value]))
    image = summary_pb2.Summary.Image(
        height=300, width=2, colorspace=3, encoded_image_string=PNG)
    value = summary_pb2.Summary.Value(tag="confusion/val", image=image)
    yield event_pb2.Event(
        wall_time=1546862400.5, step=7, summary=summary_pb2.Summary(value=[value]))


def show(directory):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    read = EventAccumulator(directory, size_guidance={"scalars": 0, "images": 0})
    read.Reload()
    for tag in read.Tags()["scalars"]:
        scalars = read.Scalars(tag)
        print(tag, len(scalars), "last", scalars[-1].step, scalars[-1].value)
    for tag in read.Tags()["images"]:
        print(tag, [(i.step, i.width, i.height) for i in read.Images(tag)])


if sys.argv[1] == "write":
    with open(sys.argv[2], "wb") as file:
        writer = RecordWriter(file)
        for event in events():
            writer.write(event.SerializeToString())
else:
    show(sys.argv[2])
