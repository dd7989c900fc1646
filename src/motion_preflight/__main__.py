"""The program: `motion-preflight`, or `python -m motion_preflight`."""

from __future__ import annotations

import sys


def main() -> int:
    """The exit code. Collecting garbage is switched off: the process is short, and it costs a
    seventh of it.
    """
    import _thread  # noqa: PLC0415
    import gc  # noqa: PLC0415

    gc.disable()
    # A thread waits for a socket or a process: where memory is short, 8 MB of stack are too much.
    _thread.stack_size(1 << 20)
    from motion_preflight.interruption import (  # noqa: PLC0415
        code_of,
        ignore,
        listen,
        unbroken,
    )

    listen()  # so that temporary files are gone afterwards, and what was sent is known
    try:
        with unbroken():
            from motion_preflight.cli import run  # noqa: PLC0415
        return run(sys.argv[1:])
    except (KeyboardInterrupt, SystemExit) as interruption:
        return code_of(interruption)
    finally:
        ignore()
        gc.freeze()  # nothing is left to collect at the end either


if __name__ == "__main__":
    sys.exit(main())
