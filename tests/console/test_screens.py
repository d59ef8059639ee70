"""Screens that leak less: the mark of who looks, masks on paper, files that name whom they were made for."""

import json
import re
from pathlib import Path

import pytest
from django.urls import reverse

import midan.console
from midan.audit import selectors as audit
from midan.audit.selectors import EntryFilter
from midan.console import controls
from midan.console.controls import PLAIN

PAGES = Path(midan.console.__file__).parent / "templates" / "console"
LOOKS = Path(midan.console.__file__).parent.parent / "ui" / "static" / "ui"
BARE = "{% block watermark %}{% endblock watermark %}"


def state():
    (one,) = controls.controls(None)
    return one.state, one.figures["bare"]


def test_only_pages_of_texts_and_figures_go_without_the_mark():
    assert {page.name for page in PAGES.glob("*.html") if BARE in page.read_text(encoding="utf-8")} == PLAIN


def test_no_other_page_says_anything_of_the_mark():
    said = {
        page.name for page in PAGES.glob("*.html") if "block watermark" in page.read_text(encoding="utf-8")
    }
    assert said == PLAIN | {"layout.html"}


def test_the_control_holds_and_names_a_page_that_drops_the_mark(tmp_path, monkeypatch):
    assert state() == ("enforced", 0)
    for page in PAGES.glob("*.html"):
        (tmp_path / page.name).write_text(page.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(controls, "_PAGES", tmp_path)
    with (tmp_path / "deliveries.html").open("a", encoding="utf-8") as page:
        page.write(BARE)
    assert state() == ("not_yet", 1)


@pytest.mark.parametrize("address", ["/waybills/", "/people/", "/log/"])
def test_pages_bear_the_mark_and_say_on_paper_who_printed_them(company, address):
    role = "hr" if address == "/people/" else "privacy_officer"
    page = company.client(role).get(address).content.decode()
    assert page.count('class="watermark"') == 1
    (said,) = re.findall(r'<p class="only-print">(.*?)</p>', page)
    assert re.match(r"S0\d+ 打印于 \d{4}-\d\d-\d\d \d\d:\d\d", said)


def test_figures_go_without_it(company):
    assert 'class="watermark"' not in company.client("privacy_officer").get("/clauses/").content.decode()


def test_on_paper_a_value_gives_way_to_its_mask():
    (rules,) = re.findall(r"@media print \{\n  \.opened.*?\n\}", (LOOKS / "midan.css").read_text(), re.DOTALL)
    assert ".opened { display: none !important; }" in rules
    assert ".printed-mask { display: inline; }" in rules


def test_a_file_names_its_recipient_and_the_minute(company):
    newest = audit.entries(EntryFilter(), limit=1).items[0]
    officer = company.client("privacy_officer")
    for address, stem in (
        (reverse("console:proof", args=[newest.entry_id]), f"proof-{newest.entry_id[:8]}"),
        (reverse("console:checkpoint"), "checkpoint"),
    ):
        name = officer.get(address)["Content-Disposition"]
        assert re.fullmatch(rf'attachment; filename="{stem}-S\d+-\d{{8}}T\d{{4}}\.(json|txt)"', name), name


def test_the_file_itself_is_untouched(company):
    newest = audit.entries(EntryFilter(), limit=1).items[0]
    proof = company.client("privacy_officer").get(reverse("console:proof", args=[newest.entry_id]))
    assert json.loads(proof.content)["v"] == 1
