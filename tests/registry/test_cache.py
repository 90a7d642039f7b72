"""Nothing enters the cache unverified, and nothing leaves it unverified."""

import pytest

from riskmodel.errors import ModelIntegrityError, RiskModelWarning
from riskmodel.model.signatures import SigningKey
from riskmodel.model.signing import sign_bundle
from riskmodel.registry.addresses import Source
from riskmodel.registry.cache import BundleCache, Remembered, cache_folder, check_digest

SOURCE = Source("m", alias="champion")
ADDRESS = "https://me:secret@registry.example"


def saved(model):
    def fetch(folder):
        model.save(folder / "bundle")
        return folder / "bundle"

    return fetch


def test_where_it_is(monkeypatch, tmp_path):
    monkeypatch.delenv("RISKMODEL_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "riskmodel"
    monkeypatch.setenv("RISKMODEL_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"
    assert cache_folder(tmp_path / "given") == tmp_path / "given"


def test_what_was_added_opens_and_nothing_else_does(model, cache):
    bundles = BundleCache(cache)
    assert bundles.open(model.digest) is None
    assert bundles.add(model.digest, saved(model)).digest == model.digest
    assert bundles.open(model.digest).digest == model.digest
    assert [path.name for path in (cache / "bundles").iterdir()] == [model.digest]


def test_another_bundle_than_was_asked_for_is_not_kept(model, other, cache):
    bundles = BundleCache(cache)
    with pytest.raises(ModelIntegrityError):
        bundles.add(model.digest, saved(other[0]))
    assert list((cache / "bundles").iterdir()) == []


def test_two_may_add_the_same_bundle(model, cache):
    bundles = BundleCache(cache)

    def overtaken(folder):
        bundles.add(model.digest, saved(model))
        return saved(model)(folder)

    assert bundles.add(model.digest, overtaken).digest == model.digest
    assert [path.name for path in (cache / "bundles").iterdir()] == [model.digest]


def test_an_altered_bundle_is_thrown_away(model, cache):
    bundles = BundleCache(cache)
    bundles.add(model.digest, saved(model))
    (cache / "bundles" / model.digest / "task.json").write_bytes(b"{}")
    with pytest.warns(RiskModelWarning, match="thrown away"):
        assert bundles.open(model.digest) is None
    assert list((cache / "bundles").iterdir()) == []


def test_it_remembers_by_store_name_and_alias_and_writes_no_secret(cache):
    bundles, what = BundleCache(cache), Remembered("a" * 64, "3", "pass")
    assert bundles.recall(ADDRESS, SOURCE) is None
    bundles.remember(ADDRESS, SOURCE, what)
    assert bundles.recall(ADDRESS, SOURCE) == what
    assert bundles.recall("https://registry.example", SOURCE) == what, "a password is no store"
    for address, source in (("https://else", SOURCE), (ADDRESS, Source("m", alias="challenger")),
                            (ADDRESS, Source("m", version="3"))):  # fmt: skip
        assert bundles.recall(address, source) is None
    (pointer,) = cache.rglob("*.json")
    assert "secret" not in str(pointer) + pointer.read_text()
    for damaged in ("", "[]", '{"digest": 1, "unknown": 2}'):
        pointer.write_text(damaged)
        assert bundles.recall(ADDRESS, SOURCE) is None


@pytest.mark.parametrize("digest", ["", "../" * 20, "A" * 64, "a" * 63, None, "a" * 64 + "\n"])
def test_only_a_digest_names_a_folder(digest):
    with pytest.raises(ModelIntegrityError):
        check_digest(digest)


def test_a_bundle_that_is_whole_is_kept_from_who_asks_for_a_signature(model, cache, tmp_path):
    key = SigningKey.make(tmp_path / "key.pem", tmp_path / "key.pub.pem")
    BundleCache(cache).add(model.digest, saved(model))
    asked = {"require_signature": True, "public_key": tmp_path / "key.pub.pem"}
    with pytest.raises(ModelIntegrityError, match="not signed"):
        BundleCache(cache, **asked).open(model.digest)
    assert BundleCache(cache).open(model.digest).digest == model.digest
    sign_bundle(cache / "bundles" / model.digest, key.path)
    assert BundleCache(cache, **asked).open(model.digest).digest == model.digest
