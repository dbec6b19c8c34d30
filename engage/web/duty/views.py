"""The duty room: its routes."""

from flask import Blueprint

bp = Blueprint("duty", __name__)
