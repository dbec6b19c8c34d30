"""The admin room's blueprint, for the modules that hang their routes on it."""

from flask import Blueprint

bp = Blueprint("admin", __name__)
