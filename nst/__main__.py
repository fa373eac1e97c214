"""`python -m nst`."""

import signal
import sys

# Until the command itself can answer Ctrl-C, the process ends as a program without a handler does: silently.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from nst.cli import main  # noqa: E402

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(main())
