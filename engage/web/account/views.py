"""The account room: its routes."""

from flask import Blueprint

bp = Blueprint("account", __name__)
