"""The local cloud's load balancer: Envoy, told in its own words what the API was told in AWS's.

Pure translation, snapshot to Envoy's configuration:
- `names.py`       what a thing is called in Envoy, and in CloudWatch.
- `conditions.py`  a rule's conditions as what a route matches.
- `routes.py`      a listener's rules as routes; weights and stickiness are here.
- `replies.py`     what an application load balancer answers when it is not the target that answers.
- `listeners.py`, `clusters.py`, `endpoints.py` the rest of it; `configuration.py` puts all together.
- `health.py`      a target's state after each check; `statistics.py` Envoy's counters as CloudWatch's metrics.

Actions at the edge:
- `envoy.py`       finds, starts, watches and ends the process; `admin.py` asks it.
- `files.py`       hands it the configuration, in an order in which no request is lost.
- `probe.py`       checks one target; `checker.py` checks all when it is time.
- `certificates.py` makes the certificates of HTTPS listeners.
- `balancer.py`    the part of the data plane that ties them together.
"""
