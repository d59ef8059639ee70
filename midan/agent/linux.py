"""Linux: os-release, package logs, lsblk, ClamAV, GNOME's screen lock, ufw, firewalld and nftables."""

import re
from datetime import date
from pathlib import Path
from typing import Any, Final

from midan.agent.programs import Ask, text_of
from midan.agent.reading import day_of, days_since, found_json, locks, short, switch
from midan.core.devicereport import Facts, Switch, System

_UPGRADED: Final = re.compile(r"^(\d{4}-\d{2}-\d{2}) \d{2}:\d{2}:\d{2} upgrade ", re.MULTILINE)
_SIGNED_DATABASE: Final = re.compile(r"^ClamAV [^/]+/\d+/(.+)$", re.MULTILINE)
_LAST_RPM: Final = re.compile(r"^\S+\s+(\w{3} \w{3}\s+\d+ \d{2}:\d{2}:\d{2} \d{4})\s*$")
_CLAM_SERVICES: Final = ("clamav-daemon", "clamd@scan", "clamd")
_LATEST_LOG: Final = 2_000_000  # bytes read of a package log


def read(ask: Ask, root: Path, *, today: date, agent: str, agent_days: int | None) -> Facts:
    """Return what this Linux says of itself; files are looked for under `root`."""
    name, version = os_release(_file(root / "etc/os-release"))
    log = _file(root / "var/log/dpkg.log") + _file(root / "var/log/dpkg.log.1")
    changed = last_upgrade(log) or last_rpm(text_of(ask(("rpm", "-qa", "--last"))))
    clam = text_of(ask(("clamscan", "--version")))
    services = [text_of(ask(("systemctl", "is-active", name))) for name in _CLAM_SERVICES] if clam else []
    return Facts(
        system=System.LINUX,
        name=short(name),
        version=short(version),
        patch_days=days_since(changed, today),
        disk=root_encrypted(text_of(ask(("lsblk", "--json", "-o", "NAME,TYPE,MOUNTPOINT")))),
        antivirus=watching(clam, services),
        antivirus_days=days_since(database_day(clam), today),
        screen_lock=screen_lock(
            text_of(ask(("gsettings", "get", "org.gnome.desktop.screensaver", "lock-enabled"))),
            text_of(ask(("gsettings", "get", "org.gnome.desktop.session", "idle-delay"))),
        ),
        firewall=firewall(
            text_of(ask(("ufw", "status"))),
            text_of(ask(("firewall-cmd", "--state"))),
            text_of(ask(("nft", "list", "ruleset"))),
        ),
        agent=agent,
        agent_days=agent_days,
    )


def os_release(text: str) -> tuple[str, str]:
    """Return name and version of /etc/os-release; empty where they are not said."""
    pairs = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return pairs.get("NAME", "").strip("\"'"), pairs.get("VERSION_ID", "").strip("\"'")


def last_upgrade(log: str) -> date | None:
    """Return the day dpkg last brought a package up to date. An installation of something new is no patch."""
    days = _UPGRADED.findall(log)
    return day_of(max(days), "%Y-%m-%d") if days else None


def last_rpm(listing: str | None) -> date | None:
    """Return the day of the newest package of `rpm -qa --last`, which lists it first."""
    found = _LAST_RPM.match((listing or "").split("\n", 1)[0])
    return day_of(" ".join(found[1].split()), "%a %b %d %H:%M:%S %Y") if found else None


def root_encrypted(listing: str | None) -> Switch:
    """Return whether what is mounted at / lies, somewhere above it, on a dm-crypt device."""
    tree = found_json(listing)
    devices = tree.get("blockdevices") if isinstance(tree, dict) else None
    return switch(_below(devices, sealed_above=False) if isinstance(devices, list) else None)


def _below(devices: list[Any], *, sealed_above: bool) -> bool | None:
    for device in devices:
        if not isinstance(device, dict):
            continue
        now = sealed_above or device.get("type") == "crypt"
        if device.get("mountpoint") == "/":
            return now
        if (found := _below(device.get("children") or [], sealed_above=now)) is not None:
            return found
    return None


def watching(version: str | None, services: list[str | None]) -> Switch:
    """Return whether ClamAV's daemon runs. Without ClamAV another guard may: unknown."""
    if version is None:
        return Switch.UNKNOWN
    return switch(any((state or "").strip() == "active" for state in services))


def database_day(version: str | None) -> date | None:
    """Return the day of the virus database `clamscan --version` names; without a database it names none."""
    found = _SIGNED_DATABASE.search(version or "")
    return day_of(" ".join(found[1].split()), "%a %b %d %H:%M:%S %Y") if found else None


def screen_lock(enabled: str | None, delay: str | None) -> Switch:
    """Return whether GNOME locks a screen left alone soon enough."""
    seconds = re.fullmatch(r"uint32 (\d+)", (delay or "").strip())
    if (enabled or "").strip() not in {"true", "false"} or seconds is None:
        return Switch.UNKNOWN
    return switch((enabled or "").strip() == "true" and locks(int(seconds[1])))


def firewall(ufw: str | None, firewalld: str | None, nft: str | None) -> Switch:
    """Return whether one of three guards the door: ufw active, firewalld running, or nftables dropping what comes in."""
    if ufw is not None and re.search(r"^Status: active$", ufw, re.MULTILINE):
        return Switch.ON
    if firewalld is not None and firewalld.strip() == "running":
        return Switch.ON
    if nft is not None:
        return switch(re.search(r"hook input [^}]*?policy drop;", nft) is not None)
    return Switch.UNKNOWN if ufw is None else Switch.OFF


def _file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_LATEST_LOG).decode("utf-8", "replace")
    except OSError:
        return ""
