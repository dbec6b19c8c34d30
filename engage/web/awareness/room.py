"""The awareness room's blueprint, on which its pages hang."""

from flask import Blueprint

bp = Blueprint("awareness", __name__)
