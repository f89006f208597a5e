#!/usr/bin/env python3
"""An example of a worker for softmax-audit: a softmax of float64 in plain Python.

    softmax-audit audit --worker mine='python3 example_worker.py'

It speaks the protocol of Sources/ExternalImplementations/WorkerProtocol.md over standard input and output and gets
tensors in messages, so it may run on another host: --worker mine='ssh host python3 example_worker.py'.
"""
import json
import math
import struct
import sys
import time

HELLO, CALL, INPUT = 1, 3, 6
READY, DONE, FAILED, OUTPUT = 16, 18, 19, 22
FLOAT64 = 3
PIECE = 1 << 20


def receive():
    header = sys.stdin.buffer.read(8)
    if len(header) < 8:
        sys.exit()
    kind, size = struct.unpack("<II", header)
    return kind, sys.stdin.buffer.read(size)


def send(kind, content):
    sys.stdout.buffer.write(struct.pack("<II", kind, len(content)) + content)
    sys.stdout.buffer.flush()


def softmax(lane):
    largest = max(lane)
    # A lane with a NaN, +inf or only -inf has no softmax.
    if not math.isfinite(largest) or any(map(math.isnan, lane)):
        return [math.nan] * len(lane)
    powers = [math.exp(x - largest) for x in lane]
    total = math.fsum(powers)
    return [power / total for power in powers]


def answer(call):
    """Computes the softmax of a call's tensor, which follows it, and sends it back."""
    sequence, source, target, operation, _, axis, rank = struct.unpack("<QIIIIiI", call[:32])
    shape = struct.unpack(f"<{rank}Q", call[48:])
    count = math.prod(shape)
    raw = b""
    while len(raw) < 8 * count:
        raw += receive()[1]
    if (source, target, operation) != (FLOAT64, FLOAT64, 0):
        return send(FAILED, struct.pack("<QI", sequence, 0) + b"float64 only")
    x = struct.unpack(f"<{count}d", raw)
    y = [0.0] * count
    length, inner = shape[axis], math.prod(shape[axis + 1:])
    begin = time.perf_counter_ns()
    try:
        for start in range(count // length if length else 0):
            place = start // inner * length * inner + start % inner
            lane = slice(place, place + length * inner, inner)
            y[lane] = softmax(x[lane])
    except ArithmeticError as error:
        return send(FAILED, struct.pack("<QI", sequence, 0) + str(error).encode())
    elapsed = time.perf_counter_ns() - begin
    raw = struct.pack(f"<{count}d", *y)
    for start in range(0, len(raw), PIECE):
        send(OUTPUT, raw[start:start + PIECE])
    send(DONE, struct.pack("<QQ", sequence, max(elapsed, 1)))


kind, _ = receive()
assert kind == HELLO
send(READY, json.dumps({
    "name": "plain-python", "formats": {"float64": ["float64"]}, "layouts": ["rowMajor"], "transfer": "messages",
    "environment": {"python": sys.version.split()[0]}}).encode())
while True:
    kind, content = receive()
    if kind == CALL:
        answer(content)
