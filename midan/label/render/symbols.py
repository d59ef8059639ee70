"""The modules of the two codes on a label, from zxing-cpp, as dark rectangles in units of one module."""

from functools import lru_cache

import numpy as np
import zxingcpp
from numpy.typing import NDArray

Run = tuple[int, int, int, int]  # x, y, width, height
CODE128_MODULES = (
    145  # start B, M D and one digit, code C, six pairs, check, stop: every waybill number alike
)
CODE128_QUIET = 10
QR_QUIET = 4


def code128(data: str) -> list[Run]:
    """Return the bars of a Code 128 symbol, one module high."""
    symbol = zxingcpp.create_barcode(data, zxingcpp.BarcodeFormat.Code128)
    return _runs(_modules(symbol)[:1])


def qr(data: str) -> list[Run]:
    """Return the dark rectangles of a QR symbol with error correction M."""
    return _runs(qr_modules(data))


def qr_size(length: int) -> int:
    """Return how many modules a side a payload of this many alphanumeric characters takes."""
    return _qr_size(length)


@lru_cache(maxsize=256)
def _qr_size(length: int) -> int:
    return len(qr_modules("A" * length))


def qr_modules(data: str) -> NDArray[np.bool_]:
    symbol = zxingcpp.create_barcode(data, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return _modules(symbol)


def code128_modules(data: str) -> NDArray[np.bool_]:
    symbol = zxingcpp.create_barcode(data, zxingcpp.BarcodeFormat.Code128)
    row: NDArray[np.bool_] = _modules(symbol)[0]
    return row


def _modules(symbol: zxingcpp.Barcode) -> NDArray[np.bool_]:
    image = zxingcpp.write_barcode_to_image(symbol, scale=1, add_hrt=False, add_quiet_zones=False)
    return np.asarray(np.array(image) == 0)


def _runs(modules: NDArray[np.bool_]) -> list[Run]:
    """Return the dark runs of each row, equal runs of rows below each other joined: fewer edges, no hairlines."""
    rows, columns = modules.shape
    edged = np.zeros((rows, columns + 2), dtype=np.int8)
    edged[:, 1:-1] = modules
    change = np.diff(edged, axis=1)
    starts, ends = np.argwhere(change == 1), np.argwhere(change == -1)
    open_runs: dict[tuple[int, int], tuple[int, int]] = {}
    done: list[Run] = []
    for (row, left), (_, right) in zip(starts.tolist(), ends.tolist(), strict=True):
        top, height = open_runs.pop((left, right), (row, 0))
        if height and top + height != row:
            done.append((left, top, right - left, height))
            top, height = row, 0
        open_runs[(left, right)] = (top, height + 1)
    done += [(left, top, right - left, height) for (left, right), (top, height) in open_runs.items()]
    return done
