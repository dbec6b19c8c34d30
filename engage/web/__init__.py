"""Floor 4a: the rooms. The only place that lists them and wires their shared furniture to the application."""

from importlib import import_module

from flask import Flask

from engage.web import access, lighter, pages, safety

# In the order of the menu. Each is a package here with `bp`, a Flask blueprint of that name, in its views.
ROOMS = (
    "health",
    "entrance",
    "account",
    "requests",
    "secretariat",
    "board",
    "travel",
    "training",
    "guidance",
    "awareness",
    "duty",
    "partners",
    "reports",
    "files",
    "search",
    "bulk",
    "audit",
    "admin",
)


def register(app: Flask) -> None:
    """Give the application its locks, its headers, its pages' furniture and its rooms."""
    safety.install(app)
    access.install(app)
    pages.install(app)
    lighter.install(app)
    for room in ROOMS:
        app.register_blueprint(import_module(f"engage.web.{room}.views").bp)
