"""What stands at the sorting line: two decoders that share no code."""

import subprocess
from pathlib import Path

import zxingcpp
from PIL import Image

from tests.programs import needs

needs_zbar = needs("zbarimg")
needs_poppler = needs("pdftoppm", "pdftotext")


def by_zxing(image: Image.Image) -> set[tuple[str, str]]:
    found = zxingcpp.read_barcodes(image.convert("L"))
    return {(("qr" if "QR" in str(code.format) else "code128"), code.text) for code in found}


def by_zbar(image: Image.Image, folder: Path) -> set[tuple[str, str]]:
    path = folder / "scan.png"
    image.convert("L").save(path)
    command = ["zbarimg", "-q", "-Sdisable", "-Scode128.enable", "-Sqrcode.enable", str(path)]
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    pairs = (line.split(":", 1) for line in lines)
    return {("qr" if kind == "QR-Code" else "code128", text) for kind, text in pairs}


def rasterised(pdf: bytes, dpi: int, folder: Path) -> Image.Image:
    source = folder / "label.pdf"
    source.write_bytes(pdf)
    subprocess.run(
        ["pdftoppm", "-r", str(dpi), "-png", "-singlefile", str(source), str(folder / "page")], check=True
    )
    return Image.open(folder / "page.png")


def text_of(pdf: bytes, folder: Path) -> str:
    source = folder / "text.pdf"
    source.write_bytes(pdf)
    return subprocess.run(["pdftotext", str(source), "-"], capture_output=True, text=True, check=True).stdout
