"""The entrance room: its routes."""

from flask import Blueprint

bp = Blueprint("entrance", __name__)
