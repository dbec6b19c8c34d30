"""The audit room: its routes."""

from flask import Blueprint

bp = Blueprint("audit", __name__)
