"""The settings of the server: the folder for downloaded voices, and the allowed networks."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from wyoming_piper_serial.settings import Settings


@pytest.fixture
def data_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Set the user's data folder to a temporary folder, and return this folder."""
    home = tmp_path / "home"
    monkeypatch.setenv("XDG_DATA_HOME", str(home))
    return home


def test_downloads_go_to_the_folder_that_is_set(data_home: Path, tmp_path: Path) -> None:
    """The download folder is `--download-dir`, or else the first `--data-dir`, or else a folder in the user's data
    folder."""
    one, two = tmp_path / "one", tmp_path / "two"
    assert Settings(data_dirs=(one,), download_dir=two).download_folder == two
    assert Settings(data_dirs=(one, two)).download_folder == one
    assert Settings().download_folder == data_home / "wyoming-piper-serial" / "voices"


@pytest.mark.parametrize("value", ["", "relative/path"])
def test_data_folder_is_in_the_home_unless_an_absolute_path_is_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str
) -> None:
    """If XDG_DATA_HOME is empty or a relative path, the data folder is in the home folder, as the XDG specification
    requires."""
    monkeypatch.setenv("XDG_DATA_HOME", value)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Settings().download_folder == tmp_path / ".local" / "share" / "wyoming-piper-serial" / "voices"


@pytest.mark.usefixtures("no_home")
def test_user_without_a_home_has_no_download_folder(tmp_path: Path) -> None:
    """A user without a home folder has no download folder, unless `--download-dir` is set."""
    assert Settings().download_folder is None
    assert Settings(download_dir=tmp_path).download_folder == tmp_path


def test_proxies_belong_to_the_allowed_networks() -> None:
    """If `--allow` is set, the networks of `--proxy-from` are also allowed. If `--allow` is not set, all networks are
    allowed."""
    home, proxy = ip_network("192.168.1.0/24"), ip_network("10.0.0.5/32")
    assert Settings(allow=(home,), proxy_from=(proxy,)).allowed_networks == (home, proxy)
    assert Settings(proxy_from=(proxy,)).allowed_networks == ()
