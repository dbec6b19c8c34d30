"""The guidance room: its routes."""

from flask import Blueprint

bp = Blueprint("guidance", __name__)
