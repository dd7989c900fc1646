"""The program: `motion-preflight`, or `python -m motion_preflight`."""

from __future__ import annotations

import sys

# httpx imports its own command line where rich and click are installed, and httpcore trio. This
# command uses neither, and both together take as long as the rest of its imports.
_NOT_USED = ("httpx._main", "trio")


def main() -> int:
    """Runs the program and returns its exit code.

    The garbage collector is switched off: the process is short, and collecting takes a seventh of
    it.
    """
    import _thread  # noqa: PLC0415
    import gc  # noqa: PLC0415

    for name in _NOT_USED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    gc.disable()
    # Threads only wait for sockets and processes, and 8 MB of stack each are too much where memory
    # is short.
    _thread.stack_size(1 << 20)
    from motion_preflight.cli.signals import (  # noqa: PLC0415
        code_of,
        defer_signals,
        ignore,
        listen,
    )

    listen()  # so that temporary files are removed, and outcomes written down
    try:
        with defer_signals():
            from motion_preflight.cli.program import run  # noqa: PLC0415
        return run(sys.argv[1:])
    except (KeyboardInterrupt, SystemExit) as interruption:
        return code_of(interruption)
    finally:
        ignore()
        _end_errors()
        gc.freeze()  # nothing is left to collect at the end either


def _end_errors() -> None:
    """Lets a stderr that takes nothing, such as that of a full disk, leave the exit code alone:
    what is still buffered for it would end Python with 120.
    """
    try:
        sys.stderr.flush()
    except (OSError, ValueError):  # ValueError: it is closed
        from motion_preflight.cli.console import print_nowhere  # noqa: PLC0415

        print_nowhere(sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
