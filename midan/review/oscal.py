"""The clauses as an OSCAL assessment-results document (NIST OSCAL 1.1.2, JSON), for tools that read nothing else.

One observation a control, one finding a clause. OSCAL knows two states, ours are three: 'proved' and 'enforced' are
satisfied, 'not_yet' is not, and the property `state` keeps the difference. Identifiers are derived (UUID version 5,
RFC 9562): the same clause keeps its identifier from report to report, an observation its own per moment.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from midan.review.selectors import ClauseState

VERSION: Final = "1.1.2"
_SPACE: Final = UUID("9f6b2a54-2d0e-5c1b-8a7e-6d6964616e31")
_NAMESPACE: Final = "urn:midan:oscal"
_PLAN: Final = uuid5(_SPACE, "plan")


def assessment_results(states: Sequence[ClauseState], *, now: datetime) -> dict[str, Any]:
    """Return the document as plain data; `now` must be aware."""
    moment = now.isoformat()
    plain = [state.as_dict() for state in states]
    return {
        "assessment-results": {
            "uuid": _id("document", moment),
            "metadata": {
                "title": "快递行业客户信息隐私保护制度 / privacy policy of an express-delivery company",
                "last-modified": moment,
                "version": moment,
                "oscal-version": VERSION,
            },
            "import-ap": {"href": f"#{_PLAN}"},
            "results": [
                {
                    "uuid": _id("result", moment),
                    "title": "midan controls",
                    "description": "Live evidence of every area, asked at this moment.",
                    "start": moment,
                    "reviewed-controls": {
                        "control-selections": [
                            {"include-controls": [{"control-id": _token(clause)} for clause in plain]}
                        ]
                    },
                    "observations": [part for clause in plain for part in _observations(clause, moment)],
                    "findings": [_finding(clause, moment) for clause in plain],
                }
            ],
            "back-matter": {
                "resources": [
                    {
                        "uuid": str(_PLAN),
                        "title": "Clause register",
                        "description": "The 42 clauses and who answers for them: policy/clauses.toml.",
                    }
                ]
            },
        }
    }


def _observations(clause: dict[str, Any], moment: str) -> list[dict[str, Any]]:
    return [
        {
            "uuid": _observation_id(clause, at, moment),
            "title": control["title"],
            "description": control["evidence"],
            "props": [_prop("area", control["area"]), _prop("state", control["state"])],
            "methods": ["TEST"],
            "collected": control["checked_at"],
        }
        for at, control in enumerate(clause["controls"])
    ] or [
        {
            "uuid": _observation_id(clause, 0, moment),
            "description": "Nothing shows this clause yet.",
            "methods": ["EXAMINE"],
            "collected": moment,
        }
    ]


def _finding(clause: dict[str, Any], moment: str) -> dict[str, Any]:
    shown = max(1, len(clause["controls"]))
    return {
        "uuid": _id("finding", clause["clause"], moment),
        "title": f"{clause['clause']} {clause['zh']}",
        "description": clause["en"],
        "props": [_prop("state", clause["state"])],
        "target": {
            "type": "objective-id",
            "target-id": _token(clause),
            "status": {"state": "not-satisfied" if clause["state"] == "not_yet" else "satisfied"},
        },
        "related-observations": [
            {"observation-uuid": _observation_id(clause, at, moment)} for at in range(shown)
        ],
    }


def _prop(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": _NAMESPACE, "value": value}


def _token(clause: dict[str, Any]) -> str:
    return str(clause["clause"])


def _observation_id(clause: dict[str, Any], at: int, moment: str) -> str:
    return _id("observation", clause["clause"], str(at), moment)


def _id(*words: str) -> str:
    return str(uuid5(_SPACE, "\x00".join(words)))
