"""`python -m fuzz`, as `scripts/fuzz` starts it."""

import sys

from fuzz.command import main

sys.exit(main())
