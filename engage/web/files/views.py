"""The room that hands out files: each to whoever may see its record, to be saved and never shown in place."""

from flask import Blueprint, send_file
from flask.typing import ResponseReturnValue

from engage.services import file_access, files
from engage.services.transaction import transaction
from engage.web import access

bp = Blueprint("files", __name__)
POLICY = "default-src 'none'; sandbox"  # whatever a browser makes of it, nothing in it runs or loads


@bp.get("/files/<int:file_id>")
def download(file_id: int) -> ResponseReturnValue:
    """One file, as an attachment. Having somebody else's is left in the trail."""
    found = access.or_404(file_access.find(file_id, by=access.me(), day=access.today()))
    name, media_type, stream = found.name, found.media_type, files.open_bytes(found)
    if found.uploaded_by_id != access.me().id:
        with transaction():
            files.look(found, by=access.me(), now=access.clock())
    answer = send_file(stream, mimetype=media_type, as_attachment=True, download_name=name, etag=False)
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
