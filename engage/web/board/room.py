"""The board room's blueprint, on which its pages hang."""

from flask import Blueprint

bp = Blueprint("board", __name__)
