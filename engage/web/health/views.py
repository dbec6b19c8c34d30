"""The health room: its routes."""

from flask import Blueprint

bp = Blueprint("health", __name__)
