"""Copy the front-end files pages really use from node_modules to static files. No bundler; the lock has the hashes."""

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


if __name__ == "__main__":
    main()
