"""demo.json: who may sign in to the invented company, and at which address it answers."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

NAME: Final = "demo.json"


def write(home: Path, content: Mapping[str, object]) -> None:
    """Write the file for its owner alone, whole or not at all."""
    target = home / NAME
    draft = target.with_suffix(".part")
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
    draft.rename(target)


def follow(home: Path, base_url: str) -> None:
    """Let the file name the address the server really has; without a demo company there is nothing to do."""
    target = home / NAME
    if not target.exists():
        return
    content = json.loads(target.read_text(encoding="utf-8"))
    if content["base_url"] != base_url:
        write(home, content | {"base_url": base_url})
