"""The real nginx with the file that ships, in front of a real `midan serve` at a Unix socket."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.deploy.authorities import Authority

ROOT = Path(__file__).resolve().parents[2]
# Debian keeps it where a plain user's path does not lead.
NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
# The temporary folder of the tests is this account's alone: nginx's workers stay with it.
# What the file says of a machine, and what the test says instead: each must be there.
PLACES = {
    "unix:/run/midan/web.sock": "unix:{home}/web.sock",
    "midan.example": "localhost",
    "/etc/midan/tls/server.pem": "{tls}/server.pem",
    "/etc/midan/tls/server.key": "{tls}/server.key",
    "/etc/midan/tls/partners.pem": "{tls}/partners.pem",
    "listen 443 ssl http2": "listen 127.0.0.1:{port} ssl http2",
    "listen 443 ssl default_server": "listen 127.0.0.1:{port} ssl default_server",
    "listen 80": "listen 127.0.0.1:{plain}",
}
AROUND = """
{user}daemon off;
pid {home}/nginx.pid;
error_log stderr emerg;
events {{ worker_connections 512; }}
http {{
    client_body_temp_path {home}/spooled-in;
    proxy_temp_path {home}/spooled-out;
    fastcgi_temp_path {home}/f; uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
    include {home}/midan.conf;
}}
"""


@dataclass
class Proxied:
    """A company behind its proxy. `partners` issues clients' certificates, `stranger` is nobody's authority."""

    url: str
    plain: int
    port: int
    home: Path
    environment: dict
    company: Authority
    partners: Authority
    stranger: Authority
    demo: dict
    midan_port: int

    @property
    def trust(self):
        return str(self.company.path)

    def client(self, name):
        """Return id and secret of one of the demo's clients."""
        found = next(client for client in self.demo["clients"] if name in client["scopes"])
        return found["client_id"], found["client_secret"]

    def ask(self, method, path, **how):
        return requests.request(method, f"{self.url}{path}", verify=self.trust, timeout=30, **how)

    def do(self, code):
        """Run a few lines of the product on this home, as a command would."""
        begin = "import django; django.setup()\n"
        done = subprocess.run(
            [sys.executable, "-c", begin + code],
            check=False,
            env=self.environment | {"DJANGO_SETTINGS_MODULE": "midan.config.settings"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def free_port():
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def configured(home, tls, port, plain):
    text = (ROOT / "deploy" / "nginx" / "midan.conf").read_text("utf-8")
    for said, instead in PLACES.items():
        assert said in text, said
        text = text.replace(said, instead.format(home=home, tls=tls, port=port, plain=plain))
    (home / "midan.conf").write_text(text, "utf-8")
    (home / "nginx.conf").write_text(
        AROUND.format(home=home, user="user root root;\n" if os.geteuid() == 0 else ""), "utf-8"
    )
    return home / "nginx.conf"


def wait_until(answers, log, processes):
    for _ in range(360):
        for process in processes:
            if process.poll() is not None:
                raise RuntimeError(log.read_text())
        try:
            if answers():
                return
        except OSError:
            pass
        time.sleep(0.25)
    raise RuntimeError(f"no answer: {log.read_text()}")


@pytest.fixture(scope="session")
def proxied(tmp_path_factory):
    home = tmp_path_factory.mktemp("proxied")
    tls = home / "tls"
    tls.mkdir()
    company, partners, stranger = (Authority(tls, name) for name in ("company", "partners", "stranger"))
    company.issue("server", server=True)
    port, plain, unused = free_port(), free_port(), free_port()
    url = f"https://localhost:{port}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MIDAN_")}
    environment = kept | {
        "MIDAN_HOME": str(home / "var"),
        "MIDAN_BASE_URL": url,
        "MIDAN_SOCKET": str(home / "web.sock"),
        "MIDAN_TRUSTED_PROXIES": "1",
    }
    midan = [sys.executable, "-m", "midan"]
    subprocess.run(
        [*midan, "init", "--demo"], env=environment, check=True, capture_output=True, timeout=240, cwd=ROOT
    )
    conf, log = configured(home, tls, port, plain), home / "log"
    with log.open("w") as out:
        serve = subprocess.Popen(
            [*midan, "serve", "--port", str(unused), "--workers", "1"],
            env=environment,
            stdout=out,
            stderr=out,
            cwd=ROOT,
        )
        nginx = subprocess.Popen([NGINX, "-p", str(home), "-c", str(conf)], stdout=out, stderr=out)
        try:
            found = Proxied(
                url=url,
                plain=plain,
                port=port,
                home=home,
                environment=environment,
                company=company,
                partners=partners,
                stranger=stranger,
                demo={},
                midan_port=unused,
            )
            wait_until(lambda: found.ask("GET", "/track").status_code == 200, log, (serve, nginx))
            found.demo = json.loads((home / "var" / "demo.json").read_text())
            yield found
        finally:
            for process in (nginx, serve):
                process.terminate()
                process.wait(timeout=30)
