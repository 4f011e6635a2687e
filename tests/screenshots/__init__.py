"""`python3 -m tests screenshots DIR`: a picture of every screen, in both sizes, light and dark.

They show a demo shop with some names and amounts that strain the columns, an empty shop, one that has joined
a server, and the first start. People judge the pictures; a test checks that every screen can be drawn.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from PIL import ImageGrab

from cleanflow.dao.remembered import remember
from cleanflow.dao.shop import is_set_up
from cleanflow.dao.users import User, list_users
from cleanflow.db import open_database
from cleanflow.demo.shop import DemoClock
from cleanflow.gui.window import Window
from tests.screenshots.joined import coming_shop, joined_shop
from tests.screenshots.scenes import Scenes, coming_scenes, first_start_scenes, readme_scenes, scenes
from tests.screenshots.shops import empty_shop, full_shop, no_shop, readme_shop
from tests.screenshots.sync_scenes import sync_scenes

SIZES = ((1024, 740), (1366, 740))
THEMES = ("bootstrap-light", "bootstrap-dark")


def main(argv: list[str]) -> int:
    """Write the pictures into a folder; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python3 -m tests screenshots", description=__doc__)
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--only", default="", metavar="NAME", help="screens whose name begins so")
    parser.add_argument(
        "--shop", default="", metavar="NAME", help="full, empty, joined, coming, none or readme"
    )
    parser.add_argument("--text-size", default=100, type=int, metavar="PERCENT")
    parser.add_argument("--quick", action="store_true", help="the small size and light alone")
    options = parser.parse_args(argv)
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="cleanflow-pictures-") as work:
        os.environ["CLEANFLOW_MARKERS"] = f"{work}/markers"
        for shop, (make, show) in _SHOPS.items():
            if options.shop not in ("", shop):
                continue
            path = make(Path(work))
            for theme in THEMES[: 1 if options.quick else 2]:
                for size in SIZES[: 1 if options.quick else 2]:
                    name = f"{shop}-{size[0]}-{theme.rpartition('-')[2]}"
                    photograph(path, show, theme, size, options.folder, name, options.only, options.text_size)
    return 0


_SHOPS: dict[str, tuple[Callable[[Path], Path], Callable[[Window, User | None], Scenes]]] = {
    "full": (full_shop, scenes),
    "empty": (empty_shop, scenes),
    "joined": (joined_shop, sync_scenes),
    "coming": (coming_shop, coming_scenes),
    "none": (no_shop, first_start_scenes),
    "readme": (readme_shop, readme_scenes),
}


def photograph(
    path: Path,
    scenes_of: Callable[[Window, User | None], Scenes],
    theme: str,
    size: tuple[int, int],
    folder: Path,
    suffix: str,
    only: str = "",
    text_size: int = 100,
) -> None:
    """Take a picture of each screen of the shop in ``path``."""
    # PCs that have synchronised with a server use the real time, like the server.
    clock = None if scenes_of is sync_scenes else DemoClock(datetime(2026, 3, 10, 15, 30, tzinfo=UTC))
    with open_database(path, clock=clock) as db:
        remember(db, "theme", theme)
        remember(db, "text_size", text_size)
        window = Window(db)
        window.geometry(f"{size[0]}x{size[1]}+0+0")
        try:
            window.start(is_set_up(db))
            settle(window)
            owner = next((user for user in list_users(db) if user.role == "OWNER"), None)
            if owner is not None and not only:
                take(window, folder / f"sign_in-{suffix}.png")
            for name, show in scenes_of(window, owner):
                if name.startswith(only):
                    show()
                    settle(window)
                    take(window, folder / f"{name}-{suffix}.png")
        finally:
            window.destroy()


def settle(window: Window) -> None:
    """Wait until everything is drawn."""
    until = time.monotonic() + 0.25
    while time.monotonic() < until:
        window.update()


def take(window: Window, path: Path) -> None:
    """Save the part of the display that the window covers."""
    x, y = window.winfo_rootx(), window.winfo_rooty()
    box = (x, y, x + window.winfo_width(), y + window.winfo_height())
    ImageGrab.grab(box, xdisplay=os.environ.get("DISPLAY")).save(path)
