"""The only place that sends files of ours compressed: the design system's style sheet is an eighth of its size so.

Only files, which are the same for everybody. A page holds secrets beside what its reader typed, and a compressed
length tells the one from the other (the attack called BREACH).
"""

import gzip
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request

TEXTS = frozenset({"text/css", "text/javascript", "application/javascript", "image/svg+xml"})
SMALL = 1_000  # bytes: below it a header costs more than it saves


def install(app: Flask) -> None:
    """Let static texts go out compressed to whoever takes them so."""
    folder = Path(app.static_folder or "")

    @app.after_request
    def compress(response: Response) -> Response:
        if request.endpoint != "static" or response.mimetype not in TEXTS or response.status_code != 200:
            return response
        response.headers.add("Vary", "Accept-Encoding")
        name = (request.view_args or {}).get("filename", "")
        if request.accept_encodings["gzip"] and "Range" not in request.headers and request.method == "GET":
            file = folder / name
            if (packed := _packed(str(file), file.stat().st_mtime_ns)) is not None:
                response.close()  # the file it would have read
                response.direct_passthrough = False
                response.set_data(packed)
                response.headers["Content-Encoding"] = "gzip"
        return response


@lru_cache(maxsize=200)
def _packed(path: str, changed: int) -> bytes | None:
    """The file compressed, packed once in the life of the process; None where it is not worth it."""
    content = Path(path).read_bytes()
    return gzip.compress(content, 9, mtime=0) if len(content) > SMALL else None
