"""The only place that opens an uploaded picture: measured by its header first, then drawn anew without its notes."""

import io
import warnings
from typing import Literal

from PIL import Image, ImageOps, UnidentifiedImageError

from engage.importing.sheet import Unreadable

LARGEST_PIXELS = 30_000_000  # about what a telephone takes; 120 MB in memory
LARGEST_SIDE = 12_000
JPEG_QUALITY = 88
PLAIN_MODES = {"1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"}


def redrawn(content: bytes, kind: Literal["PNG", "JPEG"]) -> bytes:
    """The picture alone: turned the way its camera said, without place, time, comments or what follows its end.

    Raises Unreadable for a picture too large to draw, damaged, or of another kind.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _redrawn(content, kind)
    except Unreadable:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Unreadable(_TOO_LARGE) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, OverflowError, MemoryError):
        raise Unreadable(f"The {kind} is damaged, or is something else.") from None


_TOO_LARGE = f"The picture has more than {LARGEST_PIXELS // 1_000_000} million points. Make it smaller."


def _redrawn(content: bytes, kind: Literal["PNG", "JPEG"]) -> bytes:
    with Image.open(io.BytesIO(content), formats=[kind]) as picture:  # reads the header only
        width, height = picture.size
        if width * height > LARGEST_PIXELS or max(width, height) > LARGEST_SIDE:
            raise Unreadable(_TOO_LARGE)
        upright = ImageOps.exif_transpose(picture)
        if upright.mode not in PLAIN_MODES or (kind == "JPEG" and upright.mode not in ("L", "RGB", "CMYK")):
            upright = upright.convert("RGB")
        upright.info.clear()  # what the camera or an editor wrote beside the picture
        made = io.BytesIO()
        if kind == "JPEG":
            upright.save(made, "JPEG", quality=JPEG_QUALITY)
        else:
            upright.save(made, "PNG")
    return made.getvalue()
