"""`python3 -m release`: builds the files of a release, each for one system and Python 3.11 to 3.14.

python3 -m release DIR [NAME …]    build cleanflow-linux.pyz, cleanflow-windows.pyzw and the servers' files
                                   in DIR; or only linux, windows, server, server-windows
python3 -m release lock [NAME …]   choose the packages anew and write release/wheels-*.txt
python3 -m release schema          make the repeated SQL from cleanflow/records; --freeze at a release

Packages are fetched once, by pip, into build/wheels/. This file uses only the syntax of Python 3.6, like
`cleanflow.environment`.
"""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def main(argv: "list[str]") -> int:
    """Run one of the commands; returns the exit status."""
    if not argv or argv[0] in ("-h", "--help"):
        print((__doc__ or "").strip())
        return 0 if argv else 2
    if ROOT not in sys.path:
        sys.path.insert(0, ROOT)
    from cleanflow import environment

    is_word = argv[0] in ("lock", "schema")
    where = argv[0] if is_word else os.path.abspath(argv[0])
    status = environment.enter(ROOT, ["-m", "release"], [where, *argv[1:]])
    if status is not None:
        return status
    if argv[0] == "schema":
        from pathlib import Path

        from release import schema

        return schema.main(Path(ROOT), argv[1:])
    from release.wheels import NotBuilt

    try:
        return _work(argv[0], argv[1:], environment.say)
    except NotBuilt as error:
        environment.say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


def _work(word, names, say):
    from pathlib import Path

    from release import wheels
    from release.building import build
    from release.targets import TARGETS

    chosen = [target for target in TARGETS if target.name in names or not names]
    if len(chosen) < len(names):
        say("there are only " + ", ".join(target.name for target in TARGETS) + ".")
        return 2
    for target in chosen:
        if word == "lock":
            wheels.lock(target, say)
            continue
        folder = Path(ROOT, "build", "wheels")
        wheels.fetch(target, folder, say)
        path = build(target, folder, Path(word))
        say(f"{path}: {path.stat().st_size / 1e6:.1f} MB, SHA-256 {wheels.sha256(path)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
