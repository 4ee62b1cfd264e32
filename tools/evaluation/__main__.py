"""How well search finds and taste learns: figures, JSON and a plot."""

import sys

from glance_agent.cli.terminal import complain
from glance_agent.domain.errors import GlanceError
from tools.evaluation.cli import app

try:
    app()
except GlanceError as error:
    complain(str(error))
    sys.exit(2)
