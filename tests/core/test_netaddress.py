"""The address that asks is the one our own proxies saw, whatever a stranger wrote to the left of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midan.core.netaddress import asking_address, network

PROXY = "10.0.0.9"


@pytest.mark.parametrize(
    ("forwarded", "proxies", "asking"),
    [
        ("198.51.100.7", 0, PROXY),
        ("", 1, PROXY),
        ("198.51.100.7", 1, "198.51.100.7"),
        ("1.2.3.4, 198.51.100.7", 1, "198.51.100.7"),
        ("1.2.3.4, 198.51.100.7, 10.0.0.8", 2, "198.51.100.7"),
        ("198.51.100.7", 2, PROXY),
        ("198.51.100.7, unknown", 1, PROXY),
        ("198.51.100.7, 13800138000", 1, PROXY),
        ("198.51.100.7:4711", 1, PROXY),
        ("fe80::1%13800138000", 1, PROXY),
        ("198.51.100.7,", 1, PROXY),
        ("2001:DB8:0:0::1", 1, "2001:db8::1"),
        ("::ffff:198.51.100.7", 1, "198.51.100.7"),
    ],
)
def test_the_address_our_proxies_saw(forwarded, proxies, asking):
    assert asking_address(nearest=PROXY, forwarded=forwarded, proxies=proxies) == asking


@given(st.text(), st.integers(min_value=1, max_value=8))
def test_a_stranger_writes_to_the_left_in_vain(written, proxies):
    ours = ["198.51.100.7", *["10.0.0.8"] * (proxies - 1)]
    forwarded = ", ".join([written, *ours])
    assert asking_address(nearest=PROXY, forwarded=forwarded, proxies=proxies) == "198.51.100.7"


def test_limits_count_the_network_one_line_has():
    assert network("2001:db8:1:2:aaaa::1") == network("2001:db8:1:2:bbbb::9") != network("2001:db8:1:3::1")
    assert network("198.51.100.7") == "198.51.100.7" != network("198.51.100.8")
    assert network("") == ""
