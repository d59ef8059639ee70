"""What the policies could ever permit a post, so that nobody is offered what is always refused."""

from typing import Final

from midan.access.rules.sweep import sweep
from midan.access.selectors.policies import in_force

# It depends on the policies' text alone: tried once for each version and post this process has seen.
_TRIED: Final[dict[tuple[str, str], frozenset[str]]] = {}


def purposes_of(role: str) -> frozenset[str]:
    """Return the purposes for which a post may ever read a field in clear."""
    policies = in_force()
    known = _TRIED.get((policies.version, role))
    if known is None:
        permitted = sweep(policies, posts=(role,)).staff
        known = _TRIED[policies.version, role] = frozenset(str(purpose) for _, _, purpose in permitted)
    return known
