"""The secretariat room: its routes."""

from flask import Blueprint

bp = Blueprint("secretariat", __name__)
