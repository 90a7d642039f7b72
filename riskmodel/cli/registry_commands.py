"""What can be typed about versions: register, promote, verify, sign, and the store's doctor.

The work is in the modules beside this one.
"""
# ruff: noqa: PLC0415  (a command imports what it needs when it runs: --help needs none of it)

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskmodel.cli.options import Bundle, PublicKey, Store

app = typer.Typer()


@app.command()
def register(
    bundle: Annotated[Path, typer.Argument(help="A bundle folder.")],
    name: Annotated[str, typer.Argument(help="Name of the model in the registry.")],
    audit: Annotated[Path, typer.Option(help="The audit.json of an audit of this very bundle.")],
    store: Store = None,
) -> None:
    """Put a bundle into the registry as a new version; needs an audit of this very bundle.

    For example:

      riskmodel register bundle repeat-harm --audit audit/audit.json
    """
    from riskmodel.cli.registry import run_register

    run_register(bundle=bundle, name=name, audit_path=audit, store=store)


@app.command()
def promote(
    name: Annotated[str, typer.Argument(help="Name of the model in the registry.")],
    version: Annotated[str, typer.Argument(help="The version that register printed.")],
    alias: Annotated[str, typer.Option(help="The alias that points to it.")] = "champion",
    waiver: Annotated[
        Path | None,
        typer.Option(help="TOML file of a signed waiver, if it needs one."),
    ] = None,
    store: Store = None,
) -> None:
    """Point an alias at a version that passes both gates, or by a signed waiver.

    The gates: the stored audit passed; and the back-test in the bundle shows
    the model ahead of the rule in use, and behind no other baseline.

    For example:

      riskmodel promote repeat-harm 1 --waiver waiver.toml
    """
    from riskmodel.cli.registry import run_promote

    run_promote(name=name, version=version, alias=alias, waiver_path=waiver, store=store)


@app.command()
def verify(
    bundle: Bundle,
    digest: Annotated[str | None, typer.Option(help="The digest that it must have.")] = None,
    public_key: PublicKey = None,
    store: Store = None,
) -> None:
    """Check every file of a bundle against its manifest, and the model against its own test.

    With a public key, the bundle must be signed with its other half.

    For example:

      riskmodel verify models:/repeat-harm@champion
    """
    from riskmodel.cli.registry import run_verify

    run_verify(bundle=bundle, digest=digest, public_key=public_key, store=store)


@app.command()
def sign(
    bundle: Annotated[Path, typer.Argument(help="A bundle folder.")],
    key: Annotated[Path, typer.Option(help="PEM file of the private key; keep it offline.")],
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Make the key first, with its public half beside it.")
    ] = False,
) -> None:
    """Put a signature beside a bundle: who has the public key can then require it.

    The key's password is RISKMODEL_KEY_PASSWORD of the environment, or asked for.

    For example:

      riskmodel sign bundle --key signer.pem --new-key
    """
    from riskmodel.cli.sign import run_sign

    run_sign(bundle=bundle, key=key, new_key=new_key)


@app.command()
def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Clear away what was left half done.")] = False,
    store: Store = None,
) -> None:
    """Look for what an interrupted registration left behind.

    For example:

      riskmodel doctor --fix
    """
    from riskmodel.cli.registry import run_doctor

    run_doctor(fix=fix, store=store)
