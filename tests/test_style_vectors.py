import numpy as np
import pytest

from nst.style_vectors import mixed

ONE, OTHER, OWN = np.random.default_rng(0).normal(size=(3, 100)).astype(np.float32)


def test_styles_mix_by_their_relative_weights() -> None:
    np.testing.assert_allclose(mixed([ONE, OTHER], [3, 1]), 0.75 * ONE + 0.25 * OTHER, atol=1e-6)
    np.testing.assert_array_equal(mixed([ONE, OTHER], [0, 5]), OTHER)
    assert mixed([ONE], [1]).dtype == np.float32


def test_strength_leads_from_the_photographs_own_style_to_the_paintings() -> None:
    np.testing.assert_array_equal(mixed([ONE], [3], own=OWN, strength=0), OWN)
    np.testing.assert_allclose(mixed([ONE], [3], own=OWN, strength=1), ONE, atol=1e-6)
    np.testing.assert_allclose(mixed([ONE], [1], own=OWN, strength=0.25), 0.75 * OWN + 0.25 * ONE, atol=1e-6)
    with pytest.raises(ValueError, match="own"):
        mixed([ONE], [1], strength=0.5)
