"""Statistics at the coordinator: taken from members, the newest kept, summed by region."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from federation.base.clock import SystemClock
from federation.base.errors import Breach, Refusal
from federation.coordinator.server import CoordinatorServer
from federation.coordinator.statistics import accept_statistics, sum_regions
from federation.transport.registry_client import submit_statistics
from federation.trust.statistics import Statistics, StatisticsRow, write_statistics
from node.edges.cli.main import app
from tests.e2e.ports import free_port
from tests.federation.registry_world import PASSPHRASE, Applicant, World, new_world

MONTH = "2020-05"


def statistics(applicant: Applicant, *rows: StatisticsRow, made_us: int = 1) -> bytes:
    """Return what a province signs."""
    province = applicant.member.province
    said = Statistics(province=province, month=MONTH, made_us=made_us, rows=rows)
    return write_statistics(said, applicant.signers[0])


def row(peer: str, begun: int | None, granted: int | None) -> StatisticsRow:
    """Return a row of exchanges as source, of which what was not granted was refused."""
    refused = None if begun is None or granted is None else begun - granted
    return StatisticsRow(
        peer=peer,
        direction="OUT",
        begun=begun,
        granted=granted,
        refused=refused,
        hundredths=None if granted is None else granted * 100,
    )


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Return a federation with a registry."""
    return new_world(tmp_path, address=f"127.0.0.1:{free_port()}")


def test_regions_are_sums_of_what_is_shown(world: World, tmp_path: Path) -> None:
    people = world.enrol("CN-31", "CN-33", "CN-35")
    pem = world.office.tls_certificate_pem
    sent = (
        statistics(people["CN-31"], row("CN-33", 40, 20), row("CN-44", 15, None)),
        statistics(people["CN-33"], row("CN-31", 12, 12), row("CN-50", None, None)),
        statistics(people["CN-35"], row("CN-31", 100, 50)),
    )
    with CoordinatorServer(world.office, PASSPHRASE, clock=SystemClock()):
        for document in sent:
            submit_statistics(world.office.address, pem, document)
            submit_statistics(world.office.address, pem, document)
        with pytest.raises(Refusal, match="STATISTICS_FORM"):
            submit_statistics(world.office.address, pem, b"{}")
    [fujian, delta] = sum_regions(world.office)
    assert (fujian.region, fujian.provinces) == ("", ["CN-35"])
    assert (delta.region, delta.month) == ("yangtze-river-delta", MONTH)
    assert delta.provinces == ["CN-31", "CN-33"]
    assert delta.shown["OUT"] == {"begun": 67, "granted": 32, "refused": 20, "hundredths": 3200}
    assert delta.withheld["OUT"] == {"begun": 1, "granted": 2, "refused": 2, "hundredths": 2}
    assert set(delta.shown["IN"].values()) == {0}
    folder = str(world.office.folder)
    command = ["coordinator", "stats", "--folder", folder, "--region", "yangtze-river-delta"]
    printed = CliRunner().invoke(app, [*command, "--json"])
    assert [one["shown"]["OUT"]["begun"] for one in json.loads(printed.stdout)] == [67]
    assert "32 (+2" in CliRunner().invoke(app, command).stdout


def test_the_newest_of_a_month_is_kept(world: World) -> None:
    people = world.enrol("CN-31", "CN-33")
    for made_us, begun in ((5, 40), (9, 50), (7, 60)):
        document = statistics(people["CN-31"], row("CN-33", begun, begun), made_us=made_us)
        accept_statistics(world.office, document, now_us=world.now_us)
    [delta] = sum_regions(world.office, region="yangtze-river-delta")
    assert delta.shown["OUT"]["begun"] == 50


def test_nobody_speaks_for_another(world: World) -> None:
    people = world.enrol("CN-31", "CN-33")
    said = Statistics(province="CN-33", month=MONTH, made_us=1, rows=())
    forged = write_statistics(said, people["CN-31"].signers[0])
    with pytest.raises(Breach, match="KEY_UNKNOWN"):
        accept_statistics(world.office, forged, now_us=world.now_us)
    assert sum_regions(world.office) == []
