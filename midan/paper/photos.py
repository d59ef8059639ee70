"""A photo from outside becomes a picture of our own making: pixels, and nothing of what stood around them."""

from io import BytesIO
from typing import Final

from PIL import Image, ImageOps

from midan.paper.errors import BadPhoto

MOST_BYTES: Final = 8 * 1024 * 1024
# Decoded sizes that still fit: a JPEG is decoded at a fraction of its size, a PNG whole.
_MOST_PIXELS: Final = {"JPEG": 64_000_000, "PNG": 16_000_000}
_LONGEST_SIDE: Final = 1600
_QUALITY: Final = 80


def clean(raw: bytes) -> bytes:
    """Return the picture drawn anew as a JPEG of at most 1600 pixels a side; BadPhoto naming what is wrong.

    Place, camera, comments, thumbnails and colour profiles of the file are not in it.
    """
    if not 0 < len(raw) <= MOST_BYTES:
        raise BadPhoto("size")
    try:
        with Image.open(BytesIO(raw), formats=tuple(_MOST_PIXELS)) as image:
            if image.width * image.height > _MOST_PIXELS[str(image.format)]:
                raise BadPhoto("pixels")
            image.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
            image.load()
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        raise BadPhoto("kind") from None
    upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    # A picture that was opened carries its file's notes along when it is saved; a new one has none.
    drawn = Image.new("RGB", upright.size)
    drawn.paste(upright)
    made = BytesIO()
    drawn.save(made, "JPEG", quality=_QUALITY, optimize=True)
    return made.getvalue()
