"""Settings are refused together, and secrets must be kept from others."""

from pathlib import Path

import pytest

from midan.catalog.settings import PassphraseUnreadable, SettingsRefused, load
from midan.config.databases import database


def test_everything_wrong_is_named_at_once():
    with pytest.raises(SettingsRefused) as refused:
        load(
            {
                "MIDAN_DATABASE_URL": "mysql://x",
                "MIDAN_KEEPERS": "cloud",
                "MIDAN_LANG": "fr",
                "MIDAN_BASE_URL": "x",
                "MIDAN_TRUSTED_PROXIES": "many",
            }
        )
    assert set(refused.value.details["wrong"]) == {
        "MIDAN_DATABASE_URL",
        "MIDAN_KEEPERS",
        "MIDAN_LANG",
        "MIDAN_BASE_URL",
        "MIDAN_TRUSTED_PROXIES",
    }


@pytest.mark.parametrize(
    "word",
    [
        "",
        "file,file",
        "file:keys",
        "split:/a",
        "split:/a:/a",
        "split:/a:b",
        "file:/",
        "file,file:/a,file:/b,file:/c",
        "file:/a:/b",
    ],
)
def test_a_keeper_that_is_not_named_in_full_is_refused(word: str):
    if not word:
        assert load({"MIDAN_KEEPERS": word}).keepers == ("file",)
        return
    with pytest.raises(SettingsRefused):
        load({"MIDAN_KEEPERS": word})


def test_one_to_three_keepers_are_named_in_order():
    assert load({"MIDAN_KEEPERS": "split:/a:/b, file,file:/c"}).keepers == ("split:/a:/b", "file", "file:/c")


def test_an_empty_environment_gives_the_embedded_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    found = load({})
    assert found.home == tmp_path / "var"
    assert found.database_url == f"sqlite:///{tmp_path}/var/data.db"
    assert found.lang == "zh-hans"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_passphrase_others_can_read_is_refused(midan_home: Path, mode: int):
    file = midan_home / "keys" / "passphrase"
    file.chmod(mode)
    with pytest.raises(PassphraseUnreadable):
        load({"MIDAN_HOME": str(midan_home)}).passphrase()


def test_an_empty_or_missing_passphrase_is_refused(midan_home: Path):
    file = midan_home / "keys" / "passphrase"
    file.write_bytes(b"\n")
    with pytest.raises(PassphraseUnreadable):
        load({"MIDAN_HOME": str(midan_home)}).passphrase()
    file.unlink()
    with pytest.raises(PassphraseUnreadable):
        load({"MIDAN_HOME": str(midan_home)}).passphrase()


class TestTheDatabasePassword:
    URL = "postgresql://web@db.example:6543/midan?sslmode=require"

    def test_it_is_named_by_file_and_put_into_the_address_here(self, tmp_path: Path):
        file = tmp_path / "password"
        file.write_text("p@ss/word %\n")
        file.chmod(0o600)
        found = load({"MIDAN_DATABASE_URL": self.URL, "MIDAN_DATABASE_PASSWORD_FILE": str(file)})
        opened = database(found.database_url)
        assert (opened["USER"], opened["PASSWORD"], opened["HOST"]) == ("web", "p@ss/word %", "db.example")
        assert "ss/word" not in repr(found)
        assert "ss%2Fword" not in repr(found)
        sandbox = load({"MIDAN_DATABASE_URL": "sqlite:////x.db", "MIDAN_DATABASE_PASSWORD_FILE": str(file)})
        assert sandbox.database_url == "sqlite:////x.db"

    @pytest.mark.parametrize(
        "url", ["postgresql://web:secret@db.example/midan", "postgresql://db.example/midan?password=secret"]
    )
    def test_in_the_address_itself_it_is_refused_without_being_repeated(self, url: str):
        with pytest.raises(SettingsRefused) as refused:
            load({"MIDAN_DATABASE_URL": url})
        assert "MIDAN_DATABASE_PASSWORD_FILE" in refused.value.details["wrong"]["MIDAN_DATABASE_URL"]
        assert "secret" not in str(refused.value.as_dict())

    @pytest.mark.parametrize(
        ("text", "mode"), [("secret", 0o640), ("secret", 0o604), ("\n", 0o600), (None, 0)]
    )
    def test_a_file_that_others_can_read_or_that_says_nothing_is_refused(self, tmp_path: Path, text, mode):
        file = tmp_path / "password"
        if text is not None:
            file.write_text(text)
            file.chmod(mode)
        with pytest.raises(SettingsRefused) as refused:
            load({"MIDAN_DATABASE_URL": self.URL, "MIDAN_DATABASE_PASSWORD_FILE": str(file)})
        assert refused.value.details["wrong"] == {"MIDAN_DATABASE_PASSWORD_FILE": "mode 0600, not empty"}

    def test_a_socket_without_a_password_is_left_alone(self):
        url = "postgresql://postgres:@/midan?host=/run/pg"
        assert load({"MIDAN_DATABASE_URL": url}).database_url == url


def test_a_postgresql_address_keeps_odd_characters_of_its_password():
    found = database("postgresql://web:p%40ss%2Fword@db.example:6543/midan?sslmode=require")
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "web",
        "p@ss/word",
        "db.example",
        "6543",
        "midan",
    )
    assert found["OPTIONS"]["sslmode"] == "require"


def test_a_passkeys_domain_is_the_address_or_above_it():
    assert load({}).sign_in.passkey_domain == "localhost"
    base = {"MIDAN_BASE_URL": "https://desk.midan.example:8443"}
    assert load(base).sign_in.passkey_domain == "desk.midan.example"
    assert load(base | {"MIDAN_PASSKEY_DOMAIN": "midan.example"}).sign_in.passkey_domain == "midan.example"
    for wrong in ("example.org", "idan.example", "https://midan.example", "localhost:8443"):
        with pytest.raises(SettingsRefused) as refused:
            load(base | {"MIDAN_PASSKEY_DOMAIN": wrong})
        assert set(refused.value.details["wrong"]) == {"MIDAN_PASSKEY_DOMAIN"}


def test_how_long_sessions_and_passwords_live_is_bounded():
    found = load({}).sign_in
    assert (found.idle_minutes, found.session_hours, found.password_days) == (10, 12, 0)
    wrong = {"MIDAN_IDLE_MINUTES": "31", "MIDAN_SESSION_HOURS": "0", "MIDAN_PASSWORD_DAYS": "-1"}
    with pytest.raises(SettingsRefused) as refused:
        load(wrong | {"MIDAN_PASSKEY_POSTS": "Officer;"})
    assert set(refused.value.details["wrong"]) == {*wrong, "MIDAN_PASSKEY_POSTS"}


def test_what_work_earns_is_three_numbers_and_no_base_stands_above_the_most():
    found = load({"MIDAN_BUDGET_AGENT": "5,2,9"}).looking
    assert [found.agent.of(calls) for calls in (0, 1, 2, 50)] == [5, 7, 9, 9]
    assert (found.look_hours, found.scan_hours, found.courier.of(300)) == (24, 168, 940)
    wrong = {
        "MIDAN_BUDGET_AGENT": "10,1,9",
        "MIDAN_BUDGET_CLERK": "many",
        "MIDAN_BUDGET_COURIER": "1,2",
        "MIDAN_LOOK_HOURS": "23",
        "MIDAN_SCAN_HOURS": "0",
    }
    with pytest.raises(SettingsRefused) as refused:
        load(wrong)
    assert set(refused.value.details["wrong"]) == set(wrong)


@pytest.mark.parametrize(
    "said",
    [
        {"MIDAN_SOCKET": "web.sock"},
        {"MIDAN_SOCKET": "/" + "x" * 100},
        {"MIDAN_BASE_URL": "http://localhost:8000"},
        {"MIDAN_TRUSTED_PROXIES": "0"},
        {"MIDAN_TRUSTED_PROXIES": ""},
    ],
)
def test_a_socket_is_for_a_proxy_with_https_that_says_who_asks(said):
    fit = {
        "MIDAN_SOCKET": "/run/midan/web.sock",
        "MIDAN_BASE_URL": "https://midan.example",
        "MIDAN_TRUSTED_PROXIES": "1",
    }
    assert load(fit).socket == Path("/run/midan/web.sock")
    with pytest.raises(SettingsRefused) as refused:
        load(fit | said)
    assert set(refused.value.details["wrong"]) == {"MIDAN_SOCKET"}
