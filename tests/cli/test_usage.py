"""Wrong words on the command line: one JSON line in the user's language, and nothing typed in it."""

import json

import pytest

from midan.cli.app import run
from midan.config.start import message_of

MISTAKES = [
    (["nothing"], "没有这个命令", "No such command"),
    (["audit"], "还要写明做什么", "name a command"),
    (["intake"], "缺少 file", "file is missing"),
    (["intake", "a", "16100005678"], "有多出的参数", "too many"),
    (["intake", "a", "--nope"], "没有选项 --nope", "no option --nope"),
    (["intake", "a", "--16100005678"], "没有这个选项", "there is no such option"),
    (["serve", "--port", "16100005678"], "--port 的值不对", "--port is not valid"),
    (["mask", "16100005678"], "kind 的值不对", "kind is not valid"),
    (["demo", "orders", "--rows", "5"], "缺少 --out", "--out is missing"),
    (["bench", "16100005678"], "的值不对", "is not valid"),
]


@pytest.mark.parametrize(("words", "chinese", "english"), MISTAKES, ids=lambda value: str(value)[:24])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_wrong_words_are_told_in_the_users_language(words, chinese, english, language, capsys, monkeypatch):
    monkeypatch.setenv("MIDAN_LANG", language)
    # As in a process of its own: commands that need no Django, and mistakes before it is there.
    monkeypatch.setattr(
        "midan.config.start.message_of", lambda error: message_without_django(error, monkeypatch)
    )
    assert run(words) == 2
    _, err = capsys.readouterr()
    told = json.loads(err.splitlines()[-1])
    assert told["code"] == "usage"
    assert (chinese if language == "zh" else english).lower() in told["message"].lower()
    assert "--help" in told["message"]
    assert "16100005678" not in err
    assert ("用法" in told["message"]) == (language == "zh")


def message_without_django(error, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("django.apps.apps.ready", False)
        return message_of(error)
