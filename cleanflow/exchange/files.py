"""Writing a file that appears whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from cleanflow.errors import Refusal


@contextmanager
def written_whole(path: Path) -> Iterator[TextIO]:
    """A UTF-8 text file to write into; it takes its name, and another one's place, at the end.

    Refuses with ``file_unwritable``; what stood there before then still stands.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part")
    except OSError as error:
        raise Refusal("file_unwritable", path=path, reason=error.strerror or error) from error
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(name)
        raise Refusal("file_unwritable", path=path, reason=error.strerror or error) from error
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
