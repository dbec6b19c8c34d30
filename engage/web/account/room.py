"""The account room's blueprint, for the modules that hang their routes on it."""

from flask import Blueprint

bp = Blueprint("account", __name__)
