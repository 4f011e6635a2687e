"""The commands: one module each, with its arguments and what it does.

Messages go to standard error, results to standard output; with ``--json`` standard output holds one
JSON object and nothing else. Without a command the window opens. Exit status: 0 done, 1 refused or
something found wrong, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

import cleanflow.cli.refusals  # noqa: F401 - declares what this room refuses
from cleanflow import __version__
from cleanflow.cli.console import complain, database_path
from cleanflow.db.failures import DatabaseError, read_failure
from cleanflow.errors import NotSaved, Refusal

#: Each is a module of this room, imported only when it is used.
_COMMANDS = (
    "init", "demo", "import", "report", "close", "export", "verify", "backup", "restore", "status", "check",
    "join", "leave", "sync", "serve",
)  # fmt: skip


def _module_of(command: str) -> str:
    """The command's module; ``import`` is a keyword, so its module has another name."""
    return "cleanflow.cli.importing" if command == "import" else f"cleanflow.cli.{command}"


#: Refusals that a person can answer -> how to do so on the command line.
_ANSWERS = {
    "clock_unsure": "To confirm it: cleanflow --clock-is-right COMMAND …",
    "cash_hidden": "With an owner's PIN: add --as-owner to the command",
    "variance_needs_reason": "To say why: close … --reason WORDS",
}


class CommandModule(Protocol):
    """What a command's module offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""
        ...

    def run(self, options: argparse.Namespace) -> int:
        """Do it; ``options.data`` is the data folder. Returns the exit status."""
        ...


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    options = argparse.Namespace(data=None)
    _use_utf8()
    try:
        parser, modules = _parser(arguments)
        options = parser.parse_args(arguments)
        if options.command is None:
            return import_module("cleanflow.cli.window").run(options)  # type: ignore[no-any-return]
        status = modules[options.command].run(options)
        sys.stdout.flush()
        return status
    except (Refusal, NotSaved) as error:
        complain(str(error))
        if isinstance(error, Refusal) and error.code in _ANSWERS:
            complain(_ANSWERS[error.code])
        return 1
    except DatabaseError as error:
        complain(read_failure(error))
        return 1
    except BrokenPipeError:  # the reader of our output has closed it
        sys.stderr.close()
        return 1
    except OSError as error:
        complain(f"{error.strerror or error}" + (f": {error.filename}" if error.filename else ""))
        return 1
    except KeyboardInterrupt:
        complain("Stopped. What was confirmed before is kept.")
        return 130
    except (ImportError, SyntaxError):  # a broken installation: left to the launcher, which reports it
        raise
    except Exception as error:  # noqa: BLE001 - the boundary: a bug is one line here, the rest is in the log
        complain(_failed(options, error))
        return 1


def _failed(options: argparse.Namespace, error: Exception) -> str:
    """The message for a bug; details go into the shop's log, if there is a shop."""
    from cleanflow.safekeeping.log import LOG_NAME, log_beside

    words = f"Something in the program failed ({type(error).__name__}). What was confirmed before is kept."
    with suppress(OSError, Refusal, ValueError):
        path = database_path(options)
        if path.is_file():
            log_beside(path)
            logging.getLogger(__name__).error("a command failed", exc_info=error)
            return f"{words} Details for support are in {path.parent / LOG_NAME}"
    return words


def _parser(arguments: list[str]) -> tuple[argparse.ArgumentParser, dict[str, CommandModule]]:
    parser = argparse.ArgumentParser(
        prog="cleanflow", description="A point of sale for service shops, with proper books, offline."
    )
    parser.add_argument("--version", action="version", version=f"CleanFlow {__version__}")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data folder")
    parser.add_argument(
        "--clock-is-right", action="store_true", help="write today's date although the clock looks wrong"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    named = [name for name in _COMMANDS if name in arguments]
    explained = named or (list(_COMMANDS) if {"-h", "--help"} & set(arguments) else [])
    modules: dict[str, CommandModule] = {}
    for name in named or _COMMANDS:
        if name not in explained:  # no command is used: opening the window does not wait for their modules
            commands.add_parser(name)
            continue
        module = import_module(_module_of(name))
        summary = (module.__doc__ or "").partition("\n")[0]
        child = commands.add_parser(name, help=summary, description=summary)
        modules[name] = cast(CommandModule, module)
        modules[name].add_arguments(child)
    return parser, modules


def _use_utf8() -> None:
    """Print names in any script, also on a Windows console or in a pipe with an old code page."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
