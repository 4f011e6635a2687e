"""The screens, one file each; a new one is one line in this list."""

from __future__ import annotations

from cleanflow.gui.screen import Screen
from cleanflow.gui.screens.customers import Customers
from cleanflow.gui.screens.new_job import NewJob

#: In the order of the side bar.
SCREENS: tuple[type[Screen], ...] = (Customers, NewJob)
