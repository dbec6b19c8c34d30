"""The secretariat's room: its blueprint, on which its pages hang."""

from flask import Blueprint

bp = Blueprint("secretariat", __name__)
