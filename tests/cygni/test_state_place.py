from __future__ import annotations

from pathlib import Path

import pytest

from cygni.errors import UsageError
from cygni.state_place import StateKind, hidden, state_place

CANARY = "c4n%40ry%2Fpass"


class TestStatePlace:
    @pytest.mark.parametrize(
        ("url", "kind", "shown"),
        [
            ("file:///srv/state", StateKind.FILE, "/srv/state"),
            ("s3://bucket?region=eu-west-1", StateKind.S3, "s3://bucket"),
            ("s3://bucket/below/it", StateKind.S3, "s3://bucket/below/it"),
            ("postgres://me:c4nary@db:5432/states", StateKind.POSTGRES, "postgres://db:5432/states"),
            ("postgres:///states?host=/run/pg&password=c4nary", StateKind.POSTGRES, "postgres:///states"),
            ("https://api.pulumi.com", StateKind.SERVICE, "https://api.pulumi.com"),
        ],
    )
    def test_is_read_and_shown_without_credentials(self, url: str, kind: StateKind, shown: str) -> None:
        place = state_place(url)
        assert (place.kind, place.url, place.shown) == (kind, url, shown)
        assert "c4nary" not in repr(place)

    def test_spells_postgres_as_the_engine_does(self) -> None:
        assert state_place("postgresql://db/states?x=1").url == "postgres://db/states?x=1"

    def test_has_a_folder_where_it_is_files(self) -> None:
        assert state_place("file:///srv/with%20space").folder == Path("/srv/with space")
        assert state_place("file://~/state").folder == Path.home() / "state"
        assert state_place("s3://bucket").folder is None

    @pytest.mark.parametrize(
        "url",
        [
            "nonsense:c4nary",
            "/srv/state",
            "file://relative/c4nary",
            "file://~nobody-of-that-name/c4nary",
            "file:///srv/state?c4nary=1",
            "s3://",
            "s3://c4nary:c4nary@bucket",
            "postgres://me:c4nary@db",
            "postgres://me:c4nary@db:port/states",
            "http://c4nary.test",
            "https://",
            "https://me:c4nary@api.pulumi.com",
            "gs://c4nary",
            "http://[c4nary",
        ],
    )
    def test_refuses_without_repeating_it(self, url: str) -> None:
        with pytest.raises(UsageError, match="CYGNI_STATE") as caught:
            state_place(url)
        assert "c4nary" not in f"{caught.value.message}{caught.value.hint}"


class TestHidden:
    @pytest.mark.parametrize(
        "said",
        [
            f"unable to open bucket postgres://me:{CANARY}@db/states: no",
            'parse "postgres://me:c4n%40ry%2Fpass@db": net/url',
            "password=c4n@ry/pass host=db",
            "sslpassword=c4n@ry/pass",
            "the password c4n@ry/pass was refused",
        ],
    )
    def test_leaves_no_password_in_a_text(self, said: str) -> None:
        clean = hidden(said, f"postgres://me:{CANARY}@db/states")
        assert not [part for part in ("c4n", "ry/pass", "ry%2Fpass") if part in clean]
        assert "[secret]" in clean

    def test_hides_the_credentials_of_any_other_url(self) -> None:
        assert hidden("no postgres://you:c4nary@db/x", "s3://bucket") == "no postgres://[secret]@db/x"

    def test_hides_a_password_among_the_parameters(self) -> None:
        assert hidden("refused c4nary", "postgres:///states?password=c4nary") == "refused [secret]"

    def test_leaves_other_text_as_it_is(self) -> None:
        said = "see https://example.test/a@b and mail me@example.test"
        assert hidden(said.replace("a@b", "ab"), "postgres://me:no@db/x") == said.replace("a@b", "ab")
        assert hidden("no", "postgres://me:no@db/x") == "no"
        assert hidden("as it is", "http://[") == "as it is"
