"""``python -m stancelib``: the same as the command ``stancelib``."""

import sys

from stancelib.cli import main

if __name__ == "__main__":
    sys.exit(main())
