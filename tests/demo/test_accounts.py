"""What the invented company hands out is worth what the real one's would be."""

from midan.demo.accounts import CLIENTS
from midan.gateway.api import api
from midan.gateway.rules import SCOPES


def test_no_client_holds_a_scope_that_opens_no_route():
    """A scope whose route does not exist yet would be held by a program long before anybody looks at what it opens."""
    operations = [one for methods in api.get_openapi_schema()["paths"].values() for one in methods.values()]
    routed = {
        scope for one in operations for way in one.get("security", ()) for scope in way.get("client", ())
    }
    assert {"waybills:write", "audit:read"} <= routed
    assert routed <= set(SCOPES)
    for name, _, scopes in CLIENTS:
        assert set(scopes.split()) <= routed, name
