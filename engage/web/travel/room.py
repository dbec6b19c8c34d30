"""The travel room's blueprint, for the modules that hang their routes on it."""

from flask import Blueprint

bp = Blueprint("travel", __name__)
