"""Files that are not right: each is told by line, cause and remedy, and changes nothing.

Whatever bytes somebody hands in, the answer is a value or a clean reason, never a trace.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from federation.base.errors import CreditBankError
from federation.base.reasons import describe
from node.config import NodeConfig
from node.domain.catalogue_form import read_catalogue
from node.domain.examples import HKQF_7, OUC_10, OUC_10_TO_HKQF_7, example_document
from node.domain.experts_form import read_experts
from node.domain.file_faults import FileBreach
from node.domain.framework_form import read_crosswalk, read_framework
from node.domain.hours_programme import read_programme
from node.domain.programme_form import read_study_programme
from node.domain.rule_form import RuleFormBreach
from node.domain.rule_writing import JSON, TOML, YAML
from node.domain.rulebook_form import canonical_document, parse_rulebook
from node.storage.evidence_shelf import EvidenceShelf
from node.usecases.evidence import Evidence
from node.usecases.publications import (
    CATALOGUE,
    CROSSWALK,
    FRAMEWORK,
    HOURS,
    PROGRAMME,
    RULE,
    Publications,
)
from tests.node.bank_desk import Desk, found, served
from tests.node.cap_documents import KOREA, NO_DOUBLE, OUC
from tests.node.capped import ABROAD, HOME, NAME, programme_text
from tests.node.province import DESTINATION
from tests.node.rulebook_documents import course, entry, grant
from tests.node.rulebook_documents import document as second_form
from tests.node.two_provinces import TwoProvinces

Read = Callable[[bytes], Any]


def rule_content() -> dict[str, Any]:
    """A rule with caps, as a person may write it."""
    caps = [*OUC, *KOREA[:2], *NO_DOUBLE]
    content = second_form(entry(course("C-1"), grant("T-1")), rule=NAME, caps=caps)
    return content | {"catalogues": [HOME, ABROAD]}


CATALOGUE_TABLE = (
    "代码,名称,学分,成果类型,等级,学时\r\n"
    "CS-101,数据库原理,3,学历教育,6,48\r\n"
    "CS-102,操作系统,4,学历教育,6,64\r\n"
).encode()
RULE_JSON = json.dumps(rule_content(), ensure_ascii=False, indent=1).encode()
RULE_YAML = """\
rule: CN-33/general
version: 2
form: 2
title_zh: 通用规则
title_en: General rule
valid_from: "2025-01-01"
catalogues:
  - {key: gd, source: CN-33, name: 本省目录, version: "*"}
  - {key: zj, source: "*", name: 各省目录, version: "*"}
entries:
  - id: e1
    requires: {course: {catalogue: zj, code: C-1}}
    grants: [{target: T-1, catalogue: gd, ratio: 1/1}]
""".encode()
RULE_TOML = """\
rule = "CN-33/general"
version = 2
form = 2
title_zh = "通用规则"
title_en = "General rule"
valid_from = "2025-01-01"

[[catalogues]]
key = "gd"
source = "CN-33"
name = "本省目录"
version = "*"

[[catalogues]]
key = "zj"
source = "*"
name = "各省目录"
version = "*"

[[entries]]
id = "e1"
requires = { course = { catalogue = "zj", code = "C-1" } }
grants = [{ target = "T-1", catalogue = "gd", ratio = "1/1" }]
""".encode()
HOURS_TEXT = """\
name = "CN-33/volunteering"
version = "1"
form = "VOLUNTEERING"
threshold_hours = 32
award_credits = "1.00"
code = "VOL-1"
catalogue = "2026.1"
title = "志愿服务实践"
issuer = "浙江开放大学"
""".encode()
EXPERTS_TABLE = (
    "expert,account,institution,fields,active_from,industry\n"
    "E-1,expert-1,浙江大学,520;880,2025-01-01,否\n"
    "E-2,expert-2,宁波大学,520,2025-01-01,是\n"
).encode()


def in_catalogue(document: bytes) -> Any:
    return read_catalogue(document, name="CN-33/courses", version="1", title="课程目录")


FILES: dict[str, tuple[Read, bytes]] = {
    "catalogue.csv": (in_catalogue, CATALOGUE_TABLE),
    "rule.json": (lambda text: canonical_document(text, JSON), RULE_JSON),
    "rule.yaml": (lambda text: canonical_document(text, YAML), RULE_YAML),
    "rule.toml": (lambda text: canonical_document(text, TOML), RULE_TOML),
    "canonical rule": (parse_rulebook, canonical_document(RULE_JSON)),
    "framework.toml": (read_framework, example_document(OUC_10)),
    "other framework.toml": (read_framework, example_document(HKQF_7)),
    "crosswalk.toml": (read_crosswalk, example_document(OUC_10_TO_HKQF_7)),
    "programme.toml": (read_study_programme, programme_text(graduation="140")),
    "hours.toml": (read_programme, HOURS_TEXT),
    "experts.csv": (read_experts, EXPERTS_TABLE),
}


def told(read: Read, document: bytes) -> list[tuple[int, str]]:
    """Return line and cause of every fault of a file; none where it is right."""
    found: FileBreach | RuleFormBreach | None = None
    try:
        read(document)
    except (FileBreach, RuleFormBreach) as breach:
        found = breach
    except CreditBankError as error:
        pytest.fail(f"a reason without line, cause and remedy: {error}")
    if found is None:
        return []
    assert found.faults
    assert describe(found.reason).zh
    most = max(1, document.count(b"\n") + document.count(b"\r") + 1)
    for fault in found.faults:
        assert 1 <= fault.line <= most
        text = fault.text
        assert all((text.cause_zh, text.cause_en, text.remedy_zh, text.remedy_en))
    return [(fault.line, fault.cause) for fault in found.faults]


@pytest.mark.parametrize("name", FILES)
def test_what_is_right_is_read(name: str) -> None:
    read, document = FILES[name]
    assert told(read, document) == []


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=60, deadline=None)
@given(document=st.one_of(st.binary(max_size=400), st.text(max_size=200).map(str.encode)))
@example(document=b"")
@example(document=b"\x00")
@example(document=b"\xef\xbb\xbf")
@example(document=b"\xff\xfe")
@example(document=b"[" * 4000)
@example(document=b"{" * 4000)
@example(document=b'{"a":' * 3000)
@example(document=b"a = " + b"[" * 3000)
@example(document=b"x = 1e999999\n")
@example(document=b"n = " + b"9" * 6000)
@example(document=b'{"n":' + b"9" * 6000 + b"}")
@example(document=b"&a [*a]")
@example(document=b'"')
@example(document=b"PK\x03\x04 a workbook")
def test_any_bytes_get_a_clean_reason(name: str, document: bytes) -> None:
    told(FILES[name][0], document)


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_a_file_that_was_bent_anywhere_is_read_or_told(name: str, data: st.DataObject) -> None:
    read, document = FILES[name]
    start = data.draw(st.integers(0, len(document)))
    end = data.draw(st.integers(start, min(len(document), start + 40)))
    put = data.draw(
        st.one_of(
            st.binary(max_size=8),
            st.sampled_from(
                [b"", b"null", b"true", b"-1", b"[]", b"{}", b'""', b"\n", b",", b"=", b'"', b"\t"]
            ),
            st.just(document[start:end] * 2),
        )
    )
    told(read, document[:start] + put + document[end:])


BENT = [
    ("catalogue.csv", "CS-102,操作系统,4", "CS-102,操作系统,4.001", (3, "NOT_CREDITS")),
    ("catalogue.csv", "CS-102", "CS-101", (3, "CODE_IN_CONFLICT")),
    ("catalogue.csv", "学分", "分数", (1, "HEADER_UNKNOWN")),
    ("catalogue.csv", "学历教育,6,64", "学历教育,6", (3, "CELL_COUNT")),
    ("catalogue.csv", "操作系统", '"操作系统', (3, "QUOTES")),
    ("rule.json", '"at_most": 4200', '"at_most": "4200"', (0, "CAP_AMOUNT")),
    ("rule.json", '"ratio": "1/1"', '"ratio": "1/0"', (0, "")),
    ("rule.json", '"version": 1,', '"version": 1,,', (3, "NOT_JSON")),
    ("rule.yaml", "version: 2", "version: 2\nversion: 3", (0, "KEY_REPEATED")),
    ("rule.yaml", "id: e1", "id: &x e1", (11, "YAML_ALIAS")),
    ("rule.yaml", "catalogue: zj", "catalogue: xx", (0, "")),
    ("rule.toml", "form = 2", "form = 2\ncolour = 1", (4, "KEY_UNKNOWN")),
    ("rule.toml", 'id = "e1"', "id = ", (21, "NOT_TOML")),
    ("framework.toml", "rank = 1\n", "rank = 2\n", (0, "RANKS")),
    ("crosswalk.toml", "to = [", "to = [0, ", (0, "RANKS_BESIDE")),
    ("programme.toml", '"140"', "140", (10, "NOT_CREDITS")),
    ("hours.toml", "threshold_hours = 32", "threshold_hours = 0", (4, "NOT_A_COUNT")),
    ("hours.toml", '"VOLUNTEERING"', '"SLEEPING"', (3, "OUTCOME_FORM")),
    ("hours.toml", '"1.00"', '"1.001"', (5, "AWARD_CREDITS")),
    ("hours.toml", 'title = "志愿服务实践"\n', "", (1, "KEY_MISSING")),
    ("hours.toml", "version", "versions", (2, "KEY_UNKNOWN")),
    ("experts.csv", "E-2", "E-1", (3, "EXPERT_REPEATED")),
    ("experts.csv", "expert-2", "expert-1", (3, "EXPERT_REPEATED")),
    ("experts.csv", "520,2025-01-01,是", "520,2025-02-30,是", (3, "NOT_A_DATE")),
    ("experts.csv", "520,2025-01-01,是", ",2025-01-01,是", (3, "CELL_EMPTY")),
    ("experts.csv", "是", "maybe", (3, "TRUTH_WORD")),
    ("experts.csv", ",industry", ",trade", (1, "HEADER_UNKNOWN")),
    ("experts.csv", "expert,account", "expert,accounts", (1, "HEADER_MISSING")),
]


def bent(name: str, find: str, put: str) -> bytes:
    text = FILES[name][1].decode()
    assert find in text, find
    return text.replace(find, put, 1).encode()


@pytest.mark.parametrize(("name", "find", "put", "fault"), BENT)
def test_a_fault_stands_at_its_line(name: str, find: str, put: str, fault: tuple[int, str]) -> None:
    faults = told(FILES[name][0], bent(name, find, put))
    line, cause = fault
    assert faults
    if line:
        assert fault in faults
    elif cause:
        assert cause in [one for _, one in faults]


KINDS = {
    "rule.json": RULE,
    "framework.toml": FRAMEWORK,
    "crosswalk.toml": CROSSWALK,
    "programme.toml": PROGRAMME,
    "hours.toml": HOURS,
    "catalogue.csv": CATALOGUE,
}


@pytest.mark.parametrize("two", ["sqlite"], indirect=True)
def test_whatever_is_handed_in_changes_nothing_where_it_is_not_right(two: TwoProvinces) -> None:
    node = two.destination
    desk, before = Publications(node.office), node.dump()
    listed = [(name, bent(name, find, put)) for name, find, put, _ in BENT if name in KINDS]
    listed += [(name, junk) for name in KINDS for junk in (b"", b"\x00", b"[1]", b"{}", b"null")]
    for name, document in listed:
        with pytest.raises(CreditBankError):
            desk.hand_in(KINDS[name], document, by="operator-li")
    assert node.dump() == before


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> NodeConfig:
    return found(tmp_path_factory.mktemp("node") / "node", DESTINATION)


@pytest.fixture
def commands(
    two: TwoProvinces,
    config: NodeConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Desk]:
    office = two.destination.office
    evidence = Evidence(office, EvidenceShelf(tmp_path / "files"), None)  # type: ignore[arg-type]
    with served(config, office, evidence, monkeypatch):
        yield Desk(capsys)


IMPORTS: dict[str, tuple[str, ...]] = {
    "catalogue.csv": ("catalogue", "import"),
    "framework.toml": ("framework", "import"),
    "crosswalk.toml": ("framework", "import", "--crosswalk"),
    "programme.toml": ("programme", "import"),
    "hours.toml": ("hours", "import"),
    "experts.csv": ("expert", "import"),
}


@pytest.mark.parametrize("two", ["sqlite"], indirect=True)
def test_commands_name_file_line_cause_and_remedy_in_both_languages(
    two: TwoProvinces, commands: Desk, tmp_path: Path
) -> None:
    before = two.destination.dump()
    for name, find, put, _ in BENT:
        if name not in IMPORTS:
            continue
        file = tmp_path / name
        file.write_bytes(bent(name, find, put))
        more = ("--name", "CN-33/courses", "--version", "1", "--title", "目录")
        extra = more if name == "catalogue.csv" else ()
        code, said = commands.run(*IMPORTS[name], str(file), *extra)
        assert code == 1, (name, find)
        for fault in said["faults"]:
            assert fault["file"] == name
            assert fault["line"] >= 1
            assert all(fault[key] for key in ("cause", "why", "why_en"))
    assert two.destination.dump() == before


@pytest.mark.parametrize("two", ["sqlite"], indirect=True)
def test_a_list_of_experts_that_is_right_is_taken_in(
    two: TwoProvinces, commands: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "experts.csv"
    file.write_bytes(EXPERTS_TABLE.decode().encode("gb18030"))
    assert commands.ok("expert", "import", str(file))["list"] == {"experts": 2}
    listed = {one["expert"]: one for one in commands.ok("expert", "list")["experts"]}
    assert (listed["E-1"]["fields"], listed["E-2"]["is_industry"]) == (["520", "880"], True)
