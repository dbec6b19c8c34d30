"""The only place that answers with a file: always to be saved, never shown as a page of ours."""

import io

from flask import Response, send_file

PDF = "application/pdf"


def attachment(content: bytes, name: str, kind: str = PDF) -> Response:
    """`content` as a file called `name`. Browsers save it and do not guess what it is; caches do not keep it."""
    answer = send_file(io.BytesIO(content), mimetype=kind, as_attachment=True, download_name=name, etag=False)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.content_length = len(content)
    return answer
