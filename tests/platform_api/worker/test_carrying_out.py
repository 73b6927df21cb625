"""What comes of a deployment, whose runner follows a script, on a real PostgreSQL."""

from __future__ import annotations

import uuid

from tests.platform_api.deployments.workshop import Workshop
from tests.platform_api.worker.scripted_runner import Script, working


class TestARollbackToTheReleaseBefore:
    def test_goes_no_further_back_when_its_worker_ends(
        self, workshop: Workshop, environment: uuid.UUID
    ) -> None:
        deployment = workshop.deployment(environment, kind="rollback")
        workshop.run("UPDATE deployments SET release = NULL WHERE id = %s", deployment)
        script = Script()
        script.held.set()
        with working(workshop.worker_url, script):
            assert script.releasing.wait(30)
        assert workshop.status(deployment) == "recovering"
        script.releasing.clear()
        script.held.clear()
        with working(workshop.worker_url, script):
            assert script.releasing.wait(30)
        assert [one.release for one in script.orders] == [None, 1]
