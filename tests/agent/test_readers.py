"""What each system's programs say, and what the agent makes of it: outputs written down as the systems write them."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from midan.agent import linux, machine, macos, windows
from midan.agent.programs import Said, ask
from midan.core.devicereport import Switch, System, plain, read_facts

ON, OFF, UNKNOWN = Switch.ON, Switch.OFF, Switch.UNKNOWN
TODAY = date(2026, 11, 25)
AGENT = {"today": TODAY, "agent": "0.1.0", "agent_days": 3}


def answers(table):
    """Return a machine whose programs say what the table says, by the words they are asked with."""

    def asked(words):
        line = " ".join(words)
        return next((said for start, said in table.items() if start in line), None)

    return asked


def ok(text):
    return Said(code=0, text=text)


class TestLinux:
    CRYPTED = json.dumps(
        {
            "blockdevices": [
                {"name": "loop0", "type": "loop", "mountpoint": "/snap/x"},
                {
                    "name": "nvme0n1",
                    "type": "disk",
                    "mountpoint": None,
                    "children": [
                        {"name": "nvme0n1p1", "type": "part", "mountpoint": "/boot/efi"},
                        {
                            "name": "nvme0n1p3",
                            "type": "part",
                            "mountpoint": None,
                            "children": [
                                {
                                    "name": "nvme0n1p3_crypt",
                                    "type": "crypt",
                                    "mountpoint": None,
                                    "children": [{"name": "vg-root", "type": "lvm", "mountpoint": "/"}],
                                }
                            ],
                        },
                    ],
                },
            ]
        }
    )
    PLAIN = json.dumps(
        {
            "blockdevices": [
                {"name": "sdb", "type": "crypt", "mountpoint": "/data"},
                {
                    "name": "sda",
                    "type": "disk",
                    "mountpoint": None,
                    "children": [{"name": "sda1", "type": "part", "mountpoint": "/"}],
                },
            ]
        }
    )

    @pytest.mark.parametrize(
        ("listing", "found"),
        [
            (CRYPTED, ON),
            (PLAIN, OFF),
            ('{"blockdevices": []}', UNKNOWN),
            ("lsblk: not found", UNKNOWN),
            ('{"blockdevices": 7}', UNKNOWN),
            (None, UNKNOWN),
        ],
    )
    def test_only_what_lies_under_the_root_counts_as_encrypted(self, listing, found):
        assert linux.root_encrypted(listing) is found

    def test_an_upgrade_is_a_patch_and_an_installation_is_none(self):
        log = (
            "2026-10-02 09:00:01 upgrade libssl3:amd64 3.0.14 3.0.15\n"
            "2026-11-16 06:11:09 upgrade linux-image-amd64:amd64 6.1.112 6.1.115\n"
            "2026-11-20 10:00:00 install cowsay:all <none> 3.03\n"
            "2026-11-20 10:00:00 status installed cowsay:all 3.03\n"
        )
        assert linux.last_upgrade(log) == date(2026, 11, 16)
        assert linux.last_upgrade("2026-11-20 10:00:00 install cowsay:all <none> 3.03\n") is None
        assert linux.last_rpm(
            "kernel-core-6.11.5-300.fc41.x86_64            Tue Nov 10 08:30:21 2026\nbash  Mon Jan 1\n"
        ) == date(2026, 11, 10)
        assert linux.last_rpm("gibberish") is None

    @pytest.mark.parametrize(
        ("version", "services", "state", "day"),
        [
            ("ClamAV 1.0.7/27465/Tue Nov 24 08:24:11 2026\n", ["active\n"], ON, date(2026, 11, 24)),
            ("ClamAV 1.0.7/27465/Tue Nov 24 08:24:11 2026\n", [None, None], OFF, date(2026, 11, 24)),
            ("ClamAV 1.0.7\n", ["active\n"], ON, None),
            (None, [], UNKNOWN, None),
        ],
    )
    def test_clamav(self, version, services, state, day):
        assert linux.watching(version, services) is state
        assert linux.database_day(version) == day

    @pytest.mark.parametrize(
        ("enabled", "delay", "found"),
        [
            ("true\n", "uint32 300\n", ON),
            ("true\n", "uint32 0\n", OFF),
            ("true\n", "uint32 3600\n", OFF),
            ("false\n", "uint32 300\n", OFF),
            ("true\n", None, UNKNOWN),
            ("No such schema", "uint32 300", UNKNOWN),
        ],
    )
    def test_a_screen_that_never_locks_is_open(self, enabled, delay, found):
        assert linux.screen_lock(enabled, delay) is found

    @pytest.mark.parametrize(
        ("ufw", "firewalld", "nft", "found"),
        [
            ("Status: active\n\nTo  Action  From\n", None, None, ON),
            ("Status: inactive\n", None, None, OFF),
            ("Status: inactive\n", "running\n", None, ON),
            (None, None, "chain input {\n type filter hook input priority filter; policy drop;\n}", ON),
            (None, None, "chain input {\n type filter hook input priority filter; policy accept;\n}", OFF),
            (None, None, "", OFF),
            (None, None, None, UNKNOWN),
        ],
    )
    def test_a_firewall_of_one_of_three_kinds(self, ufw, firewalld, nft, found):
        assert linux.firewall(ufw, firewalld, nft) is found

    def test_a_whole_machine_and_one_that_says_nothing(self, tmp_path):
        (tmp_path / "etc").mkdir()
        (tmp_path / "etc/os-release").write_text('NAME="Ubuntu"\nVERSION_ID="24.04"\n# x=y\n')
        (tmp_path / "var/log").mkdir(parents=True)
        (tmp_path / "var/log/dpkg.log").write_text("2026-11-20 06:11:09 upgrade bash:amd64 1 2\n")
        said = answers(
            {
                "lsblk": ok(self.CRYPTED),
                "clamscan": ok("ClamAV 1.0.7/27465/Tue Nov 24 08:24:11 2026\n"),
                "is-active clamav-daemon": ok("active\n"),
                "lock-enabled": ok("true\n"),
                "idle-delay": ok("uint32 300\n"),
                "ufw": ok("Status: active\n"),
            }
        )
        facts = linux.read(said, tmp_path, **AGENT)
        assert (facts.name, facts.version, facts.patch_days, facts.antivirus_days) == (
            "Ubuntu",
            "24.04",
            5,
            1,
        )
        assert {facts.disk, facts.antivirus, facts.screen_lock, facts.firewall} == {ON}
        silent = linux.read(answers({}), tmp_path / "nowhere", **AGENT)
        assert (silent.name, silent.patch_days, silent.antivirus_days) == ("", None, None)
        assert {silent.disk, silent.antivirus, silent.screen_lock, silent.firewall} == {UNKNOWN}


class TestWindows:
    DEFENDER = '{"AntivirusEnabled": true, "RealTimeProtectionEnabled": %s, "AntivirusSignatureAge": %s}'
    DESKTOP = (
        "\nHKEY_CURRENT_USER\\Control Panel\\Desktop\n"
        "    ScreenSaveActive    REG_SZ    1\n    ScreenSaverIsSecure    REG_SZ    %s\n"
        "    ScreenSaveTimeOut    REG_SZ    %s\n    Wallpaper    REG_SZ    C:\\Bilder\\ein Bild.jpg\n"
    )
    LIMIT = "\nHKEY_LOCAL_MACHINE\\SOFTWARE\\...\\System\n    InactivityTimeoutSecs    REG_DWORD    0x384\n"

    @pytest.mark.parametrize(
        ("said", "found"),
        [
            (Said(code=0, text="保护状态: 保护启用"), ON),
            (Said(code=1, text="Protection Off"), OFF),
            (Said(code=-2147024891, text="access denied"), UNKNOWN),
            (None, UNKNOWN),
        ],
    )
    def test_bitlocker_is_read_from_the_exit_code_in_every_language(self, said, found):
        assert windows.bitlocker(said) is found

    def test_defender(self):
        assert windows.watching(self.DEFENDER % ("true", 0)) is ON
        assert windows.watching(self.DEFENDER % ("false", 0)) is OFF
        assert windows.watching("Get-MpComputerStatus : 0x800106ba") is UNKNOWN
        assert windows.watching('{"AntivirusEnabled": null, "RealTimeProtectionEnabled": true}') is UNKNOWN
        assert windows.signature_age(self.DEFENDER % ("true", 2)) == 2
        assert windows.signature_age(self.DEFENDER % ("true", 65535)) is None
        assert windows.signature_age(None) is None

    @pytest.mark.parametrize(
        ("desktop", "policies", "found"),
        [
            (DESKTOP % (1, 600), None, ON),
            (DESKTOP % (0, 600), None, OFF),
            (DESKTOP % (1, 7200), None, OFF),
            (DESKTOP % (0, 600), LIMIT, ON),
            (None, LIMIT, ON),
            (None, None, UNKNOWN),
            ("", None, OFF),
        ],
    )
    def test_a_screen_locks_by_saver_or_by_the_machines_limit(self, desktop, policies, found):
        assert windows.screen_lock(desktop, policies) is found

    def test_a_firewall_guards_every_kind_of_network(self):
        def said(*on):
            names = ("Domain", "Private", "Public")
            return json.dumps([{"Name": n, "On": o} for n, o in zip(names, on, strict=False)])

        assert windows.firewall(said(1, 1, 1)) is ON
        assert windows.firewall(said(1, 1, 0)) is OFF
        assert windows.firewall(said(1, 1)) is UNKNOWN
        assert windows.firewall("") is UNKNOWN

    def test_a_whole_machine_and_one_that_says_nothing(self):
        said = answers(
            {
                "Win32_OperatingSystem": ok(
                    '{"Caption":"Microsoft Windows 11 专业版","Version":"10.0.26100"}'
                ),
                "Get-HotFix": ok("2026-11-11\r\n"),
                "Get-MpComputerStatus": ok(self.DEFENDER % ("true", 1)),
                "Get-NetFirewallProfile": ok(
                    '[{"Name":"Domain","On":1},{"Name":"Private","On":1},{"Name":"Public","On":1}]'
                ),
                "manage-bde": Said(code=0, text=""),
                "Control Panel": ok(self.DESKTOP % (1, 300)),
            }
        )
        facts = windows.read(said, **AGENT)
        assert (facts.name, facts.patch_days, facts.antivirus_days) == ("Microsoft Windows 11 专业版", 14, 1)
        assert {facts.disk, facts.antivirus, facts.screen_lock, facts.firewall} == {ON}
        silent = windows.read(answers({}), **AGENT)
        assert (silent.patch_days, silent.antivirus_days) == (None, None)
        assert {silent.disk, silent.antivirus, silent.screen_lock, silent.firewall} == {UNKNOWN}


class TestMacos:
    HISTORY = json.dumps(
        {
            "SPInstallHistoryDataType": [
                {
                    "_name": "macOS 26.1",
                    "install_date": "2026-11-04T09:12:55Z",
                    "package_source": "package_source_apple",
                },
                {
                    "_name": "XProtectPlistConfigData",
                    "install_date": "2026-11-19T03:00:00Z",
                    "package_source": "package_source_apple",
                },
                {
                    "_name": "macOS Wallpapers by Somebody",
                    "install_date": "2026-11-24T03:00:00Z",
                    "package_source": "package_source_other",
                },
                {"_name": "macOS 26.0", "install_date": "soon", "package_source": "package_source_apple"},
            ]
        }
    )

    def test_only_apples_own_updates_are_patches(self):
        assert macos.patched(self.HISTORY) == date(2026, 11, 4)
        assert macos.virus_data(self.HISTORY) == date(2026, 11, 19)
        assert macos.patched("{}") is macos.patched(None) is macos.virus_data("[]") is None

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("FileVault is On.\n", ON),
            ("FileVault is On.\nEncryption in progress: Percent completed = 12\n", OFF),
            ("FileVault is Off.\n", OFF),
            ("Error", UNKNOWN),
            (None, UNKNOWN),
        ],
    )
    def test_filevault(self, text, found):
        assert macos.filevault(text) is found

    @pytest.mark.parametrize(
        ("lock", "idle", "found"),
        [
            (ok("2026-11-25 sysadminctl[1:2] screenLock delay is immediate\n"), "600\n", ON),
            (ok("screenLock delay is 300 seconds\n"), "300\n", ON),
            (ok("screenLock delay is 3600 seconds\n"), "300\n", OFF),
            (ok("screenLock delay is immediate\n"), "0\n", OFF),
            (ok("screenLock is off\n"), "300\n", OFF),
            (ok("screenLock delay is immediate\n"), None, UNKNOWN),
            (None, "300\n", UNKNOWN),
        ],
    )
    def test_wait_and_delay_count_together(self, lock, idle, found):
        assert macos.screen_lock(lock, idle) is found

    def test_gatekeeper_and_firewall(self):
        assert macos.watching("assessments enabled\n") is ON
        assert macos.watching("assessments disabled\n") is OFF
        assert macos.watching(None) is UNKNOWN
        assert macos.firewall("Firewall is enabled. (State = 1)\n") is ON
        assert macos.firewall("Firewall is disabled. (State = 0)\n") is OFF
        assert macos.firewall(None) is UNKNOWN

    def test_a_whole_machine(self):
        said = answers(
            {
                "SPInstallHistory": ok(self.HISTORY),
                "sw_vers": ok("ProductName:\t\tmacOS\nProductVersion:\t\t26.1\nBuildVersion:\t\t25B78\n"),
                "fdesetup": ok("FileVault is On.\n"),
                "spctl": ok("assessments enabled\n"),
                "screenLock": ok("screenLock delay is immediate\n"),
                "idleTime": ok("300\n"),
                "socketfilterfw": ok("Firewall is enabled. (State = 1)\n"),
            }
        )
        facts = macos.read(said, **AGENT)
        assert (facts.name, facts.version, facts.patch_days, facts.antivirus_days) == ("macOS", "26.1", 21, 6)
        assert {facts.disk, facts.antivirus, facts.screen_lock, facts.firewall} == {ON}


def test_a_day_ahead_is_a_wrong_clock_and_counts_as_unknown(tmp_path):
    (tmp_path / "var/log").mkdir(parents=True)
    (tmp_path / "var/log/dpkg.log").write_text("2027-01-01 06:11:09 upgrade bash:amd64 1 2\n")
    assert linux.read(answers({}), tmp_path, **AGENT).patch_days is None


def test_a_program_that_is_not_there_or_fails_has_said_nothing():
    assert ask(("no-such-program-of-ours",)) is None
    assert ask(("false",)).code == 1
    assert ask(("echo", "hello")) == Said(code=0, text="hello\n")


@pytest.mark.skipif(not Path("/etc/os-release").exists(), reason="this machine is no Linux")
def test_the_machine_at_hand_says_something_a_statement_can_hold():
    facts = machine.facts(datetime.now(UTC))
    assert facts.system is System.LINUX
    assert facts.name
    assert facts.agent_days is not None
    assert read_facts(plain(facts)) == facts
