"""Callables of this process, served to workers that the program starts.

What cannot be named, as a closure, is called where it lives: its worker is a relay between the program and a socket that this
process listens at.
"""

import functools
import os
import threading

from softmax_audit.callables import Understanding
from softmax_audit.worker import Worker


class Served:
    """A callable of this process, served to workers that relay what the host and they say to one another.

    Calls are made one after another, by threads of this process: what is called may hold anything that this process holds,
    locks on its own threads excepted.
    """

    def __init__(self, function, name, arguments=None):
        import socket
        import tempfile

        self.name = name
        self.loaded = functools.cache(
            lambda operation: Understanding(function, name, arguments, operation or "softmax"))
        self.folder = tempfile.TemporaryDirectory(prefix="softmax-audit-")
        self.path = os.path.join(self.folder.name, "worker")
        self.lock = threading.Lock()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        def end(status):
            raise SystemExit(status)

        with connection, connection.makefile("rb") as commands:
            worker = Worker(commands, connection.send, end)
            answer = worker.answer

            def one_at_a_time(*content):
                import numpy

                # Logits at the edge overflow on purpose: a test suite that makes errors of warnings
                # must not see them.
                with self.lock, numpy.errstate(all="ignore"):
                    return answer(*content)

            worker.answer = one_at_a_time
            try:
                worker.serve(self.name, self.loaded)
            except (SystemExit, OSError):
                # The host has ended, or has given this connection up.
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()
        self.folder.cleanup()


def relay(path):
    """A worker that hands on what the host and a process behind a socket say to one another."""
    import socket

    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)

    def hand_on():
        while data := os.read(0, 1 << 16):
            connection.sendall(data)
        os._exit(0)

    threading.Thread(target=hand_on, daemon=True).start()
    while data := connection.recv(1 << 16):
        while data:
            data = data[os.write(1, data):]
    # The threads of the process behind the socket end with it.
    os._exit(1)
