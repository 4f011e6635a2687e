"""The window. The only room that imports tkinter; it calls the DAO and never writes SQL.

Local reads and writes run at once on the window's own connection; everything that can take longer goes
through tasks/background.py. window.py is the window as a whole; each screen is one file.
"""

import cleanflow.gui.refusals  # noqa: F401 - declares what this room refuses
