"""Windows: what PowerShell says as JSON, manage-bde's exit code, the registry. Nothing is read from translated sentences."""

import re
from datetime import date
from typing import Any, Final

from midan.agent.programs import Ask, Said, text_of
from midan.agent.reading import day_of, days_since, found_json, locks, short, switch
from midan.core.devicereport import Facts, Switch, System

_POWERSHELL: Final = ("powershell", "-NoProfile", "-NonInteractive", "-Command")
_SYSTEM: Final = "Get-CimInstance Win32_OperatingSystem | Select-Object Caption,Version | ConvertTo-Json"
_PATCHED: Final = (
    "(Get-HotFix | Where-Object InstalledOn | Sort-Object InstalledOn | Select-Object -Last 1)"
    ".InstalledOn.ToString('yyyy-MM-dd', [cultureinfo]::InvariantCulture)"
)
_DEFENDER: Final = (
    "Get-MpComputerStatus | Select-Object AntivirusEnabled,RealTimeProtectionEnabled,AntivirusSignatureAge"
    " | ConvertTo-Json"
)
_FIREWALL: Final = (
    "ConvertTo-Json @(Get-NetFirewallProfile | Select-Object Name,@{n='On';e={[int]$_.Enabled}})"
)
_DISK: Final = ("manage-bde", "-status", "-protectionaserrorlevel", "C:")
_DESKTOP: Final = r"HKCU\Control Panel\Desktop"
_POLICIES: Final = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System"
_VALUE: Final = re.compile(r"^\s+(\w+)\s+REG_(?:SZ|DWORD)\s+(\S+)\s*$", re.MULTILINE)
_PROFILES: Final = frozenset({"Domain", "Private", "Public"})


def read(ask: Ask, *, today: date, agent: str, agent_days: int | None) -> Facts:
    """Return what this Windows says of itself. BitLocker and updates may ask for an administrator: else unknown."""
    name, version = system(text_of(ask((*_POWERSHELL, _SYSTEM))))
    defender = text_of(ask((*_POWERSHELL, _DEFENDER)))
    return Facts(
        system=System.WINDOWS,
        name=short(name),
        version=short(version),
        patch_days=days_since(patched(text_of(ask((*_POWERSHELL, _PATCHED)))), today),
        disk=bitlocker(ask(_DISK)),
        antivirus=watching(defender),
        antivirus_days=signature_age(defender),
        screen_lock=screen_lock(
            text_of(ask(("reg", "query", _DESKTOP))),
            text_of(ask(("reg", "query", _POLICIES, "/v", "InactivityTimeoutSecs"))),
        ),
        firewall=firewall(text_of(ask((*_POWERSHELL, _FIREWALL)))),
        agent=agent,
        agent_days=agent_days,
    )


def system(text: str | None) -> tuple[str, str]:
    """Return caption and version; empty where they are not said."""
    found = found_json(text)
    said = found if isinstance(found, dict) else {}
    return str(said.get("Caption") or ""), str(said.get("Version") or "")


def patched(text: str | None) -> date | None:
    """Return the day of the newest update Windows lists."""
    return day_of((text or "").strip(), "%Y-%m-%d")


def bitlocker(said: Said | None) -> Switch:
    """Return whether BitLocker protects the system's drive: 0 is protected, 1 is not, anything else is no answer."""
    return switch({0: True, 1: False}.get(said.code) if said is not None else None)


def watching(text: str | None) -> Switch:
    """Return whether Defender is on and looks at files as they are opened."""
    found = found_json(text)
    if not isinstance(found, dict):
        return Switch.UNKNOWN
    states = [found.get("AntivirusEnabled"), found.get("RealTimeProtectionEnabled")]
    return switch(all(states)) if all(isinstance(state, bool) for state in states) else Switch.UNKNOWN


def signature_age(text: str | None) -> int | None:
    """Return the age of Defender's signatures in days; its 65535 stands for none."""
    found = found_json(text)
    age = found.get("AntivirusSignatureAge") if isinstance(found, dict) else None
    return age if isinstance(age, int) and not isinstance(age, bool) and 0 <= age < 65_535 else None


def screen_lock(desktop: str | None, policies: str | None) -> Switch:
    """Return whether a screen left alone asks for the password soon enough: by the machine's limit or the saver."""
    limit = _number(dict(_VALUE.findall(policies or "")).get("InactivityTimeoutSecs"))
    if limit is not None and locks(limit):
        return Switch.ON
    if desktop is None:
        return Switch.UNKNOWN
    said = dict(_VALUE.findall(desktop))
    wait = _number(said.get("ScreenSaveTimeOut")) or 0
    return switch(
        said.get("ScreenSaveActive") == "1" and said.get("ScreenSaverIsSecure") == "1" and locks(wait)
    )


def firewall(text: str | None) -> Switch:
    """Return whether the firewall is on for every kind of network."""
    found: Any = found_json(text)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        return Switch.UNKNOWN
    said = {one.get("Name"): one.get("On") for one in found}
    return switch(all(said[name] == 1 for name in _PROFILES)) if said.keys() >= _PROFILES else Switch.UNKNOWN


def _number(text: str | None) -> int | None:
    try:
        return None if text is None else int(text, 0)
    except ValueError:
        return None
