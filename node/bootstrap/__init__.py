"""The composition root: the only place where storage and edges meet."""

from __future__ import annotations

import faulthandler
import gc
import logging
import signal
import threading
from contextlib import ExitStack
from pathlib import Path

from federation.base.clock import SystemClock
from node.bootstrap.bank import review_policy
from node.bootstrap.chores import attempt, every
from node.bootstrap.core import build
from node.bootstrap.serving import serve_local, serve_peers
from node.config import load_config
from node.upkeep import only_process
from node.usecases.accreditation import Accreditation
from node.usecases.applications import Applications
from node.usecases.deciding import Deciding
from node.usecases.reviews import Reviews
from node.usecases.validity import Validity

_LOG = logging.getLogger("creditbank")
CHORES_S = 2.0
AWAITING_S = 0.1
RECOVERING_S = 1.0
ASKING_S = 60.0
COMPARING_S = 30.0
RECONCILING_S = 3600.0
TIDYING_S = 600.0
PREPARING_S = 5.0
# Objects made before the collector looks for cycles, and how often it looks further back.
COLLECTING = (50_000, 20, 100)


def serve(directory: Path) -> int:
    """Run the node of a directory until it is told to stop; return the exit code."""
    # Should native code of a library fail, the log says where.
    faulthandler.enable()
    # A batch makes many values for a moment and a rule a million for good, hardly any in a cycle.
    gc.set_threshold(*COLLECTING)
    config = load_config(directory)
    logging.basicConfig(
        level=config.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("tuf").setLevel(logging.WARNING)
    clock = SystemClock()
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    with only_process(config), ExitStack() as closing:
        core = build(config, clock, closing)
        applications = Applications(core.office)
        rules = core.office.rules
        attempt(lambda: rules.prepare(core.store))
        closing.callback(every(PREPARING_S, lambda: rules.prepare(core.store)))
        # Whoever asks locally may take a member that answers for one that peers reach.
        was_member = core.registry.is_member()
        if was_member:
            serve_peers(config, core, closing)
        serve_local(config, core, applications, closing)
        core.registry.start()
        closing.callback(core.registry.close)
        while not (stop.is_set() or core.registry.is_member()):
            stop.wait(AWAITING_S)
        # Before membership nobody may call; from then on the authorities let in rarely change.
        if not (stop.is_set() or was_member):
            serve_peers(config, core, closing)
        # Nothing is signed before it is known that nobody remembers more of us than we do.
        while not (stop.is_set() or attempt(core.recovery.advance)):
            stop.wait(RECOVERING_S)
        core.couriers.start()
        closing.callback(core.couriers.close)
        core.attestors.start()
        closing.callback(core.attestors.close)
        _LOG.info("%s serves peers at %s", config.province, config.peer_listen)
        closing.callback(every(ASKING_S, core.asking.ask_silent))
        closing.callback(every(COMPARING_S, core.crosschecking.compare_all))
        closing.callback(every(RECONCILING_S, core.reconciliation.reconcile, first_s=ASKING_S))
        closing.callback(every(TIDYING_S, core.evidence.tidy))
        accreditation = Accreditation(core.office, core.evidence)
        closing.callback(every(TIDYING_S, accreditation.expire_unanswered))
        closing.callback(every(TIDYING_S, Validity(core.office).expire_ended))
        reviews = Reviews(core.office, Deciding(core.office), review_policy(config))
        closing.callback(every(ASKING_S, reviews.note_answers))
        while not stop.wait(CHORES_S):
            if attempt(core.recovery.advance):
                attempt(applications.release_lapsed)
                attempt(core.couriers.sweep)
            attempt(lambda: core.store.probe(clock.now_us()))
        _LOG.info("%s stops", config.province)
    return 0
