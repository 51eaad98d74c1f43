import pytest

from app.origin import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1234:5678::1", "2001:db8:1234::/48"),
        ("127.0.0.1", "127.0.0.0/24"),
        ("/run/socket", None),
        ("", None),
        ("testclient", None),
    ],
)
def test_an_address_is_kept_as_its_network_only(address: str, network: str | None) -> None:
    assert network_of(address) == network
