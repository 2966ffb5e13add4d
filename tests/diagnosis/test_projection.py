"""PCA of images and texts together."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from vlmdiag_widgets._errors import InputError
from vlmdiag_widgets.diagnosis import pca_project


def rows(n, shift, seed):
    return np.random.default_rng(seed).normal(size=(n, 5)) * [2, 1, 0.5, 0.1, 0.1] + shift


X, Y = rows(40, [0, 0, 0, 3, 0], 0), rows(40, [0, 0, 0, -3, 0], 1)


def test_open_equals_pca_of_the_union_when_counts_are_equal():
    ours = pca_project(X, Y, closed=False)
    theirs = PCA(2).fit(np.vstack([X, Y]))
    expected = theirs.transform(np.vstack([X, Y]))
    got = np.vstack([ours.images, ours.texts])
    signs = np.sign((got * expected).sum(axis=0))
    assert got == pytest.approx(expected * signs, abs=1e-5)
    assert ours.explained == pytest.approx(theirs.explained_variance_ratio_)
    assert got.dtype == np.float32


def test_closing_puts_both_centres_on_the_origin():
    closed = pca_project(X, Y, closed=True)
    assert closed.images.mean(axis=0) == pytest.approx([0, 0], abs=1e-6)
    assert closed.texts.mean(axis=0) == pytest.approx([0, 0], abs=1e-6)


def test_few_texts_beside_many_images_still_show_the_gap():
    view = pca_project(rows(2000, [0, 0, 0, 3, 0], 0), Y[:5], closed=False)
    apart = np.abs(view.images.mean(axis=0) - view.texts.mean(axis=0))
    assert apart.max() > 5


def test_signs_are_fixed():
    assert np.array_equal(
        pca_project(X, Y, closed=True).images, pca_project(X.copy(), Y.copy(), closed=True).images
    )
    mirrored = pca_project(-X, -Y, closed=False)
    assert mirrored.images == pytest.approx(-pca_project(X, Y, closed=False).images, abs=1e-5)


def test_fit_rows_alone_decide_the_axes():
    polluted = np.vstack([X, np.full((3, 5), 100.0)])
    fitted = pca_project(polluted, Y, closed=True, fit_rows=np.arange(40))
    assert fitted.images[:40] == pytest.approx(pca_project(X, Y, closed=True).images, abs=1e-5)


def test_with_their_centre_alone_texts_leave_closed_images_where_they_are():
    one = pca_project(X, Y, closed=True, fit_texts="centre")
    other = pca_project(X, rows(7, 5.0, 3), closed=True, fit_texts="centre")
    assert np.array_equal(one.images, other.images)
    alone = PCA(2).fit(X)
    signs = np.sign((alone.transform(X) * one.images).sum(axis=0))
    assert one.images == pytest.approx(alone.transform(X) * signs, abs=1e-5)


@pytest.mark.parametrize("seed", range(8))
def test_one_more_text_neither_flips_nor_moves_open_images_much(seed):
    rng = np.random.default_rng(seed)
    images = rng.normal(size=(300, 32)) * rng.uniform(0.2, 1, size=32)
    texts = rng.normal(size=(80, 32)) * rng.uniform(0.2, 1, size=32) + rng.normal(size=32) * 2
    before = pca_project(images, texts[:79], closed=False, fit_texts="centre")
    after = pca_project(images, texts, closed=False, fit_texts="centre")
    spread = np.ptp(np.vstack([before.images, before.texts]), axis=0)
    assert (np.abs(after.images - before.images).max(axis=0) < 0.05 * spread).all()


@pytest.mark.parametrize("side", [-1, 1])
def test_with_an_open_gap_texts_lie_on_the_right(side):
    view = pca_project(X, Y * [1, 1, 1, side, 1], closed=False, fit_texts="centre")
    assert (view.texts.mean(axis=0) > view.images.mean(axis=0) - 1).all()
    view = pca_project(X * side, Y * side, closed=False, fit_texts="centre")
    assert view.texts[:, 0].min() > view.images[:, 0].max()


def test_texts_alone_are_fitted_whole():
    alone = pca_project(np.empty((0, 5)), Y, closed=True, fit_texts="centre")
    assert np.array_equal(alone.texts, pca_project(np.empty((0, 5)), Y, closed=True).texts)


def test_one_side_may_be_empty():
    view = pca_project(X, np.empty((0, 5)), closed=True)
    assert view.texts.shape == (0, 2)
    assert view.images.mean(axis=0) == pytest.approx([0, 0], abs=1e-6)


def test_identical_rows_project_to_one_point():
    view = pca_project(np.ones((3, 4)), np.ones((2, 4)), closed=False)
    assert np.all(view.images == 0)
    assert np.all(view.explained == 0)


@pytest.mark.parametrize("options", [{"n_components": 0}, {"n_components": 6}])
def test_refuses_too_many_components(options):
    with pytest.raises(InputError, match="n_components"):
        pca_project(X, Y, closed=False, **options)


def test_refuses_nothing_at_all():
    with pytest.raises(InputError, match="empty"):
        pca_project(np.empty((0, 4)), np.empty((0, 4)), closed=False)
