"""What a score costs: one person warm and in a new process, a whole force, and SHAP values.

Every answer that is timed is first held to what the library's tables say, bit for bit::

    python experiments/speed/scoring.py [--people 53000] [--calls 3000] [--only one force]

One JSON line a job and method; the first of a job is this library, the others say how many times
as long they take.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # for the peers: quickest for one row

import scoring_clock as clock
import scoring_world as sw
import shap_speed
from scoring_force import score_a_force
from scoring_peers import check_agree, fit_peers, load_peer
from scoring_starts import start_anew

import riskmodel as rm

JOBS = ("one", "start", "force", "shap")
FEW_ROWS = 20_000


def main() -> None:
    """Train, ask, and print JSON lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=53_000, help="in the made-up world")
    parser.add_argument("--scored", type=int, default=36_000, help="of them, at most")
    parser.add_argument("--learnt", type=int, default=15_000, help="people that models learn from")
    parser.add_argument("--trees", type=int, nargs="+", default=[60, 300], help="a bag, of five")
    parser.add_argument("--calls", type=int, default=3_000, help="for one person")
    parser.add_argument("--starts", type=int, default=7, help="of new processes, each")
    parser.add_argument("--repeats", type=int, default=3, help="of the whole force")
    parser.add_argument("--shap-rows", type=int, default=1_000_000)
    parser.add_argument("--only", nargs="+", choices=JOBS, default=JOBS)
    wanted = parser.parse_args()
    warnings.simplefilter("ignore", rm.RiskModelWarning)  # of this made-up world's dates
    with tempfile.TemporaryDirectory() as folder:
        for line in measure(wanted, Path(folder)):
            print(json.dumps(line), flush=True)


def measure(wanted: argparse.Namespace, folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of all jobs, model by model; new processes and SHAP with the first."""
    for number, trees_a_bag in enumerate(wanted.trees):
        said(f"training a model of {sw.BAGS} x {trees_a_bag} trees and its peers")
        trained = sw.train_model(folder, n_people=wanted.learnt, trees_a_bag=trees_a_bag)
        about = {"model": sw.size_of(trained.model)}
        saved = fit_peers(
            trained.learnt,
            trained.bundle.parent,
            trees=about["model"]["trees"],
            leaves=sw.LEAVES,
        )
        asked = sw.draw_people(trained.model.task, wanted.people, wanted.scored)
        if "one" in wanted.only:
            yield from one_person(trained.model, saved, asked, wanted.calls, about)
        if "start" in wanted.only and not number:
            yield from start_anew(trained, saved, asked, folder, wanted.starts, about)
        if "force" in wanted.only:
            yield from score_a_force(trained.model, saved, asked, wanted.repeats, about)
    if "shap" in wanted.only:
        said("SHAP values")
        yield shap_values(wanted.shap_rows, wanted.repeats)


def shap_values(rows: int, repeats: int) -> dict[str, Any]:
    """SHAP values of many rows; LightGBM's of the first of them alone, and scaled to all."""
    few, ours = shap_speed.measure(min(rows, FEW_ROWS), repeats), shap_speed.measure_many(rows)
    theirs = few["cpu_seconds_pred_contrib"] * rows / few["rows"]
    return {
        "job": "shap values",
        "method": "riskmodel",
        "rows": rows,
        "cpu_seconds": ours["cpu_seconds_riskmodel"],
        "pred_contrib_rows": few["rows"],
        "pred_contrib_cpu_seconds_scaled": clock.rounded(theirs),
        "x_cpu_seconds": clock.rounded(theirs / ours["cpu_seconds_riskmodel"], 3),
        "x_cpu_seconds_same_rows": few["ratio"],
        "max_abs_difference": few["max_abs_difference"],
    }


def one_person(
    model: rm.RiskModel,
    saved: dict[str, Path],
    asked: sw.Asked,
    n_calls: int,
    about: dict[str, Any],
) -> Iterator[dict[str, Any]]:
    """From one person's plain records to a score, warm; and with five reasons."""
    requests = asked.requests(n_calls)
    common = {"model": model, "as_of": sw.AS_OF.to_pydatetime(), "use": "prioritise"}
    check_same(model, asked, requests, common)
    peers = {name: load_peer(name, path) for name, path in saved.items()}
    check_agree(peers, asked.X.iloc[:100])
    rows = [asked.X.iloc[[number]] for number in range(len(requests))]
    for reasons in (0, 5):
        said(f"one person, {reasons} reasons")
        ours: dict[str, clock.Method] = {
            "riskmodel, from records": lambda call, reasons=reasons: rm.score_person(
                **requests[call], **common, reasons=reasons
            )
        }
        theirs: dict[str, clock.Method] = {
            f"{name}, from features": lambda call, predict=predict: predict(rows[call])
            for name, predict in peers.items()
        }
        job = "one person" if not reasons else f"one person, {reasons} reasons"
        for methods, how in ((ours | theirs, ""), (ours, ", asked alone")):
            times = clock.in_turns(methods, len(requests), warm=min(100, len(requests)))
            yield from clock.lines(times, {"job": job + how, **about})


def check_same(
    model: rm.RiskModel, asked: sw.Asked, requests: list[dict[str, Any]], common: dict[str, Any]
) -> None:
    """Stop if one person alone gets other bits than in the table of all."""
    people = [request["person_id"] for request in requests]
    table = rm.score(asked.histories, model, as_of=sw.AS_OF, use="prioritise", people=people)
    for request, probability, margin in zip(
        requests, table["probability"], table["margin"], strict=True
    ):
        reply = rm.score_person(**request, **common, reasons=0)
        assert (reply.probability, reply.margin) == (probability, margin)


def said(text: str) -> None:
    """Say on the error stream what is being done."""
    print(f"{datetime.now():%H:%M:%S} {text}", file=sys.stderr)


if __name__ == "__main__":
    main()
