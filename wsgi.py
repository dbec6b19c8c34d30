"""The only place where a web server, or `flask --app wsgi`, finds the application."""

import os

from engage import create_app
from engage.config import Settings

app = create_app(Settings.from_environment(os.environ))
