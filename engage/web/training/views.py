"""The training room: its routes."""

from flask import Blueprint

bp = Blueprint("training", __name__)
