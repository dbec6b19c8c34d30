"""The partners room: its routes."""

from flask import Blueprint

bp = Blueprint("partners", __name__)
