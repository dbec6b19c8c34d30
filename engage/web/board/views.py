"""The board room: its routes."""

from flask import Blueprint

bp = Blueprint("board", __name__)
