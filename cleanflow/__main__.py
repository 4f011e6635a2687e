"""`python -m cleanflow`: hands the command line to `cleanflow.cli` and its answer to the shell."""

import sys

from cleanflow.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
