import pytest

from app.services.storage import InvalidKey, checked_folder, checked_key


@pytest.mark.parametrize("key", ["a", "audio/4f0c-1/0000001000.pcm", "reports/r_1.pdf"])
def test_keys(key: str) -> None:
    assert checked_key(key) == key
    assert checked_folder(key + "/") == key + "/"


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "/etc/passwd",
        "a//b",
        "a/",
        "../a",
        "a/../b",
        "a/.b",
        "a\\b",
        "a b",
        "a\n",
        "ä",
        "a\x00",
        "C:/x",
        "a" * 513,
    ],
)
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(InvalidKey):
        checked_key(key)


@pytest.mark.parametrize("folder", ["", "/", "a", "../", "a/../", "a//"])
def test_what_is_no_folder_is_refused(folder: str) -> None:
    with pytest.raises(InvalidKey):
        checked_folder(folder)
