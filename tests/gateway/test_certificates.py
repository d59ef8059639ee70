"""Tokens bound to a certificate: good with it alone, and only where our own proxy says which one it is."""

import base64
import hashlib
from datetime import timedelta
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from midan.gateway.certificates import thumbprints_in
from midan.gateway.errors import CertificateRefused
from midan.gateway.models import Bound
from tests.deploy.authorities import DAY, Authority
from tests.gateway.clients import change, client_id, entries, token_answer


def thumbprint(pem):
    """Return RFC 8705's x5t#S256, made here from the bytes of the certificate."""
    der = x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")


@pytest.fixture(scope="module")
def pems(tmp_path_factory):
    authority = Authority(tmp_path_factory.mktemp("tls"), "partners")
    return {
        "own": authority.issue("own").pem,
        "other": authority.issue("other").pem,
        "old": authority.issue("old", begins=-10 * DAY, ends=-timedelta(minutes=1)).pem,
        "early": authority.issue("early", begins=DAY).pem,
    }


@pytest.fixture
def behind_proxy(monkeypatch):
    """As `midan serve` runs at its socket: only the proxy can ask there."""
    monkeypatch.setenv("MIDAN_SOCKET", "/run/midan/web.sock")
    monkeypatch.setenv("MIDAN_BASE_URL", "https://localhost")
    monkeypatch.setenv("MIDAN_TRUSTED_PROXIES", "1")


def shown(pem):
    return {"HTTP_MIDAN_CLIENT_CERT": quote(pem)} if pem else {}


@pytest.fixture
def partner(company, pems):
    """A client with a certificate of its own: its id and secret."""
    from django.utils import timezone

    from midan.gateway import services
    from midan.gateway.rules import Limits
    from tests.gateway.clients import SYSTEM

    made = services.create_client(
        actor=SYSTEM,
        name="partner",
        branch="HZ001",
        scopes=("waybills:read",),
        limits=Limits(certificates=(thumbprint(pems["own"]),)),
        now=timezone.now(),
    )
    return made.client_id, made.client_secret


def call(company, token, pem):
    company.tokens["partner"] = token
    company.http.defaults.update(shown(pem))
    try:
        return company.call("GET", "/waybills/MD0000000000000", client="partner")
    finally:
        company.http.defaults.pop("HTTP_MIDAN_CLIENT_CERT", None)


@pytest.mark.usefixtures("behind_proxy")
def test_a_bound_token_is_good_with_its_own_certificate_alone(company, partner, pems):
    answer = token_answer(company.http, *partner, **shown(pems["own"]))
    token = answer.json()["access_token"]
    assert Bound.objects.get().thumbprint == thumbprint(pems["own"])
    assert call(company, token, pems["own"]).status_code == 404
    for pem, reason in (
        ("", "certificate_needed"),
        (pems["other"], "certificate_other"),
        (pems["old"], "certificate_expired"),
        (pems["early"], "certificate_expired"),
        ("no certificate", "certificate_unreadable"),
        (pems["own"][:-40], "certificate_unreadable"),
        ("x" * 20_000, "certificate_unreadable"),
    ):
        refused = call(company, token, pem)
        assert (refused.status_code, refused.json()["code"]) == (401, "client_certificate_refused"), reason
        assert refused.json()["details"] == {"reason": reason}
    whys = [dict(entry.details)["why"] for entry in entries("gateway:call:refused")]
    assert set(whys) == {
        "certificate_needed",
        "certificate_other",
        "certificate_expired",
        "certificate_unreadable",
    }


@pytest.mark.usefixtures("behind_proxy")
def test_without_its_certificate_or_with_anothers_a_client_gets_no_token(company, partner, pems):
    for pem in ("", pems["other"], pems["old"]):
        answer = token_answer(company.http, *partner, **shown(pem))
        assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})
    assert not Bound.objects.exists()
    whys = {dict(entry.details)["why"] for entry in entries("gateway:token:refused")}
    assert whys == {"certificate_needed", "certificate_other", "certificate_expired"}


@pytest.mark.usefixtures("behind_proxy")
def test_a_removed_certificate_ends_its_tokens_and_a_second_one_can_take_over_before(company, partner, pems):
    from midan.gateway.rules import FIELDS

    own, other = thumbprint(pems["own"]), thumbprint(pems["other"])
    change("partner", writes=FIELDS, certificates=(own, other))
    old = token_answer(company.http, *partner, **shown(pems["own"])).json()["access_token"]
    new = token_answer(company.http, *partner, **shown(pems["other"])).json()["access_token"]
    assert {call(company, old, pems["own"]).status_code, call(company, new, pems["other"]).status_code} == {
        404
    }
    # A second good certificate does not lend itself to the first one's token.
    assert call(company, old, pems["other"]).json()["details"] == {"reason": "certificate_other"}
    change("partner", certificates=(other,))
    assert call(company, old, pems["own"]).json()["details"] == {"reason": "certificate_withdrawn"}
    assert call(company, new, pems["other"]).status_code == 404


@pytest.mark.usefixtures("behind_proxy")
def test_a_token_from_before_a_certificate_was_asked_for_is_good_no_more(company, pems):
    number = company.send()
    assert company.call("GET", f"/waybills/{number}").status_code == 200
    change("hall", certificates=(thumbprint(pems["own"]),))
    refused = company.call("GET", f"/waybills/{number}")
    assert refused.json()["details"] == {"reason": "certificate_needed"}
    company.http.defaults.update(shown(pems["own"]))
    refused = company.call("GET", f"/waybills/{number}")
    assert refused.json()["details"] == {"reason": "certificate_other"}


@pytest.mark.usefixtures("behind_proxy")
def test_a_bound_token_stays_bound_when_the_client_needs_no_certificate_any_more(company, partner, pems):
    token = token_answer(company.http, *partner, **shown(pems["own"])).json()["access_token"]
    change("partner", certificates=())
    assert call(company, token, "").json()["details"] == {"reason": "certificate_needed"}


def test_where_anybody_can_reach_the_port_a_certificate_header_is_refused(company, partner, pems):
    """Without the socket nobody vouches for the header: also a client that needs none is told so."""
    answer = token_answer(company.http, *partner, **shown(pems["own"]))
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})
    assert {dict(entry.details)["why"] for entry in entries("gateway:token:refused")} == {
        "certificate_unproved"
    }
    number = company.send()
    company.http.defaults.update(shown(pems["own"]))
    refused = company.call("GET", f"/waybills/{number}")
    assert (refused.status_code, refused.json()["details"]) == (401, {"reason": "certificate_unproved"})


def test_thumbprints_are_read_from_certificates_and_from_themselves(pems):
    own, other = thumbprint(pems["own"]), thumbprint(pems["other"])
    assert thumbprints_in(pems["own"] + pems["other"] + pems["own"]) == (own, other)
    assert thumbprints_in(f"{other}\n{pems['own']}") == (own, other)
    assert thumbprints_in("") == ()
    with pytest.raises(CertificateRefused):
        thumbprints_in("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")


def test_the_client_itself_is_known_by_more_than_its_certificate(company, partner, pems, monkeypatch):
    """The certificate of a partner and the secret of another do not make a token."""
    monkeypatch.setenv("MIDAN_SOCKET", "/run/midan/web.sock")
    monkeypatch.setenv("MIDAN_BASE_URL", "https://localhost")
    monkeypatch.setenv("MIDAN_TRUSTED_PROXIES", "1")
    answer = token_answer(company.http, client_id("partner"), "guess", **shown(pems["own"]))
    assert answer.status_code == 401
