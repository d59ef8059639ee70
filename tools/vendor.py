"""Copy the front-end files pages really use from node_modules to static files. No bundler; the lock has the hashes."""

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "midan" / "ui" / "static" / "vendor"
FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@tabler/core/dist/css/tabler-themes.min.css": "tabler-themes.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler.min.js",
    "echarts/dist/echarts.min.js": "echarts.min.js",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
}
# Outline icons in one sprite, so that a page names an icon and carries no drawing.
_ICON_NAMES = """
adjustments-search alert-circle alert-triangle arrow-right arrow-left ban building camera certificate check chevron-right
circle-check circle-dashed circle-x clock cloud-upload copy database device-mobile download eye eye-off file-shredder
file-text filter
fingerprint help-circle history home hourglass info-circle key keyboard language layout-dashboard list-check
list-details lock logout map-pin menu-2 moon notebook package phone printer qrcode refresh search send shield-check
shield-lock speakerphone sun ticket timeline truck-delivery upload user user-shield users x
"""
_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


def sprite() -> str:
    """Return one SVG file with a symbol for each icon."""
    symbols = []
    for name in _ICON_NAMES.split():
        drawing = (ROOT / "node_modules/@tabler/icons/icons/outline" / f"{name}.svg").read_text(
            encoding="utf-8"
        )
        found = _BODY.search(drawing)
        if found is None:
            raise SystemExit(f"{name}.svg is no drawing")
        body = " ".join(found[1].split())
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75"'
            f' stroke-linecap="round" stroke-linejoin="round">{body}</symbol>'
        )
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "\n".join(symbols) + "</svg>\n"


def main() -> None:
    """Copy what is new or changed."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for source, name in FILES.items():
        origin, copy = ROOT / "node_modules" / source, TARGET / name
        if not copy.exists() or copy.stat().st_size != origin.stat().st_size:
            # A map comment would make browsers ask for files that are not there.
            text = origin.read_text(encoding="utf-8")
            kept = [line for line in text.splitlines() if "sourceMappingURL=" not in line or len(line) > 200]
            copy.write_text("\n".join(kept), encoding="utf-8")
            shutil.copystat(origin, copy)
    (TARGET / "icons.svg").write_text(sprite(), encoding="utf-8")


if __name__ == "__main__":
    main()
