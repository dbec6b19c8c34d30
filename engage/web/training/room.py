"""The training room's blueprint, for the modules that hang their routes on it."""

from flask import Blueprint

bp = Blueprint("training", __name__)
