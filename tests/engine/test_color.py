"""Colour preservation by statistics and by luminance."""

import numpy as np

from nst.engine.color import with_color_statistics, with_luminance

RNG = np.random.default_rng(3)


def cloud(mean, spread):
    return np.clip(RNG.normal(mean, spread, (64, 48, 3)), 0, 255).astype(np.uint8)


def test_statistics_gives_the_style_the_photograph_s_mean_and_covariance():
    style, content = cloud((90, 120, 160), (20, 30, 10)), cloud((140, 110, 100), (15, 12, 25))
    found = with_color_statistics(style, content).reshape(-1, 3).astype(float)
    wanted = content.reshape(-1, 3).astype(float)
    np.testing.assert_allclose(found.mean(0), wanted.mean(0), atol=0.6)
    np.testing.assert_allclose(np.cov(found.T), np.cov(wanted.T), atol=0.03 * np.cov(wanted.T).max())


def test_statistics_of_a_one_colour_style_are_finite_and_its_colour_is_the_photograph_s():
    content = cloud((140, 110, 100), (15, 12, 25))
    found = with_color_statistics(np.full((8, 8, 3), 7, np.uint8), content)
    np.testing.assert_allclose(found.mean((0, 1)), content.mean((0, 1)), atol=1)


def test_luminance_keeps_the_photograph_s_chroma_and_the_painting_s_light():
    painting, content = cloud((128, 128, 128), (9, 9, 9)), cloud((128, 120, 110), (9, 9, 9))
    found = with_luminance(painting, content).astype(float)
    luma = np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(found @ luma, painting.astype(float) @ luma, atol=0.6)
    differences = found - (found @ luma)[..., None]
    wanted = content - (content.astype(float) @ luma)[..., None]
    np.testing.assert_allclose(differences, wanted, atol=1.1)


def test_luminance_of_the_photograph_itself_is_the_photograph():
    content = cloud((128, 120, 110), (60, 60, 60))
    np.testing.assert_array_equal(with_luminance(content, content), content)
