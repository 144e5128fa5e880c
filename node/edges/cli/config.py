"""``creditbank config``: what the node was told."""

from __future__ import annotations

import re

from node.edges.cli.options import HERE, AsJson, Dir, Plain, group
from node.edges.cli.output import Output

# What stands between user and host of an address, where a password is written there.
_PASSWORD = re.compile(r"(://[^:/@?]*):[^@/]*@")

app = group("查看、检查配置。Show and check the configuration.")


@app.command()
def show(directory: Dir = HERE, as_json: AsJson = False, plain: Plain = False) -> None:
    """显示生效的配置，含环境变量。Show what is in force, environment variables included."""
    from node.config import FILE_KEYS, load_config

    values = load_config(directory).model_dump()
    values["database"] = _PASSWORD.sub(r"\1:***@", values["database"])
    labels = {key: key for key in FILE_KEYS}
    Output(as_json, plain).record("config", labels, values)


@app.command()
def check(directory: Dir = HERE, as_json: AsJson = False, plain: Plain = False) -> None:
    """检查配置与口令文件。Check the configuration and the passphrase file."""
    from node.config import load_config, read_passphrase

    config = load_config(directory)
    read_passphrase(config)
    values = {"file": str(config.directory / "config.toml"), "verdict": "OK"}
    labels = {"file": "文件 file", "verdict": "结论 verdict"}
    Output(as_json, plain).record("check", labels, values)
