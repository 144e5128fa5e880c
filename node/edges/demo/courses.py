"""An invented catalogue. Nothing here is any province's real catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from federation.base.names import province_name
from node.domain.outcomes import (
    CERTIFICATE,
    DEGREE,
    FIVE,
    INFORMAL,
    OTHER,
    PASS,
    PERCENT,
    TRAINING,
)

CATALOGUE = "EX-2025.1"


@dataclass(frozen=True, slots=True)
class Course:
    """An invented course; credits in hundredths."""

    code: str
    title: str
    kind: str
    scale: str
    level: int
    field: str
    hours: int
    hundredths: int


COURSES = (
    Course("EX-DEG-101", "大学语文（示例）", DEGREE, PERCENT, 5, "750", 54, 300),
    Course("EX-DEG-102", "高等数学基础（示例）", DEGREE, PERCENT, 5, "110", 72, 400),
    Course("EX-DEG-103", "管理学原理（示例）", DEGREE, PERCENT, 6, "630", 54, 300),
    Course("EX-DEG-104", "数据库应用（示例）", DEGREE, PERCENT, 6, "520", 63, 350),
    Course("EX-DEG-105", "学前教育概论（示例）", DEGREE, FIVE, 5, "880", 36, 200),
    Course("EX-CRT-201", "养老护理员证书（示例）", CERTIFICATE, PASS, 4, "320", 80, 450),
    Course("EX-CRT-202", "电子商务师证书（示例）", CERTIFICATE, FIVE, 4, "790", 60, 300),
    Course("EX-CRT-203", "新能源汽车维修证书（示例）", CERTIFICATE, PASS, 4, "580", 96, 525),
    Course("EX-TRN-301", "智慧农业培训（示例）", TRAINING, FIVE, 3, "210", 40, 225),
    Course("EX-TRN-302", "社区治理培训（示例）", TRAINING, PASS, 3, "840", 24, 125),
    Course("EX-TRN-303", "跨境贸易实务培训（示例）", TRAINING, PERCENT, 4, "790", 48, 250),
    Course("EX-INF-401", "家庭教育公开课（示例）", INFORMAL, PASS, 2, "880", 16, 75),
    Course("EX-INF-402", "短视频制作自学（示例）", INFORMAL, PASS, 2, "860", 20, 100),
    Course("EX-LOC-501", "地方戏曲传承（示例）", INFORMAL, OTHER, 2, "760", 30, 150),
    Course("EX-LOC-502", "传统手工艺研习（示例）", TRAINING, OTHER, 3, "760", 36, 175),
)
# Nobody takes it elsewhere by rule; a panel decides what it counts as.
FOR_A_PANEL = Course("EX-WRK-601", "养老机构工作经历（示例）", INFORMAL, OTHER, 4, "320", 320, 600)
_GRADES = {
    FIVE: ("优秀", "良好", "中等", "及格"),
    PASS: ("合格",),
    OTHER: ("评定：甲", "评定：乙"),
}


def draw_grade(chance: Random, scale: str) -> str:
    """Return a passing grade in the spelling of its scale."""
    if scale == PERCENT:
        return str(chance.randint(60, 98))
    return chance.choice(_GRADES[scale])


def issuer(province: str) -> str:
    """Return an institution of the province, marked as an example."""
    return f"{province_name(province).zh}开放大学（示例）"
