"""How well search finds and taste learns: figures, JSON and a plot."""

import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does, before numpy loads

from glance_agent.cli.terminal import complain
from glance_agent.domain.errors import GlanceError
from tools.evaluation.cli import app

try:
    app()
except GlanceError as error:
    complain(str(error))
    sys.exit(2)
