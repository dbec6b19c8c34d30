"""Engage: governance and support of international engagements. `create_app` wires the floors together."""

from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from engage.config import Settings

HERE = Path(__file__).parent


def shipped(folder: str) -> Path:
    """A folder beside the package in a checkout, inside it in a wheel."""
    inside = HERE / folder
    return inside if inside.is_dir() else HERE.parent / folder


def create_app(settings: "Settings") -> Flask:
    """The application for `settings`. Raises config.UnsafeSettings when production would be unsafe."""
    from werkzeug.middleware.proxy_fix import ProxyFix

    from engage import cli, web
    from engage.extensions import db, engine_options, migrate

    settings.check()
    app = Flask(__name__, template_folder=str(shipped("templates")), static_folder=str(HERE / "static"))
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret,
        SESSION_COOKIE_NAME=settings.cookie_name + "-visit",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        TRUSTED_HOSTS=list(settings.hosts),
        MAX_CONTENT_LENGTH=6 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=2000,
    )
    db.init_app(app)
    migrate.init_app(app, db, directory=str(shipped("migrations")), render_as_batch=True)
    web.register(app)
    cli.register(app)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]
    if not settings.demonstration:
        _refuse_demonstration_people(app)
    return app


def _refuse_demonstration_people(app: Flask) -> None:
    """Production does not start over accounts whose password is printed in the README."""
    from sqlalchemy import inspect
    from sqlalchemy.exc import OperationalError

    from engage.config import UnsafeSettings
    from engage.extensions import db
    from engage.services import people

    with app.app_context():
        try:
            known = people.demonstration_accounts() if inspect(db.engine).has_table("person") else []
        except OperationalError:  # no database to look into; sign-in refuses these accounts in any case
            known = []
        db.session.remove()
        db.engine.dispose()  # a server forks after this
    if known:
        who = ", ".join(known)
        raise UnsafeSettings([f"The database has demonstration accounts ({who}): disable them, or take a new one."])
