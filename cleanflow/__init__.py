"""CleanFlow: the shop's jobs, money and daily report on a PC that need not be online."""

__version__ = "0.1.0"
