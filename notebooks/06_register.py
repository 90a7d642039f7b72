# %% [markdown]
# # 6. Register and promote
#
# A version goes into the registry with the audit of that very version, and becomes champion when
# the audit passed, or by a waiver that someone signed, for a short time and with a reason.

# %%
import tempfile
import warnings
from datetime import date, timedelta
from pathlib import Path

import riskmodel as rm

warnings.simplefilter("ignore", rm.SmallGroupWarning)  # a small world has many small cells
world = rm.make_histories(n_people=2_000, seed=0)
snapshots = rm.build_snapshots(
    world.histories,
    rm.Task(offences=world.offences),
    as_of=rm.every("6MS", "2017-01-01", "2022-01-01"),
    known_at="2024-01-01",
    late_allowance_days=0,
)
train, test = rm.split_at(snapshots, "2021-01-01")
model = rm.train(train, permitted_uses=("prioritise",), seed=0)
audit = rm.audit_fairness(model, test, world.histories, world.groups, k=100, n_replicates=200)

# %% [markdown]
# A bundle is a folder of text and arrays. Every digest is checked before a byte is parsed, and a
# changed file is refused.

# %%
folder = Path(tempfile.mkdtemp())
digest = rm.save_bundle(model, folder / "bundle")
rm.verify_bundle(folder / "bundle", digest)
sorted(path.name for path in (folder / "bundle").iterdir())

# %%
altered = sorted((folder / "bundle").glob("*.txt"))[0]
altered.write_text(altered.read_text().replace("1", "2", 1))
try:
    rm.load_bundle(folder / "bundle")
except rm.ModelIntegrityError as error:
    print(str(error).replace(str(folder), "..."))

# %% [markdown]
# Registering needs an audit of this digest; promoting needs it to pass, or a waiver.

# %%
store = f"sqlite:///{folder / 'mlflow.db'}"
version = rm.register(model, "repeat-harm", audit=audit, tracking_uri=store)
print("version", version, "- verdict:", audit.verdict)

# %%
try:
    rm.promote("repeat-harm", version, tracking_uri=store)
except rm.NotAuditedError as error:
    print(error)

# %%
waiver = rm.Waiver(
    name="A. Owner",
    role="head of analysis",
    reason="Trial without consequences; a new audit is booked",
    expires=date.today() + timedelta(days=30),
    model_digest=model.digest,
)
rm.promote("repeat-harm", version, alias="champion", waiver=waiver, tracking_uri=store)

# %% [markdown]
# Whoever loads the champion gets a verified copy of exactly this model.

# %%
champion = rm.load("models:/repeat-harm@champion", tracking_uri=store, cache=folder / "cache")
print("the same model:", champion.digest == model.digest)
