"""The awareness room: its routes."""

from flask import Blueprint

bp = Blueprint("awareness", __name__)
