"""Lists the packages, which setup.cfg cannot.

In a checkout `server` and `sql` stand beside `cleanflow`; installed, they are inside of it: the package
takes no other top-level name.
"""

from setuptools import find_packages, setup

setup(packages=[*find_packages(include=["cleanflow*"]), "cleanflow.server", "cleanflow.sql"])
