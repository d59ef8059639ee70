"""Pages of broken glass, cases and policies: from the refusal to the review, in the reader's words, values nowhere."""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from midan.access.models import Case, Glass, PolicyDraft
from midan.access.selectors.policies import in_force, shipped_text
from midan.people.models import Staff
from tests.console.conftest import CLEAR, PHONE

NOTE = "客户在电话上等，工单系统打不开"
PAPERS = b"%PDF-1.4\n% an invented letter\n%%EOF\n"


def read(client, name, *args, **query):
    answer = client.get(reverse(f"console:{name}", args=args), query)
    return answer.status_code, unescape(answer.content.decode())


def post(client, name, *args, follow=True, **form):
    answer = client.post(reverse(f"console:{name}", args=args), form, follow=follow)
    return answer.status_code, unescape(answer.content.decode())


def ask(client, number, **changes):
    form = {"field": "recipient_phone", "purpose": "customer_service", "reason": "customer_asked"}
    return post(client, "reveal", number, **form | changes)


@pytest.fixture
def agent(company):
    return company.client("agent")


def smash(client, number, **changes):
    form = {
        "waybill": number,
        "fields_": ["recipient_phone"],
        "purpose": "customer_service",
        "reason": "system_fault",
        "note": NOTE,
    }
    return post(client, "glass", **form | changes)


class TestGlass:
    def test_a_refusal_that_may_be_broken_leads_there_and_it_opens_the_field(self, company, agent):
        status, refused = ask(agent, company.number)
        assert status == 403
        (address,) = re.findall(r'href="(/glass/\?[^"]*)"', refused)
        page = unescape(agent.get(address).content.decode())
        assert f'value="{company.number}"' in page
        assert 'value="recipient_phone" checked' in page
        assert smash(agent, company.number)[0] == 200
        status, shown = ask(agent, company.number)
        assert status == 200
        assert PHONE in shown

    def test_a_refusal_that_may_not_be_broken_offers_nothing(self, company):
        manager = company.client("branch_manager")
        status, refused = ask(manager, company.number, field="goods_name")
        assert status == 403
        assert "/glass/" not in refused
        status, page = smash(manager, company.number, fields_=["goods_name"])
        assert status == 403
        assert "L2.2" in page
        assert not Glass.objects.exists()

    def test_the_officer_sees_the_alarm_on_every_page_until_the_review(self, company, agent):
        officer = company.client("privacy_officer")
        assert "待您复核" not in read(officer, "overview")[1]
        smash(agent, company.number)
        assert "1 次应急查看待您复核" in read(officer, "overview")[1]
        assert "待您复核" not in read(company.client("analyst"), "overview")[1]
        _, queue = read(officer, "glass-review")
        for part in (company.number, "扫描或工单系统故障", "no_ticket", "收件人电话"):
            assert part in queue
        assert not [value for value in CLEAR if value in queue]
        code = Glass.objects.get().code
        status, page = post(officer, "review-glass", code, finding="not_justified", note="")
        assert (status, Glass.objects.get().finding) == (400, "")
        assert "没有任何改动" in page
        assert post(officer, "review-glass", code, finding="justified", note="")[0] == 200
        assert "待您复核" not in read(officer, "overview")[1]

    def test_a_factor_that_is_not_fresh_is_asked_for_first(self, company):
        client = company.client("agent")
        session = client.session
        for step in session["account_authentication_methods"]:
            step["at"] -= 301
        session.save()
        answer = client.post(reverse("console:glass"), {"waybill": company.number})
        assert answer.status_code == 302
        assert "reauthenticate" in answer["Location"]
        assert not Glass.objects.exists()

    def test_what_is_missing_is_named(self, company, agent):
        status, page = smash(agent, company.number, note="急")
        assert status == 400
        assert "没有打开任何信息" in page
        status, page = smash(agent, company.number, fields_=[])
        assert (status, "信息项" in page) == (400, True)

    def test_in_english(self, company):
        page = read(company.client("agent", language="en"), "glass")[1]
        assert "Break-glass: one waybill, 15 minutes" in page


class TestCases:
    def form(self, company, **changes):
        regulator = Staff.objects.get(role="regulator").staff_no
        return {
            "ground": "court_or_police",
            "reader": regulator,
            "fields_": ["recipient_phone"],
            "waybills": company.number,
            "days": "7",
            "papers": SimpleUploadedFile("letter.pdf", PAPERS, "application/pdf"),
        } | changes

    def test_from_the_request_by_the_other_persons_word_to_the_answer(self, company):
        officer, regulator = company.client("privacy_officer"), company.client("regulator")
        lawful = {"purpose": "lawful_disclosure", "reason": "court_or_police"}
        status, page = ask(regulator, company.number, **lawful)
        assert (status, "L5.1" in page) == (403, True)
        assert post(officer, "request-case", **self.form(company))[0] == 200
        assert ask(regulator, company.number, **lawful)[0] == 403
        case = Case.objects.get()
        analyst = company.client("analyst")
        assert "依法提供客户信息" in read(analyst, "approvals")[1]
        assert post(analyst, "approve", case.approval)[0] == 200
        status, page = ask(regulator, company.number, **lawful)
        assert (status, PHONE in page) == (200, True)
        code = bytes(case.code).hex()
        answer = analyst.post(reverse("console:case-papers", args=[code]))
        assert (answer.content, answer["Content-Disposition"]) == (PAPERS, 'attachment; filename="papers"')
        assert "1 个案件有效" in read(officer, "cases")[1]
        assert post(officer, "close-case", code)[0] == 200
        assert ask(regulator, company.number, **lawful)[0] == 403

    def test_what_will_not_do_is_named_and_nothing_is_kept(self, company):
        officer = company.client("privacy_officer")
        wrong = SimpleUploadedFile("x.gif", b"GIF89a", "image/gif")
        status, page = post(officer, "request-case", **self.form(company, papers=wrong))
        assert (status, "材料" in page) == (400, True)
        status, page = post(officer, "request-case", **self.form(company, waybills="MD000"))
        assert (status, Case.objects.exists()) == (400, False)


class TestPolicies:
    def draft(self):
        return shipped_text().replace('"recipient_name", "recipient_address"].', '"recipient_name"].', 1)

    def test_from_the_draft_by_its_replay_and_another_person_into_force_and_back(self, company):
        officer = company.client("privacy_officer")
        before = in_force().version
        ask(officer, company.number, purpose="complaint", reason="complaint_handling")
        status, page = post(officer, "save-policy", text=self.draft())
        assert status == 200
        assert "草稿已保存" in page
        kept = PolicyDraft.objects.get()
        status, page = read(officer, "policy-draft", kept.code, days=7)
        assert "新拒绝 0 次，新放行 0 次" in page
        assert "按当时的事实回放 1 次" in page
        assert post(officer, "request-policy", kept.code, days="7")[0] == 200
        assert in_force().version == before
        analyst = company.client("analyst")
        page = read(analyst, "approvals")[1]
        assert f"{before} → {kept.version}" in page
        post(analyst, "approve", PolicyDraft.objects.get().approval)
        assert in_force().version == kept.version
        assert f">{kept.version}<" in read(officer, "policies")[1]
        post(officer, "save-policy", restores="0")
        assert PolicyDraft.objects.latest("made_at").version == before

    def test_errors_are_shown_with_their_line_and_what_was_typed_stays(self, company):
        sysadmin = company.client("sysadmin")
        text = shipped_text().replace("context.trained", "context.trianed")
        line = 1 + text.split("\n").index(next(one for one in text.split("\n") if "trianed" in one))
        status, page = post(sysadmin, "save-policy", text=text)
        assert status == 400
        assert f"第 {line} 行" in page
        assert "context.trianed" in page
        assert not PolicyDraft.objects.exists()

    def test_a_file_counts_instead_of_the_text(self, company):
        sysadmin = company.client("sysadmin")
        file = SimpleUploadedFile("draft.cedar", self.draft().encode())
        assert post(sysadmin, "save-policy", text="nonsense", file=file)[0] == 200
        assert PolicyDraft.objects.get().text == self.draft()

    def test_the_auditor_reads_it_and_writes_nothing(self, company):
        status, page = read(company.client("auditor"), "policies")
        assert status == 200
        assert "break_glass_unreviewed" in page
        assert "save-policy" not in page
        assert "<textarea" not in page
