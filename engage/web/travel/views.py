"""The travel room: its routes."""

from flask import Blueprint

bp = Blueprint("travel", __name__)
