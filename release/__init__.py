"""The release: the program, its packages for every Python from 3.11 to 3.14, and a loader, in one file.

`python3 -m release DIR` builds the files. Nothing of this room is in them but `loader/`.
"""
