"""Two small label printers: they read ZPL and TSPL as the manuals say and paint what a print head would.

Code 128 is painted from the symbol values themselves, with a table of its own; nothing here is shared with the renderers.
"""

import re
from dataclasses import dataclass, field

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFont
from pylopdf_fonts_zh_cn import sans_path

_PATTERNS = [
    "212222",
    "222122",
    "222221",
    "121223",
    "121322",
    "131222",
    "122213",
    "122312",
    "132212",
    "221213",
    "221312",
    "231212",
    "112232",
    "122132",
    "122231",
    "113222",
    "123122",
    "123221",
    "223211",
    "221132",
    "221231",
    "213212",
    "223112",
    "312131",
    "311222",
    "321122",
    "321221",
    "312212",
    "322112",
    "322211",
    "212123",
    "212321",
    "232121",
    "111323",
    "131123",
    "131321",
    "112313",
    "132113",
    "132311",
    "211313",
    "231113",
    "231311",
    "112133",
    "112331",
    "132131",
    "113123",
    "113321",
    "133121",
    "313121",
    "211331",
    "231131",
    "213113",
    "213311",
    "213131",
    "311123",
    "311321",
    "331121",
    "312113",
    "312311",
    "332111",
    "314111",
    "221411",
    "431111",
    "111224",
    "111422",
    "121124",
    "121421",
    "141122",
    "141221",
    "112214",
    "112412",
    "122114",
    "122411",
    "142112",
    "142211",
    "241211",
    "221114",
    "413111",
    "241112",
    "134111",
    "111242",
    "121142",
    "121241",
    "114212",
    "124112",
    "124211",
    "411212",
    "421112",
    "421211",
    "212141",
    "214121",
    "412121",
    "111143",
    "111341",
    "131141",
    "114113",
    "114311",
    "411113",
    "411311",
    "113141",
    "114131",
    "311141",
    "411131",
    "211412",
    "211214",
    "211232",
]
_STOP = "2331112"
Area = tuple[int, int, int, int]


@dataclass
class Sheet:
    """A printed label: the picture, the area of every field, the texts in order, what the codes were given."""

    image: Image.Image
    areas: list[tuple[str, Area]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    squares: list[str] = field(default_factory=list)

    @classmethod
    def blank(cls, width: int, height: int) -> "Sheet":
        return cls(Image.new("L", (width, height), 255))

    def fill(self, area: Area) -> None:
        self.areas.append(("bar", area))
        ImageDraw.Draw(self.image).rectangle((area[0], area[1], area[2] - 1, area[3] - 1), fill=0)

    def write(self, x: int, baseline: int, size: int, text: str, *, white: bool = False) -> None:
        font = ImageFont.truetype(sans_path(), size)
        draw = ImageDraw.Draw(self.image)
        area = draw.textbbox((x, baseline), text, font=font, anchor="ls")
        self.areas.append((text, tuple(map(int, area))))
        self.texts.append(text)
        draw.text((x, baseline), text, font=font, anchor="ls", fill=255 if white else 0)

    def bars(self, x: int, y: int, module: int, height: int, values: list[int], text: str) -> None:
        check = (values[0] + sum(place * value for place, value in enumerate(values[1:], 1))) % 103
        widths = "".join(_PATTERNS[value] for value in [*values, check]) + _STOP
        at = x
        for place, width in enumerate(map(int, widths)):
            if place % 2 == 0:
                ImageDraw.Draw(self.image).rectangle((at, y, at + width * module - 1, y + height - 1), fill=0)
            at += width * module
        self.areas.append(("code128", (x - 10 * module, y, at + 10 * module, y + height)))
        self.codes.append(text)

    def square(self, x: int, y: int, module: int, text: str) -> None:
        code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
        picture = Image.fromarray(
            np.array(
                zxingcpp.write_barcode_to_image(code, scale=module, add_quiet_zones=False, add_hrt=False)
            )
        )
        quiet = 4 * module
        self.areas.append(
            ("qr", (x - quiet, y - quiet, x + picture.width + quiet, y + picture.height + quiet))
        )
        self.image.paste(picture, (x, y))
        self.squares.append(text)


def _values(spelled: str, start_b: str, code_c: str) -> tuple[list[int], str]:
    """Return the symbol values and the text of 'start B, some characters, code C, pairs'."""
    assert spelled.startswith(start_b), spelled
    head, _, pairs = spelled.removeprefix(start_b).partition(code_c)
    assert re.fullmatch("([0-9]{2})+", pairs), spelled
    values = [104, *(ord(letter) - 32 for letter in head), 99]
    return values + [int(pairs[at : at + 2]) for at in range(0, len(pairs), 2)], head + pairs


def read_zpl(job: str) -> list[Sheet]:
    """Paint every label of a ZPL job."""
    return [_zpl_label(part) for part in job.split("^XA")[1:]]


def _zpl_label(part: str) -> Sheet:
    assert part.rstrip().endswith("^XZ")
    assert "^CI28" in part
    font = re.search(r"\^CW(.),E:(\w+\.TTF)", part)
    assert font
    width, height = (int(re.search(rf"\^{name}(\d+)", part)[1]) for name in ("PW", "LL"))
    sheet = Sheet.blank(width, height)
    module = 2
    for raw in part.split("^FS")[:-1]:
        command = raw[raw.index("^FO") if "^FO" in raw else raw.index("^FT") :]
        if (by := re.search(r"\^BY(\d+)", raw)) is not None:
            module = int(by[1])
        origin = re.match(r"\^F[OT](\d+),(\d+)", command)
        x, y = int(origin[1]), int(origin[2])
        data = command.partition("^FD")[2]
        if "^FH_" in command:
            data = re.sub(r"_([0-9A-F]{2})", lambda match: chr(int(match[1], 16)), data)
        if box := re.search(r"\^GB(\d+),(\d+),(\d+)", command):
            sheet.fill((x, y, x + int(box[1]), y + int(box[2])))
        elif line := re.search(r"\^A(.)N,(\d+),(\d+)", command):
            assert line[1] == font[1]
            assert line[2] == line[3]
            sheet.write(x, y, int(line[2]), data, white="^FR" in command)
        elif bars := re.search(r"\^BCN,(\d+),N,N,N,N", command):
            values, text = _values(data, ">:", ">5")
            sheet.bars(x, y, module, int(bars[1]), values, text)
        else:
            square = re.search(r"\^BQN,2,(\d+)", command)
            assert square
            assert 1 <= int(square[1]) <= 10
            assert data.startswith("MM,A"), "error correction M, manual input, alphanumeric"
            sheet.square(x, y, int(square[1]), data[4:])
    return sheet


def read_tspl(job: str, dpi: int) -> list[Sheet]:
    """Paint every label of a TSPL job."""
    return [_tspl_label(part, dpi) for part in job.split("SIZE ")[1:]]


def _tspl_label(part: str, dpi: int) -> Sheet:
    lines = part.split("\r\n")
    width, height = (
        round(int(side) * dpi / 25.4) for side in re.match(r"(\d+) mm,(\d+) mm", lines[0]).groups()
    )
    sheet = Sheet.blank(width, height)
    assert "CODEPAGE UTF-8" in lines
    assert lines[-2] == "PRINT 1,1"
    for line in lines[1:]:
        name, _, rest = line.partition(" ")
        match name:
            case "BAR":
                x, y, wide, high = map(int, rest.split(","))
                sheet.fill((x, y, x + wide, y + high))
            case "TEXT":
                found = re.fullmatch(r'(\d+),(\d+),"(\w+\.TTF)",0,(\d+),(\d+),"([^"]*)"', rest)
                assert found
                assert found[4] == found[5]
                size = int(found[4]) * dpi // 72
                sheet.write(int(found[1]), int(found[2]) + round(size * 0.88), size, found[6])
            case "BARCODE":
                found = re.fullmatch(r'(\d+),(\d+),"128M",(\d+),0,0,(\d+),(\d+),"([^"]*)"', rest)
                values, text = _values(found[6], "!104", "!099")
                sheet.bars(int(found[1]), int(found[2]), int(found[4]), int(found[3]), values, text)
            case "QRCODE":
                found = re.fullmatch(r'(\d+),(\d+),M,(\d+),M,0,M2,"A([^"]*)"', rest)
                sheet.square(int(found[1]), int(found[2]), int(found[3]), found[4])
            case "REVERSE":
                x, y, wide, high = map(int, rest.split(","))
                area = (x, y, x + wide, y + high)
                sheet.image.paste(sheet.image.crop(area).point(lambda shade: 255 - shade), area)
    return sheet
