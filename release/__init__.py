"""Builds the release: one file with the program, its packages for Python 3.11 to 3.14, and a loader.

`python3 -m release DIR` builds the files. Of this room they contain only `loader/`.
"""
