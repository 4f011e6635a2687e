"""Starts CleanFlow from a checkout: `python3 cleanflow.py [--data DIR] [COMMAND …]`.

Responsible for one thing: that the program runs under the checkout's own environment (`.venv`,
made at the first start by `cleanflow.environment`), whatever Python and folder it was started
from. What the words on the command line mean is `cleanflow.cli`'s.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def main(argv: "list[str]") -> int:
    """Run CleanFlow with `argv` (without the program's name); the exit status."""
    if HERE not in sys.path:  # python -P, PYTHONSAFEPATH
        sys.path.insert(0, HERE)
    # The package cleanflow/ wins over this file of the same name. It must be readable to a
    # Python too old for the rest, so nothing else of it is imported before enter() agrees.
    from cleanflow import environment

    status = environment.enter(
        HERE,
        [os.path.join(HERE, "cleanflow.py")],
        argv,
        groups=environment.groups_of(argv),
        window=environment.opens_window(argv),
    )
    if status is not None:
        return status

    try:
        from cleanflow import cli

        return cli.main(argv)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
