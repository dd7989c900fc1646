"""A command that is the program, for those who start one by a command: shells, and clients.

    python -I -S warm_start.py ADDRESS ARGUMENTS...

Its streams, folder and environment are those of a fork of the warm process, which listens at the
address; SIGTERM is passed on, and the exit code is the fork's. It imports little, so as to begin
at once.
"""

import json
import os
import signal
import socket
import sys
from contextlib import suppress

streams = []  # those that are open, before the connection takes the number of another
for number in range(3):
    with suppress(OSError):
        os.fstat(number)
        streams.append(number)
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect(sys.argv[1])
    order = {"arguments": sys.argv[2:], "cwd": os.getcwd(), "env": dict(os.environ)}  # noqa: PTH109  pathlib takes longer
    socket.send_fds(connection, [b"!"], streams)
    connection.sendall(json.dumps(order | {"streams": streams}).encode())
    connection.shutdown(socket.SHUT_WR)
    process = int.from_bytes(connection.recv(4, socket.MSG_WAITALL), "big")
    signal.signal(signal.SIGTERM, lambda *_: os.kill(process, signal.SIGTERM))
    for stream in streams:
        os.close(stream)  # whoever reads or writes the other end has the fork only
    code = int.from_bytes(connection.recv(4, socket.MSG_WAITALL), "big", signed=True)
    os._exit(code if code >= 0 else 128 - code)
