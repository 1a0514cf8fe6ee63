"""The settings for the HTTP server."""

from ipaddress import ip_network

from wyoming_piper_serial.settings import Http, Settings

_HOME, _PROXY = ip_network("192.168.1.0/24"), ip_network("10.0.0.5/32")


def test_networks_of_http_include_the_proxies() -> None:
    """With `--http-allow`, the networks of proxies may also connect to the HTTP server. Without `--http-allow`, the
    networks of `--allow` apply."""
    settings = Settings(http=Http(allow=(_HOME,)), proxy_from=(_PROXY,))
    assert settings.http_allowed_networks == (_HOME, _PROXY)
    assert Settings(allow=(_HOME,), proxy_from=(_PROXY,)).http_allowed_networks == ()
