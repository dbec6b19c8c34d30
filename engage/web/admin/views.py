"""The admin room: its routes."""

from flask import Blueprint

bp = Blueprint("admin", __name__)
