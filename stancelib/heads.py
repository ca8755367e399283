"""Features and labels to weights: penalised logistic regression for all labels at once.

The features of a sentence are a product: how often each unit stands in it, times what
each unit means (`stancelib.features.Block`). Multiplying in this order costs a fraction
of multiplying the features out, which is why this is not scikit-learn's
`LogisticRegression`, though it minimises the same function: the sum of weighted log
losses plus the squared weights over twice `C`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import minimize

from stancelib.features import Block
from stancelib.targets import Targets

Array = NDArray[np.float64]

MAX_SPAN = 3_000  # sentences up to which a square table of them is worth its cost
JITTER = 1e-10  # keeps sentences with the same features apart


@dataclass(frozen=True, slots=True)
class Heads:
    """Weights of all features for all labels: themes first, then tones.

    Attributes
    ----------
    weights : list of array, shape (n_features_of_block, n_labels)
        One array per block.
    bias : array, shape (n_labels,)
    """

    weights: list[Array]
    bias: Array

    def log_odds(self, blocks: Sequence[Block], lengths: Array) -> Array:
        """Log-odds of the sentences that the blocks describe, shape (n_sentences, n_labels)."""
        sums = sum(b.counts @ (b.values @ w) for b, w in zip(blocks, self.weights, strict=True))
        log_odds: Array = sums / lengths[:, None] + self.bias
        return log_odds


def make_design(blocks: Sequence[Block], lengths: Array) -> "Design":
    """Make the design matrix of sentences, a row for each, in factors that multiply quickly.

    Parameters
    ----------
    blocks : sequence of Block
        Features of the sentences.
    lengths : array, shape (n_sentences,)
        What the features of each sentence are divided by.

    Returns
    -------
    Design
    """
    design = _Product(blocks, lengths)
    return _Span(design) if len(lengths) <= min(MAX_SPAN, design.size) else design


def fit_heads(
    design: "Design",
    targets: Targets,
    *,
    C: float | Array,
    max_iter: int,
    offset: Array | None = None,
) -> Heads:
    """Fit the weights of all features for all labels.

    Parameters
    ----------
    design : Design
        Features of the sentences.
    targets : Targets
        Labels of the sentences.
    C : float or array of shape (n_labels,)
        Inverse strength of the penalty, of all labels or of each.
    max_iter : int
        Steps of L-BFGS at most.
    offset : array, shape (n_sentences, n_labels), or None, optional
        Log-odds that are there already; the weights learn what they lack.

    Returns
    -------
    Heads
        The same for the same input.
    """
    n_themes, n_labels = targets.themes.shape[1], targets.themes.shape[1] + targets.tones.shape[1]
    given = 0.0 if offset is None else offset

    def loss(flat: Array) -> tuple[float, Array]:
        weights, bias = flat[:-n_labels].reshape(-1, n_labels), flat[-n_labels:]
        value, slope = log_loss(given + bias + design.forward(weights), targets, n_themes)
        gradient = design.backward(slope) + weights / C
        value += 0.5 * float(np.sum(weights**2 / C))
        return value, np.concatenate([gradient.ravel(), slope.sum(axis=0)])

    start = np.zeros((design.size + 1) * n_labels)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": max_iter})
    weights = found.x[:-n_labels].reshape(-1, n_labels)
    return Heads(design.spread(weights), found.x[-n_labels:])


class _Product:
    """All blocks side by side, as a matrix with a row for each sentence."""

    def __init__(self, blocks: Sequence[Block], lengths: Array) -> None:
        scale = sp.diags_array(1 / lengths)
        self.views = [_View(b, scale) for b in blocks]
        self.ends = np.cumsum([v.values.shape[1] for v in self.views])
        self.size = int(self.ends[-1])

    def forward(self, weights: Array) -> Array:
        parts = np.split(weights, self.ends[:-1])
        log_odds: Array = np.sum(
            [v.forward(w) for v, w in zip(self.views, parts, strict=True)], axis=0
        )
        return log_odds

    def backward(self, slope: Array) -> Array:
        return np.concatenate([v.backward(slope) for v in self.views])

    def gram(self) -> Array:
        """Inner products of all pairs of sentences."""
        products = [sp.csr_array(v.counts @ v.values) for v in self.views]
        gram: Array = sum((p @ p.T).toarray() for p in products)
        return gram

    def spread(self, weights: Array) -> list[Array]:
        parts = np.split(weights, self.ends[:-1])
        return [v.spread(w) for v, w in zip(self.views, parts, strict=True)]


class _Span:
    """The same in the span of the sentences, where the penalty leaves the weights.

    With fewer sentences than features, the lower triangle of the Cholesky factor of their
    inner products stands for the features: the same function of fewer weights.
    """

    def __init__(self, product: _Product) -> None:
        gram = product.gram()
        gram[np.diag_indices_from(gram)] += JITTER * gram.diagonal().max()
        self.product = product
        self.triangle = cholesky(gram, lower=True)
        self.size = len(gram)

    def forward(self, weights: Array) -> Array:
        log_odds: Array = self.triangle @ weights
        return log_odds

    def backward(self, slope: Array) -> Array:
        gradient: Array = self.triangle.T @ slope
        return gradient

    def spread(self, weights: Array) -> list[Array]:
        of_sentences = solve_triangular(self.triangle, weights, lower=True, trans="T")
        return self.product.spread(self.product.backward(of_sentences))


Design = _Product | _Span


class _View:
    """The rows and features of a block that training sees; the others' weights stay zero."""

    def __init__(self, block: Block, scale: sp.dia_array) -> None:
        counts = sp.csr_array(scale @ block.counts)
        rows = np.unique(counts.indices)
        self.counts = counts[:, rows]
        self.counts_t = self.counts.T.tocsr()
        values = block.values[rows]
        self.n_features = values.shape[1]
        self.features = (
            np.unique(values.indices) if sp.issparse(values) else np.arange(self.n_features)
        )
        self.values = values[:, self.features]
        self.values_t = (
            self.values.T.tocsr() if sp.issparse(values) else np.ascontiguousarray(self.values.T)
        )

    def forward(self, weights: Array) -> Array:
        product: Array = self.counts @ (self.values @ weights)
        return product

    def backward(self, slope: Array) -> Array:
        product: Array = self.values_t @ (self.counts_t @ slope)
        return product

    def spread(self, weights: Array) -> Array:
        full = np.zeros((self.n_features, weights.shape[1]))
        full[self.features] = weights
        return full


def log_loss(log_odds: Array, targets: Targets, n_themes: int) -> tuple[float, Array]:
    """Weighted log loss of themes and tones, and its slope; what was not coded adds nothing."""
    weights = targets.weights[:, None]
    z, y = log_odds[:, :n_themes], targets.themes
    theme_loss = np.logaddexp(0, z) - y * z
    theme_slope = np.exp(-np.logaddexp(0, -z)) - y
    z, y = log_odds[:, n_themes:], targets.tones
    raised = np.exp(z - z.max(axis=1, keepdims=True, initial=-np.inf))
    tones = raised / raised.sum(axis=1, keepdims=True)
    tone_loss = -y * np.log(np.maximum(tones, 1e-300))
    slope = np.nan_to_num(np.concatenate([theme_slope, tones - y], axis=1)) * weights
    value = np.nansum(theme_loss * weights) + np.nansum(tone_loss * weights)
    return float(value), slope
