"""Keys, backups and algorithms as pages: they say how things stand, good or bad, and one person alone turns nothing."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from midan.approval import selectors as approvals
from midan.console.selectors.backups import backups_page
from midan.console.selectors.keys import keys_page
from midan.core.actor import Actor
from midan.destruction import services
from midan.vault import keybook
from midan.vault.backup import services as backup
from midan.vault.backup.models import BackupSet, Drill
from midan.vault.models import Identity, Share
from tests.console.conftest import CLEAR

JOB = Actor.system("destruction")


def read(client, name, status=200):
    answer = client.get(reverse(f"console:{name}"))
    assert answer.status_code == status
    return unescape(answer.content.decode())


def waiting():
    (request,) = approvals.waiting(role="analyst", now=timezone.now())
    return request.code


class TestKeys:
    def test_the_page_says_generation_keeper_warnings_and_the_condition(self, company):
        page = read(company.client("auditor"), "keys")
        for said in ("第 1 代密钥，没有保管处欠抹除", "口令文件", "丢失它即永久丢失全部数据", "当且仅当"):
            assert said in page
        assert not any(value in page for value in CLEAR)
        assert "if and only if" in read(company.client("auditor", language="en"), "keys")

    def test_who_asked_is_refused_and_another_person_turns_it(self, company):
        officer, analyst = company.client("privacy_officer"), company.client("analyst")
        sent = {"reason": "rotation_regular"}
        assert officer.post(reverse("console:request-rotation"), sent).status_code == 302
        page = read(officer, "keys")
        assert "您不能审批" in page
        assert "console:approve" not in page
        refused = officer.post(reverse("console:approve", args=[waiting()]))
        assert (refused.status_code, "approval_own_request" in refused.content.decode()) == (403, True)
        services.work(actor=JOB, clock=timezone.now, due=False)
        assert keybook.generation() == 1

        assert "批准更换" in read(analyst, "keys")
        assert analyst.post(reverse("console:approve", args=[waiting()])).status_code == 302
        assert "半分钟内开始" in read(officer, "keys")
        services.work(actor=JOB, clock=timezone.now, due=False)
        page = read(officer, "keys")
        assert "第 2 代密钥，没有保管处欠抹除" in page
        assert "覆盖后删除文件" in page

    @pytest.mark.parametrize("sent", [{}, {"reason": "欧阳小禾"}, {"reason": "due"}])
    def test_a_reason_of_ones_own_is_refused_in_place(self, company, sent):
        answer = company.client("privacy_officer").post(reverse("console:request-rotation"), sent)
        page = answer.content.decode()
        assert (answer.status_code, "form_refused" in page, "欧阳小禾" in page) == (400, True, False)
        assert approvals.waiting(role="analyst", now=timezone.now()) == ()

    def test_what_is_owed_stands_first(self, company):
        officer = company.client("privacy_officer")
        Identity.objects.update(unratcheted=2)
        assert "2 次销毁还没有随之更换" in read(officer, "keys")
        Identity.objects.update(generation=1, claimed=2)
        Share.objects.create(keeper="split:/a:/b", kind="split", generation=2, given_at=timezone.now())
        assert "1 个保管处仍欠抹除旧一代" in read(officer, "keys")

    def test_only_the_officer_is_offered_the_act(self, company):
        for role, offered in (("privacy_officer", True), ("analyst", False), ("sysadmin", False)):
            assert ('data-dialog="rotate"' in read(company.client(role), "keys")) == offered

    def test_the_chart_of_ages_counts_in_the_unit_that_shows_them(self, company):
        now = timezone.now() + timedelta(days=10)
        actor = Actor(kind="staff", name="S00001", role="auditor", branch="HZ001")
        page = keys_page(actor, now=now)
        assert page.ages.rows == (("第 1 代", 10),)
        assert page.by_day.rows[-1][1:] == (1, 0)


class TestBackups:
    def made(self, tmp_path, now):
        return backup.make(actor=JOB, to=tmp_path / "sets", now=now, life_days=35)

    def test_without_any_it_says_what_to_do(self, company):
        page = read(company.client("sysadmin"), "backups")
        assert "还没有备份" in page
        assert "MIDAN_BACKUP_TO" in page

    def test_a_set_is_listed_and_claims_nothing_before_a_drill(self, company, tmp_path, monkeypatch):
        monkeypatch.setenv("MIDAN_BACKUP_TO", str(tmp_path / "sets"))
        done = self.made(tmp_path, timezone.now())
        page = read(company.client("auditor"), "backups")
        assert "还没有证明能恢复" in page
        assert done.folder.name in page
        assert str(tmp_path) not in page

    def test_a_drill_is_the_evidence_with_date_and_result(self, company, tmp_path, monkeypatch):
        monkeypatch.setenv("MIDAN_BACKUP_TO", str(tmp_path / "sets"))
        now = timezone.now()
        made = self.made(tmp_path, now)
        facts = {"set_id": made.set, "rows": 412, "destroyed": 3, "sample": 20, "seconds": 2.4}
        Drill.objects.create(at=now, ok=True, reason="", **facts)
        page = read(company.client("auditor"), "backups")
        for said in (
            "恢复演练在刚刚通过",
            "演练恢复过",
            "412",
            timezone.localtime(now).strftime("%Y-%m-%d %H:%M"),
        ):
            assert said in page
        Drill.objects.create(at=now + timedelta(minutes=1), ok=False, reason="backup_damaged", **facts)
        page = read(company.client("auditor"), "backups")
        assert "backup_damaged" in page
        assert "还没有证明能恢复" in page

    def test_a_late_set_and_one_that_is_away_show(self, company, tmp_path, monkeypatch):
        monkeypatch.setenv("MIDAN_BACKUP_TO", str(tmp_path / "sets"))
        now = timezone.now()
        made = self.made(tmp_path, now - timedelta(days=3))
        made.folder.rename(tmp_path / "elsewhere")
        page = read(company.client("auditor"), "backups")
        assert "备份晚了" in page
        assert "不在原处" in page
        found = backups_page(now=now)
        assert (found.overdue, found.clean_at) == (True, now + timedelta(days=32))

    def test_sizes_are_drawn_in_a_unit_that_shows_differences(self, company):
        now = timezone.now()
        for number, size in enumerate((20_000_000, 31_400_000)):
            facts = {"tables": 1, "rows": 1, "log_size": 1, "life_until": now + timedelta(days=9)}
            BackupSet.objects.create(
                set_id=f"{number:032x}",
                name=f"set-{number}",
                folder="/nowhere",
                created_at=now + timedelta(days=number),
                bytes=size,
                **facts,
            )
        chart = backups_page(now=now).chart
        assert "MB" in chart.title
        assert [figure for _, figure in chart.rows] == [20, 31]


class TestAlgorithms:
    def test_every_place_is_named_with_what_it_uses(self, company):
        page = read(company.client("regulator"), "algorithms")
        for said in ("SM4-GCM", "SM2, SM3", "HMAC-SM3", "Argon2id", "HMAC-SHA-1", "SHA-256", "没有用国密"):
            assert said in page

    def test_another_configuration_is_another_list(self, company, settings, monkeypatch, tmp_path):
        client = company.client("regulator")
        assert "AES-256-KW" not in read(client, "algorithms")
        assert "前置代理" not in read(client, "algorithms")
        settings.SITE_BASE_URL = "https://midan.example"
        monkeypatch.setenv("MIDAN_KEEPERS", f"token:{tmp_path}/token.toml")
        page = read(client, "algorithms")
        assert "AES-256-KW" in page
        assert "前置代理" in page
        assert "口令文件保管处" not in page

    def test_a_failed_self_test_stands_in_the_title(self, company, monkeypatch):
        monkeypatch.setattr("midan.console.selectors.algorithms.failed_test", lambda: "sm3")
        page = read(company.client("auditor"), "algorithms")
        assert "国密算法自检未通过：sm3" in page
        assert "全部相符" not in page

    def test_the_clause_leads_there(self, company):
        assert reverse("console:algorithms") in read(company.client("auditor"), "clauses")
        assert reverse("console:algorithms") not in read(company.client("hr"), "clauses")
