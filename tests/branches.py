"""The company most tests of waybills and of who may see them need: two own branches, a franchise and its station."""

from midan.core.actor import Actor
from midan.people import services as people


def open_branches(actor: Actor) -> None:
    for code, city, kind in (
        ("HZ001", "杭州市", "own"),
        ("SZ001", "深圳市", "franchise"),
        ("SZ001S", "深圳市", "station"),
        ("BJ001", "北京市", "own"),
    ):
        people.create_branch(
            actor=actor,
            code=code,
            name=f"{code}店",
            kind=kind,
            district_code="440305",
            city=city,
            parent="SZ001" if kind == "station" else "",
        )
