"""The file that ships, in the real nginx, before the real server: what gets through, and as what."""

import json
import os
import shutil
import socket
import ssl
import stat
import subprocess
import threading
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session

from midan.gateway.certificates import thumbprints_in
from tests.deploy.authorities import DAY
from tests.deploy.conftest import NGINX, ROOT
from tests.programs import CI

SSLYZE = shutil.which("sslyze", path=f"{ROOT / '.venv' / 'scan' / 'bin'}:{os.environ['PATH']}")
# Every scan by name: what is scanned by default is another thing with each release.
SCANS = (
    *("sslv2", "sslv3", "tlsv1", "tlsv1_1", "tlsv1_2", "tlsv1_3", "elliptic_curves", "certinfo"),
    *("heartbleed", "openssl_ccs", "robot", "reneg", "compression", "early_data"),
)
pytestmark = pytest.mark.skipif(NGINX is None and not CI, reason="not installed: nginx")


@pytest.fixture(scope="session")
def partner(proxied):
    """A client with a certificate of its own, made by the product on the served home."""
    own = proxied.partners.issue("own")
    made = proxied.do(
        "from django.utils import timezone\n"
        "from midan.core.actor import Actor\n"
        "from midan.gateway import services\n"
        "from midan.gateway.rules import Limits\n"
        "made = services.create_client(actor=Actor.system('test'), name='partner', branch='HZ001',"
        " scopes=('waybills:write', 'waybills:read'), now=timezone.now(),"
        f" limits=Limits(certificates={thumbprints_in(own.pem)!r}, per_minute=1000, per_day=100000))\n"
        "print(made.client_id, made.client_secret)"
    )
    identity, secret = made.split()
    return identity, secret, own


def signed_in(proxied, identity, secret, pair=None):
    """Return authlib's own session with a token: an independent client of the OAuth2 flow."""
    session = OAuth2Session(
        identity, secret, scope="waybills:read", token_endpoint_auth_method="client_secret_basic"
    )
    # An environment may name a bundle of its own, which would go before.
    session.trust_env = False
    session.verify = proxied.trust
    session.cert = pair.files if pair else None
    session.fetch_token(f"{proxied.url}/api/v1/token", grant_type="client_credentials", timeout=30)
    return session


def read(proxied, session_or_token, pair=None, **headers):
    """Ask for a waybill nobody has: 404 is as far as a good call gets."""
    token = session_or_token if isinstance(session_or_token, str) else session_or_token.token["access_token"]
    return proxied.ask(
        "GET",
        "/api/v1/waybills/MD0000000000000",
        headers={"Authorization": f"Bearer {token}", **headers},
        cert=pair.files if pair else None,
    )


def test_an_independent_client_gets_a_bound_token_and_calls_with_it(proxied, partner):
    identity, secret, own = partner
    session = signed_in(proxied, identity, secret, own)
    assert session.token["token_type"] == "Bearer"
    assert session.token["scope"] == "waybills:read"
    assert session.token["expires_in"] <= 900
    answer = session.get(f"{proxied.url}/api/v1/waybills/MD0000000000000", timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_an_independent_client_without_a_certificate_works_where_none_is_asked_for(proxied):
    identity, secret = proxied.client("waybills:read")
    session = signed_in(proxied, identity, secret)
    assert session.get(f"{proxied.url}/api/v1/waybills/MD0000000000000", timeout=30).status_code == 404


def test_a_bound_token_is_refused_without_its_certificate_and_with_a_forged_header(proxied, partner):
    identity, secret, own = partner
    token = signed_in(proxied, identity, secret, own).token["access_token"]
    other = proxied.partners.issue("other")
    assert read(proxied, token, own).status_code == 404
    forged = quote(own.pem)
    for pair, headers, reason in (
        (None, {}, "certificate_needed"),
        (None, {"Midan-Client-Cert": forged}, "certificate_needed"),
        (None, {"Midan_Client_Cert": forged}, "certificate_needed"),
        (other, {}, "certificate_other"),
        (other, {"Midan-Client-Cert": forged}, "certificate_other"),
    ):
        refused = read(proxied, token, pair, **headers)
        said = refused.json()
        assert (refused.status_code, said["code"]) == (401, "client_certificate_refused"), headers
        assert said["details"] == {"reason": reason}


@pytest.mark.parametrize("which", ["expired", "foreign", "early"])
def test_a_certificate_that_is_over_or_of_no_partner_gets_no_further_than_the_proxy(proxied, partner, which):
    identity, secret, own = partner
    token = signed_in(proxied, identity, secret, own).token["access_token"]
    pair = {
        "expired": lambda: proxied.partners.issue("expired", begins=-9 * DAY, ends=-timedelta(minutes=5)),
        "foreign": lambda: proxied.stranger.issue("foreign"),
        "early": lambda: proxied.partners.issue("early", begins=DAY),
    }[which]()
    refused = read(proxied, token, pair)
    assert (refused.status_code, refused.json()["code"]) == (401, "client_certificate_refused")
    assert refused.json()["details"] == {"reason": "certificate_untrusted"}


def test_a_token_asked_for_without_the_certificate_or_with_anothers_secret_is_not_given(proxied, partner):
    identity, secret, own = partner
    other_id, other_secret = proxied.client("waybills:read")
    for who, what, pair in ((identity, secret, None), (identity, other_secret, own)):
        answer = proxied.ask(
            "POST",
            "/api/v1/token",
            data={"grant_type": "client_credentials", "client_id": who, "client_secret": what},
            cert=pair.files if pair else None,
        )
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert other_id != identity


def test_a_removed_thumbprint_ends_its_tokens_with_the_next_call(proxied):
    pair = proxied.partners.issue("leaver")
    change = (
        "from django.utils import timezone\n"
        "from midan.core.actor import Actor\n"
        "from midan.gateway import services\n"
        "from midan.gateway.rules import FIELDS, Limits\n"
    )
    made = proxied.do(
        f"{change}made = services.create_client(actor=Actor.system('test'), name='leaver', branch='HZ001',"
        f" scopes=('waybills:read',), now=timezone.now(),"
        f" limits=Limits(certificates={thumbprints_in(pair.pem)!r}))\n"
        "print(made.client_id, made.client_secret)"
    )
    identity, secret = made.split()
    token = signed_in(proxied, identity, secret, pair).token["access_token"]
    assert read(proxied, token, pair).status_code == 404
    other = proxied.partners.issue("successor")
    proxied.do(
        f"{change}services.change_client(actor=Actor.system('test'), client_id={identity!r},"
        f" limits=Limits(certificates={thumbprints_in(other.pem)!r}), writes=FIELDS, sees=FIELDS,"
        " now=timezone.now())"
    )
    refused = read(proxied, token, pair)
    assert (refused.status_code, refused.json()["details"]) == (401, {"reason": "certificate_withdrawn"})


def test_nothing_older_than_tls_1_3_is_spoken_and_no_other_name_is_answered(proxied):
    def shake(newest, name):
        context = ssl.create_default_context(cafile=proxied.trust)
        context.maximum_version = newest
        with (
            socket.create_connection(("127.0.0.1", proxied.port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname=name) as tunnel,
        ):
            return tunnel.version()

    assert shake(ssl.TLSVersion.TLSv1_3, "localhost") == "TLSv1.3"
    for newest, name in (
        (ssl.TLSVersion.TLSv1_2, "localhost"),
        (ssl.TLSVersion.TLSv1_3, "elsewhere.example"),
    ):
        with pytest.raises(ssl.SSLError):
            shake(newest, name)


def test_pages_say_https_for_two_years_once_and_nothing_of_the_machine(proxied):
    for path in ("/track", "/accounts/login/", "/api/v1/openapi.json", "/nothing"):
        answer = proxied.ask("GET", path)
        assert answer.headers["Strict-Transport-Security"] == "max-age=63072000", path
        assert answer.headers["Server"] == "nginx"
    plain = requests.get(f"http://localhost:{proxied.plain}/track", allow_redirects=False, timeout=10)
    assert (plain.status_code, plain.headers["Location"]) == (308, "https://localhost/track")


def test_the_server_has_no_port_and_its_socket_is_for_owner_and_group(proxied):
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", proxied.midan_port), timeout=5)
    mode = (proxied.home / "web.sock").stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o660


def test_a_body_too_large_is_refused_in_the_one_shape_before_the_server_hears_of_it(proxied):
    answer = proxied.ask("POST", "/api/v1/waybills", data=b"x" * (2 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_forty_slow_senders_hold_no_web_thread_and_leave_no_file(proxied):
    """One web process has sixteen threads: without the proxy's buffer they would all wait."""
    context = ssl.create_default_context(cafile=proxied.trust)
    slow = []
    try:
        for _ in range(40):
            plain = socket.create_connection(("127.0.0.1", proxied.port), timeout=10)
            tunnel = context.wrap_socket(plain, server_hostname="localhost")
            slow.append(tunnel)
            tunnel.sendall(
                b"POST /api/v1/waybills HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500000\r\n\r\n"
                b'{"sender_name":"' + b"x" * 100_000
            )
        began = time.monotonic()
        answers = [proxied.ask("GET", "/track").status_code for _ in range(5)]
        assert answers == [200] * 5
        # The same five with nobody in the way take a fraction of this, on a busy machine too.
        assert time.monotonic() - began < 10
        spooled = [path for path in (proxied.home / "spooled-in").rglob("*") if path.is_file()]
        assert spooled == []
    finally:
        for tunnel in slow:
            tunnel.close()


def test_too_many_tries_for_a_token_are_stopped_before_the_server(proxied):
    statuses = []

    def ask():
        answer = proxied.ask("POST", "/api/v1/token", data={"grant_type": "client_credentials"})
        statuses.append((answer.status_code, answer.headers.get("Retry-After")))

    threads = [threading.Thread(target=ask) for _ in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (429, "5") in statuses
    # The zone gives tries back at two a second; the tests after this one need a few.
    time.sleep(4)


def test_the_log_names_the_address_the_proxy_saw(proxied, partner):
    identity, secret, own = partner
    token = signed_in(proxied, identity, secret, own).token["access_token"]
    read(proxied, token, own, **{"X-Forwarded-For": "203.0.113.9", "Midan-Actor": "S99999"})
    found = proxied.do(
        "from midan.audit import selectors\n"
        "from midan.audit.selectors import EntryFilter\n"
        "print(selectors.entries(EntryFilter(act='gateway:actor:refused'), limit=1).items[0].entry.address)"
    )
    assert found == "127.0.0.1"


def test_encrypted_transfer_is_claimed_behind_the_proxy(proxied):
    done = subprocess.run(
        ["python", "-m", "midan", "controls", "--format", "json"],
        env=proxied.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    states = {
        control["title"]: control["state"]
        for clause in json.loads(done.stdout)
        if clause["clause"] == "L4.1"
        for control in clause["controls"]
        if control["area"] == "gateway"
    }
    assert list(states.values()) == ["enforced"]


@pytest.mark.skipif(SSLYZE is None and not CI, reason="not installed: sslyze")
def test_sslyze_finds_tls_1_3_alone_no_weak_suite_and_no_known_hole(proxied, tmp_path):
    found = tmp_path / "found.json"
    subprocess.run(
        [
            SSLYZE,
            *(f"--{scan}" for scan in SCANS),
            f"--json_out={found}",
            f"--certinfo_ca_file={proxied.trust}",
            f"localhost:{proxied.port}",
        ],
        check=False,
        capture_output=True,
        timeout=240,
    )
    (server,) = json.loads(Path(found).read_text())["server_scan_results"]
    assert server["scan_status"] == "COMPLETED"
    results = {name: one["result"] for name, one in server["scan_result"].items() if one["result"]}
    for old in ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1", "tls_1_2"):
        assert results[f"{old}_cipher_suites"]["accepted_cipher_suites"] == [], old
    suites = {
        one["cipher_suite"]["name"] for one in results["tls_1_3_cipher_suites"]["accepted_cipher_suites"]
    }
    assert suites == {"TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"}
    curves = {one["name"] for one in results["elliptic_curves"]["supported_curves"]}
    assert curves <= {"X25519", "secp256r1", "prime256v1", "secp384r1"}
    assert not results["heartbleed"]["is_vulnerable_to_heartbleed"]
    assert not results["openssl_ccs_injection"]["is_vulnerable_to_ccs_injection"]
    assert not results["tls_compression"]["supports_compression"]
    assert not results["tls_1_3_early_data"]["supports_early_data"]
    assert not results["session_renegotiation"]["is_vulnerable_to_client_renegotiation_dos"]
    assert "NOT_VULNERABLE" in results["robot"]["robot_result"]
    chains = results["certificate_info"]["certificate_deployments"]
    assert all(chain["verified_certificate_chain"] for chain in chains)
