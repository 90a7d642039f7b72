"""The small environment of requirements-score.txt answers as the whole one does, bit for bit.

With everything installed, ``score_only.py make FOLDER`` trains a small model on made-up histories
and keeps its bundle, some people's records, and what is answered for each. With only
requirements-score.txt and the package itself, ``score_only.py check FOLDER`` loads the bundle and
answers again.
"""

import json
import sys
import warnings
from importlib.metadata import distributions
from pathlib import Path

N_PEOPLE = 20
AS_OF = "2022-07-01"
BUNDLE, ASKED = "bundle", "asked.json"


def make(folder):
    """Save a bundle, requests and replies."""
    import riskmodel as rm
    from riskmodel.scoring.what_if.cases_of_histories import cases_of

    warnings.simplefilter("ignore", rm.RiskModelWarning)
    folder.mkdir(parents=True, exist_ok=True)
    world = rm.make_histories(600, seed=3)
    task = rm.Task(offences=world.offences, cohort=rm.Cohort(lookback_days=None))
    rows = rm.build_snapshots(
        world.histories, task, as_of=["2018-07-01", "2020-07-01"], known_at=AS_OF
    )
    estimator = rm.RepeatHarmEstimator(n_estimators=10, n_bags=3, n_jobs=1)
    model = rm.train(rows, estimator=estimator, baselines=(), n_replicates=5)
    rm.save_bundle(model, folder / BUNDLE)
    scores = rm.score(world.histories, model, as_of=AS_OF, use="prioritise")
    people = scores.loc[scores["status"] == "scored", "person_id"].head(N_PEOPLE).tolist()
    asked = [as_request(case) for case in cases_of(world.histories, people)]
    asked = json.loads(json.dumps(asked, default=lambda moment: moment.isoformat()))
    content = {"requests": asked, "replies": replies(folder, asked)}
    (folder / ASKED).write_text(json.dumps(content))


def as_request(case):
    return {
        "records": case.records,
        "person_id": case.person_id,
        "person": case.person,
        "updates": case.updates,
        "spells": case.spells,
    }


def replies(folder, requests):
    """Return what is answered for each person, as plain JSON."""
    import riskmodel as rm

    model = rm.load(str(folder / BUNDLE))
    return [
        json.loads(
            rm.score_person(model=model, as_of=AS_OF, use="prioritise", **request).model_dump_json()
        )
        for request in requests
    ]


def check(folder):
    """Fail unless every answer is the one that was kept; say what is installed."""
    content = json.loads((folder / ASKED).read_text())
    found = replies(folder, content["requests"])
    assert len(found) == N_PEOPLE
    assert found == content["replies"]
    assert all(reply["reasons"] and reply["probability"] > 0 for reply in found)
    installed = sorted({each.metadata["Name"] for each in distributions()})
    sys.stdout.write(f"{len(found)} people answered as before, with {', '.join(installed)}\n")


if __name__ == "__main__":
    command, where = sys.argv[1:]
    {"make": make, "check": check}[command](Path(where))
