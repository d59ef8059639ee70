"""What the invented company hands out is worth what the real one's would be."""

import re
from pathlib import Path

from midan.demo.accounts import CLIENTS
from midan.gateway import api, log
from midan.gateway.rules import SCOPES


def test_no_client_holds_a_scope_that_opens_no_route():
    """A scope whose route does not exist yet would be held by a program long before anybody looks at what it opens."""
    source = "".join(Path(module.__file__).read_text(encoding="utf-8") for module in (api, log))
    routed = {scope for scope in re.findall(r'"([a-z-]+:[a-z-]+)"', source) if scope in SCOPES}
    assert {"waybills:write", "audit:read"} <= routed
    for name, _, scopes in CLIENTS:
        assert set(scopes.split()) <= routed, name
