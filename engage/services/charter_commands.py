"""The only place for `engage charter`: how what was decided would have gone under other rules."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click
import yaml
from flask import current_app
from flask.cli import AppGroup

from engage.rules import charter, thresholds
from engage.rules.refusals import Refusal
from engage.rules.routing import COMPARED, Route, Rule, Tier, TierRule
from engage.services import charter_replay, charters, seats
from engage.services.transaction import begin_reading

charter_commands = AppGroup("charter", help="The board's rules.")
_PARTS = {"charter", "rules", "tiers"}


@charter_commands.command("replay")
@click.option("--with", "file", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="YAML: charter (what differs), rules and tiers (whole lists, as the shipped files).")
@click.option("--sums", is_flag=True, help="Under each item, the sums too.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="A day, such as 2026-01-31; else a year ago.")
def replay(file: Path, since: datetime | None, sums: bool) -> None:
    """Say how what was routed and voted on would have gone under the rules in FILE: a line for each item.

    Nothing is changed.
    """
    begin_reading()
    now = current_app.config["CLOCK"]()
    try:
        told = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        for line in lines(told, since=since.replace(tzinfo=UTC) if since else now - charter_replay.YEAR, now=now,
                          sums=sums):  # fmt: skip
            click.echo(line)
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise click.ClickException(f"{file} is no YAML that can be read: {fault}") from None
    except (Refusal, ValueError) as refusal:
        raise click.ClickException(str(refusal)) from None


def lines(told: Any, *, since: datetime, now: datetime, sums: bool = False) -> list[str]:
    """The replay as lines. Raises ValueError or a refusal that says what is wrong with the file."""
    if not isinstance(told, Mapping) or not set(told) <= _PARTS:
        raise ValueError(f"The file may say {', '.join(sorted(_PARTS))}, and nothing else.")
    board = seats.the_board()
    said = charters.said_by(seats.charter_on(board.id, seats.board_day(board, now)))
    other = told.get("charter") or {}
    if not isinstance(other, Mapping) or not set(other) <= set(said):
        raise ValueError(f"A charter may say: {', '.join(said)}.")
    try:
        said |= {name: Decimal(str(v)) if name.endswith("_cost") and v is not None else v for name, v in other.items()}
        if isinstance(said["thresholds"], Mapping):  # as the file writes it: by kind, cast, second and of
            said["thresholds"] = thresholds.keep(thresholds.of_kinds(said["thresholds"]))
        wrong = charter.wrong_with(said, seats_of_board=len(seats.seats_on(board.id, seats.board_day(board, now))))
    except (TypeError, AttributeError, InvalidOperation):
        raise ValueError("A number or a word of the charter is not of its kind.") from None
    if wrong:
        raise ValueError(" ".join(f"{name}: {sentence}" for name, sentence in wrong.items()))
    tiers = _tiers(told)
    if tiers is not None and not any(tier.least_points <= 0 for tier in tiers):
        raise ValueError("No tier begins at 0 points.")
    found = charter_replay.replay(said, since=since, rules=_rules(told), tiers=tiers, now=now)
    by_item: dict[int, list[charter_replay.Difference]] = {}
    for one in found:
        by_item.setdefault(one.item_id, []).append(one)
    out = []
    for item_id, each in sorted(by_item.items()):
        mark = "CHANGES" if any(one.changes for one in each) else "same"
        went = "; ".join(f"{one.what}: {one.before}{f' -> {one.after}' if one.changes else ''}" for one in each)
        out.append(f"{mark}: item {item_id}, {each[0].title}. {went}")
        out += [f"    {line}" for one in each for line in one.arithmetic] if sums else []
    changed = sum(any(one.changes for one in each) for each in by_item.values())
    return [*out, f"{len(by_item)} items: {changed} would have gone differently."]


def _rules(told: Mapping[str, Any]) -> list[Rule] | None:
    if "rules" not in told:
        return None
    try:
        rules = [
            Rule(row["code"], str(row.get("label", row["code"])), row.get("limit"), int(row["points"]),
                 str(row.get("source", "")))
            for row in told["rules"] if row.get("applies", True)
        ]  # fmt: skip
    except (KeyError, TypeError, AttributeError):
        raise ValueError("Each rule says its code and its points.") from None
    if unknown := {rule.code for rule in rules} - set(COMPARED):
        raise ValueError(f"Nobody knows how to compare {', '.join(sorted(map(str, unknown)))}.")
    return rules


def _tiers(told: Mapping[str, Any]) -> list[TierRule] | None:
    if "tiers" not in told:
        return None
    try:
        return [
            TierRule(Tier(row["tier"]), int(row["least_points"]), Route(row["route"]), str(row.get("source", "")))
            for row in told["tiers"]
        ]
    except (KeyError, TypeError):
        raise ValueError("Each tier says tier, least_points and route.") from None


COMMANDS = (charter_commands,)
