"""The only place that says whether an upload is a photograph: a JPEG or PNG by name and content, drawn anew."""

from pathlib import PurePosixPath

from engage.importing.attachments import Checked, clean_name
from engage.importing.pictures import redrawn
from engage.importing.sheet import Unreadable

LARGEST_BYTES = 10 * 1024 * 1024
_STARTS = {"jpg": b"\xff\xd8\xff", "jpeg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}
ACCEPTED = ".jpg,.jpeg,.png"


def check_photograph(name: str, content: bytes) -> Checked:
    """A photograph without the place and time that a camera wrote into it. Raises Unreadable for anything else."""
    name = clean_name(name)
    ending = PurePosixPath(name).suffix.lower().removeprefix(".")
    if not content:
        raise Unreadable("The file is empty.")
    if len(content) > LARGEST_BYTES:
        raise Unreadable(f"The photograph is larger than {LARGEST_BYTES // 1024**2} MB.")
    if ending in ("heic", "heif"):
        raise Unreadable("This is a telephone's own format. Set its camera to JPEG (“most compatible”).")
    if ending not in _STARTS or not content.startswith(_STARTS[ending]):
        raise Unreadable("This is not a photograph. Send a JPEG or a PNG.")
    kind = "PNG" if ending == "png" else "JPEG"
    return Checked(name, f"image/{kind.lower()}", redrawn(content, "PNG" if ending == "png" else "JPEG"))
